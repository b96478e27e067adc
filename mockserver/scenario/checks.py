"""What no schema can check of a scenario: names and references, sums, families, scopes.

Each check is a function over the parts of a scenario that are well-formed; it yields mistakes with their places.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from mockserver.contract import contract
from mockserver.kernel.spelling import did_you_mean
from mockserver.models.base import UUID_PATTERN
from mockserver.scenario.document import Found, Path
from mockserver.scenario.error_messages import unknown
from mockserver.scenario.errors import Mistake
from mockserver.scenario.faults import contradictions, mistakes
from mockserver.scenario.faults import references as named_by
from mockserver.scenario.profile_checks import profile
from mockserver.scenario.references import references as referred
from mockserver.scenario.seeds import FAMILIES, NAMED
from mockserver.scenario.step_checks import check_steps
from mockserver.scenario.templates import BUILT_IN, MATCHERS
from mockserver.scenario.well_formed import Parts

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
    for section in NAMED:
        for path, entry in parts.raw(section):
            for key in ("id", "as", "isin"):
                if key in entry:
                    place = ("as" if key == "as" else f"{section}.{key}", str(entry[key]).lower())
                    yield from _again(seen, place, (*path, key), f"{key} {entry[key]}", parts)
    for section, family in FAMILIES.items():
        what = f"an entry with this {' and this '.join(family.unique)}"
        for path, entry in parts.raw(section) if family.unique else ():
            given = [str(entry.get(member)) for member in family.unique]
            yield from _again(seen, (f"{section} unique", " ".join(given)), path, what, parts)


def _again(seen: dict[tuple[str, str], Path], place: tuple[str, str], path: Path, what: str, parts: Parts) -> Found:
    if place in seen:
        yield path, f"{what} stands on line {parts.document.line(seen[place])} already"
    seen.setdefault(place, path)


def reserved(parts: Parts) -> Found:
    """A name does not hide what the templates have."""
    for section in NAMED:
        for path, entry in parts.raw(section):
            if entry.get("as") in (*BUILT_IN, *MATCHERS):
                yield (*path, "as"), f"${{{entry['as']}}} has a meaning already: choose another name"


def references(parts: Parts) -> Found:
    """What one entry says of another is there."""
    for section in FAMILIES:
        for path, entry in parts.entries(section):
            for place, reference, family in referred(entry):
                yield from _reference(parts, parts.written((*path, *place)), reference, family)


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


def entries(parts: Parts) -> Found:
    """Each family's own rules for an entry."""
    for section, family in FAMILIES.items():
        if family.check is not None:
            for path, entry in parts.entries(section):
                yield from family.check(parts, path, entry)


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
    seen: dict[tuple[str, str], Path] = {}
    for path, raw in parts.raw("faults"):
        if isinstance(raw.get("as"), str):
            yield from _again(seen, ("fault", raw["as"]), (*path, "as"), f"a fault with the name {raw['as']}", parts)
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
    twice, reserved, references, entries, client, client_keys, faults, check_steps,
)  # fmt: skip
