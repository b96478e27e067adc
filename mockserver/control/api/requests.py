"""``…/requests``: the requests of the client, assertions on them, waiting for them, and forgetting them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from mockserver.control.commands import (
    DEFAULT_LIMIT,
    LIMIT,
    POSITION,
    CommandRequest,
    CommandResponse,
    LeftOut,
    command,
)
from mockserver.control.refusals import BAD_CHECK
from mockserver.control.request_waits import wait
from mockserver.control.unknown_names import unknown_names
from mockserver.control.verification import Miss, Pattern, RequestWait, Verification, misses, nearest
from mockserver.control.views import (
    entry_view,
    last,
)
from mockserver.hosting.refusals import BAD_SETTING
from mockserver.kernel.durations import duration
from mockserver.kernel.quoting import quoted
from mockserver.kernel.violations import joined
from mockserver.protocol.journal import Entry, Recorded
from mockserver.scenario.matching import shown
from mockserver.scenario.templates import regex_of

MOST_MATCHES = 100
"""Requests that fit and are named."""

LONGEST_WAIT: Final = timedelta(minutes=10)
"""Of the machine's time."""


@command(
    "POST",
    "/_mock/worlds/{world}/requests/verify",
    takes=Verification,
    records=LeftOut("it looks at the requests and changes nothing"),
)
def verify(request: CommandRequest) -> Any:
    """Whether the client asked what it should have, so many times: always 200, and ``verified`` says yes or no.

    A check that can be read is answered, whatever comes out: a status of its own would say that the question was wrong.
    One with a name that the API does not have is refused, for ``never`` would hold of it whatever the client did: an
    operation, a path, a method, a parameter or a member of the body. A path that the client did ask for is known, and
    one that is given with ``unknown_path``.
    When it is not verified, ``nearest`` has the requests that come closest, each with why it missed, in words.
    """
    asked, tenant = request.read(Verification), request.tenant
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
    return {
        "verified": verified,
        "matched": len(matched),
        "expected": asked.expected,
        "requests": [_named(entry) for entry in matched[:MOST_MATCHES]],
        "nearest": [] if len(matched) >= least else _shown(nearest(missed)),
        "looked_at": len(entries),
        "forgotten": max(0, journal.end - asked.since - len(entries)),
    }


@command(
    "POST",
    "/_mock/worlds/{world}/requests/wait",
    takes=RequestWait,
    records=LeftOut("it looks at the requests and changes nothing"),
)
async def wait_for_requests(request: CommandRequest) -> Any:
    """Wait until `count` requests fit, with those that are there already: always 200, and `verified` says if they do.

    The members and names are those of `verify`. `requests` has the first `count` that fit, whole; `since` takes the
    number of an earlier request (`last` of `GET …/requests`), so that only later ones count. `timeout` is of the
    machine's time.

    It ends at once where nothing is under way that could bring a request: the clock is frozen, no command moves it, no
    request waits for its answer, and no webhook was delivered since the request `since`. Where one was, the application
    may have acknowledged it and still work: then it waits for the whole `timeout`, as it does with `patient`. `reason`
    says why it ended, `nearest` has the requests that come closest. A world that is removed meanwhile is a 404.
    """
    asked, tenant = request.read(RequestWait), request.tenant
    _check(asked, tenant.journal.since(0))
    seconds = _seconds(asked.timeout)
    found = await wait(tenant, asked, asked.count, seconds, request.departure(), patient=asked.patient)
    return {
        "verified": found.reason is None,
        "matched": len(found.matched),
        "expected": f"at least {asked.count}",
        "requests": [
            entry_view(entry, tenant.explanations.get(entry.request_id)) for entry in found.matched[: asked.count]
        ],
        "nearest": [] if found.reason is None else _shown(found.nearest),
        "looked_at": found.looked_at,
        "forgotten": max(0, tenant.journal.end - asked.since - found.looked_at),
        "reason": found.reason,
    }


def _seconds(text: str) -> float:
    try:
        span = duration(text)
    except ValueError as error:
        raise BAD_SETTING.refuse(name="timeout", problem=error) from None
    if span > LONGEST_WAIT:
        raise BAD_SETTING.refuse(name="timeout", problem=f"must be at most 10m, not {text}")
    return span.total_seconds()


def _shown(missed: Sequence[Miss]) -> list[dict[str, Any]]:
    return [_named(miss.entry) | {"missed": miss.reasons} for miss in missed]


@command(
    "DELETE",
    "/_mock/worlds/{world}/requests",
    status=204,
    records=LeftOut("the requests are what is recorded: after it there is no recording before a reset"),
)
def forget(request: CommandRequest) -> CommandResponse:
    """Empty the journal; numbers go on, and the world stays as it is. After it there is no recording before a reset."""
    return CommandResponse(204, then=request.tenant.journal.clear)


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


@command("GET", "/_mock/worlds/{world}/requests", query={"since": POSITION, "limit": LIMIT})
def requests(request: CommandRequest) -> Any:
    """The last requests of the client and their answers; those after the number ``since``.

    ``last`` is the number of the last request of all: a mark, since which to look later.
    """
    tenant = request.tenant
    found = tenant.journal.kept_since(request.value("since", 0))
    limit = request.value("limit", DEFAULT_LIMIT)

    def view(kept: tuple[int, Recorded]) -> dict[str, Any]:
        entry = tenant.journal.entry(*kept)
        return entry_view(entry, tenant.explanations.get(entry.request_id))

    shown = last(found, limit, view)
    return {"last": tenant.journal.end, "total_count": len(found), "requests": shown}
