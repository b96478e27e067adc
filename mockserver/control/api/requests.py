"""``…/requests``: the requests of the client, assertions on them, waiting for them, and forgetting them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from mockserver.control.commands import (
    FLAG,
    LOOKS,
    TEXT,
    CommandRequest,
    CommandResponse,
    LeftOut,
    command,
)
from mockserver.control.one_request import request_in_full
from mockserver.control.pages import PAGED, after, page
from mockserver.control.refusals import BAD_CHECK, NO_REQUEST
from mockserver.control.request_waits import wait
from mockserver.control.unknown_names import unknown_names
from mockserver.control.verification import Miss, Pattern, RequestWait, Verification, misses, nearest, path_fits
from mockserver.control.views import (
    Shown,
    entry_view,
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

METHOD: Final = {"type": "string", "enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]}
STATUS: Final = {"type": "integer", "minimum": 0, "maximum": 599}

LONGEST_WAIT: Final = timedelta(minutes=10)
"""Of the machine's time."""


@command(
    "POST",
    "/_mock/worlds/{world}/requests/verify",
    takes=Verification,
    records=LOOKS,
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
    records=LOOKS,
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


@command(
    "GET",
    "/_mock/worlds/{world}/requests",
    query={"operation": TEXT, "method": METHOD, "path": TEXT, "status": STATUS, "refused": FLAG, **PAGED},
)
def requests(request: CommandRequest) -> Any:
    """The last requests of the client and their answers; with ``since`` the first after that number.

    ``operation``, ``method``, ``path`` (``*`` for anything) and ``status`` choose some of them, ``refused`` those that
    a rule or a fault refused. With ``before`` the last before that number. ``next`` is the ``since`` of the page that
    follows; ``last`` is the number of the last request of all: a mark, since which to look later.
    """
    tenant, journal, path = request.tenant, request.tenant.journal, request.value("path")
    chosen = request.value("operation"), request.value("method"), request.value("status"), request.value("refused")

    def fits(recorded: Recorded) -> bool:
        _, method, asked, _, operation, _, _, status, _, _, (refusal, *_) = recorded
        known = operation, method, status, refusal is not None
        return all(each in (None, own) for each, own in zip(chosen, known, strict=True)) and (
            path is None or path_fits(path, asked)
        )

    def view(kept: tuple[int, Recorded]) -> dict[str, Any]:
        entry = journal.entry(*kept)
        return entry_view(entry, tenant.explanations.get(entry.request_id))

    found = [kept for kept in journal.kept_since(after(request)) if fits(kept[1])]
    chosen_page = page(request, found, journal.end)
    views = Shown(chosen_page.entries, view)
    return {"last": journal.end, "next": chosen_page.next, "total_count": len(found), "requests": views}


@command("GET", "/_mock/worlds/{world}/requests/{number}")
def show_request(request: CommandRequest) -> Any:
    """One request by its number, and its answer with the headers; `machine` has the machine's time and the duration.

    Of a refused one `rule` has the rule with its source, `violations` each place that is wrong with the value that was
    sent, what is wrong with it and what is allowed. `curl` and `step` send it again, from a shell and in a scenario;
    `no_step` says why no scenario can have it. `led_to` has the moves that it made, those that these made, their
    events and the deliveries of these, as far as they are kept.
    """
    tenant, text = request.tenant, request.path["number"]
    journal = tenant.journal
    number = int(text) if text.isdecimal() and len(text) < 19 else 0
    found = journal.kept_since(number - 1)[:1] if number else []
    if not found or found[0][0] != number:
        raise NO_REQUEST.refuse(number=text[:50], first=journal.end - len(journal) + 1, last=journal.end)
    return request_in_full(tenant, journal.entry(*found[0]))
