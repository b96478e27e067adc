"""Commands about the requests of a client: asserting on them, and forgetting them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from mockserver.control.asking import Ask, Told, command
from mockserver.control.expecting import unknown_names
from mockserver.control.recording import changes_nothing
from mockserver.control.refusals import BAD_CHECK
from mockserver.control.verifying import NEAREST, Miss, Pattern, Verification, misses
from mockserver.kernel.quoting import quoted
from mockserver.kernel.violations import joined
from mockserver.protocol.journal import Entry
from mockserver.scenario.matching import shown
from mockserver.scenario.templates import regex_of

MOST_MATCHES = 100
"""Requests that fit and are named."""


@command("POST", "/_mock/worlds/{world}/requests/verify", takes=Verification, records=changes_nothing)
def verify(ask: Ask) -> Any:
    """Whether the client asked what it should have, so many times: always 200, and ``verified`` says yes or no.

    A check that can be read is answered, whatever comes out: a status of its own would say that the question was wrong.
    One with a name that the API does not have is refused, for ``never`` would hold of it whatever the client did: an
    operation, a path, a method, a parameter or a member of the body. A path that the client did ask for is known, and
    one that is given with ``unknown_path``.
    When it is not verified, ``nearest`` has the requests that come closest, each with why it missed, in words.
    """
    asked, tenant = ask.read(Verification), ask.tenant
    journal = tenant.journal
    entries = journal.since(asked.since)
    _check(asked, journal.since(0) if asked.since else entries)
    matched: list[Entry] = []
    missed: list[Miss] = []
    for entry in entries:
        miss = misses(asked, entry)
        if miss is None:
            matched.append(entry)
        else:
            missed.append(miss)
    least, most = asked.bounds
    verified = least <= len(matched) and (most is None or len(matched) <= most)
    forgotten = journal.end - asked.since - len(entries)
    nearest = sorted(missed, key=lambda miss: (miss.distance, -miss.entry.number))[:NEAREST]
    return {
        "verified": verified,
        "matched": len(matched),
        "expected": asked.expected,
        "requests": [_named(entry) for entry in matched[:MOST_MATCHES]],
        "nearest": [] if len(matched) >= least else [_named(miss.entry) | {"missed": miss.reasons} for miss in nearest],
        "looked_at": len(entries),
        "forgotten": max(0, forgotten),
    }


@command("DELETE", "/_mock/worlds/{world}/requests", status=204, records=changes_nothing)
def forget(ask: Ask) -> Told:
    """Empty the journal; numbers go on, and the world stays as it is. After it there is no recording before a reset."""
    return Told(204, then=ask.tenant.journal.clear)


def _named(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "operation": entry.operation,
        "status": entry.status,
        "refusal": entry.refusal,
    }


def _check(asked: Pattern, entries: Sequence[Entry]) -> None:
    """Refuse what could never fit: forms and expressions that cannot be read, names that the contract does not know."""
    for mark, wrong in _marks(asked.body):
        problem = f"(root).body: {mark} takes {'a whole number' if mark == '$length' else 'a list'}, not {wrong}"
        raise BAD_CHECK.refuse(violations=problem)
    for text in _texts([asked.body, asked.headers, asked.query]):
        expression = regex_of(text)
        try:
            re.compile(expression or "")
        except (re.error, RecursionError, OverflowError) as error:
            problem = f"{quoted(expression)} is no regular expression: {error}"
            raise BAD_CHECK.refuse(violations=problem) from None
    unknown = list(unknown_names(asked, entries))
    if unknown:
        raise BAD_CHECK.refuse(violations=joined(unknown))


def _marks(value: Any) -> Iterator[tuple[str, str]]:
    """The forms of lists that are given something else."""
    if isinstance(value, dict):
        for mark, inner in value.items() if len(value) == 1 else ():
            good = {"$contains": list, "$any_order": list, "$length": int}.get(mark)
            if good is not None and (not isinstance(inner, good) or isinstance(inner, bool)):
                yield mark, shown(inner, 100)
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _marks(inner)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    return [text for each in value for text in _texts(each)] if isinstance(value, list) else []
