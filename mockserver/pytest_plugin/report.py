"""What the report of a failing test shows of its world: short enough to be read, without secrets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from shlex import quote
from typing import Any, Final

import orjson

from mockserver.client import ControlError, Delivery, Due, Failed, Failure, Move, Requested, World
from mockserver.pytest_plugin.seeds import Seed

SHOWN: Final = 12
"""Of each kind, the last."""
RULES: Final = 3
"""Of the rules that failed, the last."""
TRACE: Final = 8
"""Of a traceback, the last lines."""
BODY: Final = 400
"""Characters of a body."""


def described(world: World, rerun: str) -> str:
    """How to run the test again, the last requests, moves, deliveries and failures, and what is due."""
    try:
        return "\n".join(_lines(world, rerun))
    except ControlError as error:
        return str(error)


def failed(world: World, found: Failed) -> str:
    """Why a test fails whose own assertions passed: the rules of the mock that failed in its world."""
    count = "a rule" if found.total_count == 1 else f"{found.total_count} rules"
    lines = [f"mockserver: {count} of the mock failed in the world {world.client_id} and was taken back whole"]
    for failure in found.failures[-RULES:]:
        name = " ".join((failure.action, *failure.args))
        lines += ["", f"{failure.json['at']}  {name} ({failure.reason}): {failure.error}"]
        lines += [f"    {line.rstrip()}" for line in failure.trace.splitlines()[-TRACE:]]
    if found.total_count > RULES:
        lines += ["", f"… the last {RULES} of {found.total_count}"]
    lines += [
        "",
        "That is a fault of the mock: what the test saw may not be what the API does. To let it pass all the same:",
        "@pytest.mark.mockserver(allow_failures=True), or for all tests --mockserver-allow-failures.",
    ]
    return "\n".join(lines)


def rerun(test: str, number: int, seed: Seed) -> str:
    """The command that runs a test again with the ids that it had."""
    option = f" --mockserver-seed={number}" if seed.optional else ""  # a marker says the same again
    return f"pytest {quote(test)}{option}"


def _lines(world: World, rerun: str) -> Iterator[str]:
    about = world.show().json
    yield f"{world.url}, now {about['now']} ({about['mode']}), profile {about['profile']}, seed {about['seed']}"
    yield f"to get the same ids again: {rerun}"
    requests, moves = world.requests.list(limit=SHOWN + 1), world.moves.list(limit=SHOWN + 1)
    yield from _part("requests", requests, _request)
    yield from _part("moves", moves, _move)
    yield from _part("deliveries", world.deliveries.list(limit=SHOWN + 1), _delivery)
    yield from _part("rules that failed", world.failures(limit=SHOWN + 1), _failure)
    upcoming = world.upcoming(SHOWN)
    yield "upcoming:" if upcoming else "upcoming: nothing"
    for due in upcoming:
        yield f"  {_due(due)}"


def _part(name: str, items: Sequence[Any], line: Any) -> Iterator[str]:
    if not items:
        if name != "rules that failed":
            yield f"{name}: none"
        return
    yield f"{name}, the last {SHOWN}:" if len(items) > SHOWN else f"{name}:"
    for item in items[-SHOWN:]:
        yield from (f"  {text}" for text in line(item))


def _request(request: Requested) -> Iterator[str]:
    query = f"?{request.query}" if request.query else ""
    rule = f" [{request.refusal}]" if request.refusal else ""
    yield f"#{request.number} {request.json['at']}  {request.method} {request.path}{query} → {request.status}{rule}"
    if request.status >= 400:
        if request.body is not None:
            yield f"  sent {_body(request.body)}"
        yield f"  answered {_body(_told(request.answer))}"


def _move(move: Move) -> Iterator[str]:
    yield f"{move.json['at']}  {move.resource} {move.id}: {move.source or '(new)'} → {move.to} ({move.cause})"


def _delivery(delivery: Delivery) -> Iterator[str]:
    names = ", ".join(event.type for event in delivery.events)
    yield f"{delivery.json['created_at']}  {delivery.state} {delivery.url or delivery.webhook_id}: {names}"
    for attempt in delivery.attempts[-3:]:
        if attempt.problem is not None:
            yield f"  attempt {attempt.number} at {attempt.json['at']}: {attempt.problem}"
    for skipped in delivery.skipped[-1:]:
        yield f"  {skipped.count} attempts until {skipped.json['to']} were skipped: {skipped.reason}"
    if delivery.reason:
        yield f"  {delivery.reason}"


def _failure(failure: Failure) -> Iterator[str]:
    yield f"{failure.json['at']}  {failure.action} ({failure.reason}): {failure.error}"


def _due(due: Due) -> str:
    return f"{due.json['due']}  {due.reason}"


def _told(answer: Any) -> Any:
    """What a problem says; any other answer as it is."""
    return answer.get("detail") or answer if isinstance(answer, dict) else answer


def _body(body: Any) -> str:
    text = body if isinstance(body, str) else orjson.dumps(body).decode()
    return text if len(text) <= BODY else f"{text[: BODY - 1]}…"
