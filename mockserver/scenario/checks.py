"""What no schema can check of a scenario: names and references, sums, families, scopes.

Each check is a function over the parts of a scenario that are well-formed; it yields mistakes with their places.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from mockserver.contract import contract
from mockserver.kernel.money import total
from mockserver.kernel.spelling import did_you_mean
from mockserver.models.base import UUID_PATTERN
from mockserver.models.webhooks import WebhookEventFamily, WebhookExcludableEventFamily
from mockserver.scenario.complaints import unknown
from mockserver.scenario.crowds import GeneratedAccounts
from mockserver.scenario.document import Path
from mockserver.scenario.faults import contradictions, mistakes
from mockserver.scenario.faults import references as named_by
from mockserver.scenario.mistakes import Mistake
from mockserver.scenario.parts import Found, Parts
from mockserver.scenario.schema import SEEDED
from mockserver.scenario.script import check_steps
from mockserver.scenario.settings import profile, stages
from mockserver.scenario.templates import BUILT_IN, MATCHERS

_UUID = re.compile(UUID_PATTERN)


def check(parts: Parts) -> list[Mistake]:
    """Every mistake in the parts."""
    return [
        *(parts.document.mistake(path, text) for each in CHECKS for path, text in each(parts)),
        *profile(parts),
    ]


def twice(parts: Parts) -> Found:
    """No name, id, ISIN or configuration stands twice."""
    seen: dict[tuple[str, str], Path] = {}
    for section in SEEDED:
        for path, entry in parts.raw(section):
            for key in ("id", "as", "isin"):
                if key in entry:
                    place = ("as" if key == "as" else f"{section}.{key}", str(entry[key]).lower())
                    yield from _again(seen, place, (*path, key), f"{key} {entry[key]}", parts)
    for path, entry in parts.raw("configurations"):
        if "account_id" in entry:
            place = ("configured", str(entry["account_id"]))
            yield from _again(seen, place, (*path, "account_id"), "a configuration of this account", parts)
    for path, entry in parts.raw("positions"):
        place = ("held", f"{entry.get('account_id')} {entry.get('instrument')}")
        yield from _again(seen, place, path, "this position", parts)


def _again(seen: dict[tuple[str, str], Path], place: tuple[str, str], path: Path, what: str, parts: Parts) -> Found:
    if place in seen:
        yield path, f"{what} stands on line {parts.document.line(seen[place])} already"
    seen.setdefault(place, path)


def reserved(parts: Parts) -> Found:
    """A name does not hide what the templates have."""
    for section in SEEDED:
        for path, entry in parts.raw(section):
            if entry.get("as") in (*BUILT_IN, *MATCHERS):
                yield (*path, "as"), f"${{{entry['as']}}} has a meaning already: choose another name"


REFERENCES = (
    # family, member, the family it refers to
    ("identifiers", "user_id", "users"),
    ("tax_residencies", "user_id", "users"),
    ("checks", "user_id", "users"),
    ("account_groups", "user_id", "users"),
    ("accounts", "user_id", "users"),
    ("accounts", "account_group_id", "account_groups"),
    ("accounts", "allocation_id", "allocations"),
    ("prices", "instrument", "instruments"),
    ("configurations", "account_id", "accounts"),
    ("configurations", "allocation_id", "allocations"),
    ("configurations", "rebalancing_strategy_ids", "strategies"),
    ("cash", "account_group_id", "account_groups"),
    ("cash", "account_id", "accounts"),
    ("positions", "account_id", "accounts"),
    ("positions", "instrument", "instruments"),
)


def references(parts: Parts) -> Found:
    """What one entry says of another is there."""
    for section, member, target in REFERENCES:
        for path, entry in parts.entries(section):
            given = getattr(entry, member, None)
            for reference in given if isinstance(given, tuple) else (given,) if given else ():
                yield from _reference(parts, (*path, member), reference, target)
    for path, entry in parts.entries("account_groups"):
        for index, member in enumerate(entry.users or ()):
            yield from _reference(parts, (*path, "users", index), member.id, "users")
    for path, entry in parts.entries("allocations"):
        for index, item in enumerate(entry.allocation):
            place = (*path, "allocation", index, "instrument_id")
            yield from _reference(parts, place, item.instrument_id, "instruments")


def _reference(parts: Parts, path: Path, reference: str, target: str) -> Found:
    if parts.knows(target, reference):
        return
    hint = ""
    if reference in parts.names:
        hint = f"; {reference!r} is one of {parts.names[reference]}"
    elif target == "instruments" and parts.settings.get("instruments") != "sandbox":
        hint = "; the published sandbox instruments are there only with 'instruments: sandbox' in the profile"
    else:
        hint = did_you_mean(reference, parts.called(target), shown=repr)
    yield path, f"{reference!r} is not among the {target} of this scenario{hint}"


def weights(parts: Parts) -> Found:
    """The weights of an allocation are above zero and sum to the whole, exactly (portfolios.md §2)."""
    behaviour = parts.settings.get("behaviour")
    strict = isinstance(behaviour, dict) and behaviour.get("weights_sum") == "one"
    for path, entry in parts.entries("allocations"):
        numbers = []
        for index, item in enumerate(entry.allocation):
            try:
                number = Decimal(item.weight)
            except InvalidOperation:
                number = Decimal(0)
            if not number.is_finite() or number <= 0:
                yield (*path, "allocation", index, "weight"), f'{item.weight!r} is no weight: write for example "0.6"'
                break
            numbers.append(number)
        else:
            whole = total(numbers)
            if whole != 1 and (strict or whole != 100):
                yield (
                    (*path, "allocation"),
                    f"the weights sum to {whole}, not to exactly {'1' if strict else '1 or 100'}",
                )
        instruments = [item.instrument_id for item in entry.allocation]
        for index, reference in enumerate(instruments):
            if reference in instruments[:index]:
                yield (*path, "allocation", index), f"instrument {reference} stands in this allocation twice"


def seeds(parts: Parts) -> Found:
    """Rules between the members of one entry."""
    for path, entry in parts.entries("cash"):
        if (entry.account_group_id is None) == (entry.account_id is None):
            yield path, "needs either account_group_id or account_id"
    for path, entry in parts.entries("prices"):
        yield from price(path, entry)
    accounts = {name: each for _, each in parts.entries("accounts") for name in _called(each)}
    for path, entry in parts.entries("configurations"):
        account = accounts.get(entry.account_id)
        if account is not None and account.type != "PORTFOLIO":
            yield (
                (*path, "account_id"),
                f"only PORTFOLIO accounts have one: {entry.account_id!r} is {account.type}",
            )
    for path, entry in parts.entries("accounts"):
        for member in ("invested", "cash") if isinstance(entry, GeneratedAccounts) else ():
            limits = getattr(entry, member)
            if limits is not None and limits[0] > limits[1]:
                yield (*path, member), f"is a range from less to more, not from {limits[0]} to {limits[1]}"


def _called(entry: Any) -> list[str]:
    """The id and the name of an entry, as far as it has them."""
    return [name for name in (getattr(entry, "id", None), getattr(entry, "as_", None)) if name]


def price(path: Path, entry: Any) -> Found:
    """A price is of a day, or of now."""
    given = entry.model_fields_set
    if "day" in given and "eod" not in given:
        yield path, "gives a day without its end-of-day price: add eod (null: no price that day)"
    if "eod" in given and "day" not in given:
        yield path, "gives an end-of-day price without its day: add day"
    if not given & {"eod", "bid", "ask"}:
        yield path, "gives no price: add eod with day, or bid and ask"
    if given & {"bid", "ask"} and "day" in given:
        yield path, "bid and ask are prices of now: give the day's eod in an entry of its own"


FAMILIES = {"type": tuple(map(str, WebhookEventFamily)), "exclude_type": tuple(map(str, WebhookExcludableEventFamily))}


def webhooks(parts: Parts) -> Found:
    """Subscriptions are to families that exist."""
    for path, entry in parts.entries("webhooks"):
        for member, known in FAMILIES.items():
            for index, family in enumerate(getattr(entry, member) or ()):
                if family not in known:
                    yield (*path, member, index), unknown(family, known, "is no webhook family")


def client(parts: Parts) -> Found:
    """The client has scopes that exist."""
    known = {scope for operation in contract().operations.values() for scope in operation.scopes}
    for index, scope in enumerate(parts.sections["client"].scopes or ()):
        if scope not in known:
            yield ("client", "scopes", index), unknown(scope, known, "is no scope")


def client_keys(parts: Parts) -> Found:
    """The client's keys are PEM texts of public keys, each under an id of its own."""
    seen: dict[tuple[str, str], Path] = {}
    for index, key in enumerate(parts.sections["client"].keys):
        path: Path = ("client", "keys", index)
        yield from _again(seen, ("key", key.id), (*path, "id"), f"the key {key.id}", parts)
        if not _is_public_key(key.public_key):
            yield (*path, "public_key"), "this is no public key in PEM: it begins with -----BEGIN PUBLIC KEY-----"


def _is_public_key(pem: str) -> bool:
    # lazy: 20 ms at the first use, and few scenarios bring keys
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        load_pem_public_key(pem.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True


def faults(parts: Parts) -> Found:
    """Faults are about operations, events and resources that exist, and none of them keeps another from ever acting."""
    for path, fault in parts.entries("faults"):
        for place, text in mistakes(fault):
            yield (*path, *place), text
        for place, reference, family in named_by(fault):
            if not _UUID.fullmatch(reference):
                yield from _reference(parts, (*path, *place), reference, family)
    for index, other in contradictions(parts.sections["faults"]):
        line = parts.document.line(("faults", other))
        yield ("faults", index), f"never acts: the fault on line {line} takes all that it means"


CHECKS: tuple[Callable[[Parts], Found], ...] = (
    twice, reserved, references, weights, seeds, webhooks, client, client_keys, faults, stages, check_steps,
)  # fmt: skip
