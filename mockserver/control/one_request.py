"""One request of a client with all that is known of it: its answer, the rule that refused it, and what it led to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from mockserver.control.repeating import as_curl, as_step
from mockserver.control.verification import content
from mockserver.control.views import entry_view, move_view, named_view
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.events import Event
from mockserver.kernel.moves import MOVE, REQUEST, Cause
from mockserver.kernel.world import World
from mockserver.protocol.journal import Entry

_VIOLATION: Final = re.compile(r"(?:^|; )\((root|query|path)\)((?:\.[^:\s]+)?): ")
"""Where a violation begins in the detail of a refusal: ``(root).quantity: must be …``."""
_ALLOWED: Final = re.compile(r"^must (?:be|have) (.+?)(?:, not .*)?$", re.DOTALL)


def request_in_full(tenant: Tenant, entry: Entry) -> dict[str, Any]:
    """All that is known of a request."""
    return {
        **entry_view(entry, tenant.explanations.get(entry.request_id)),
        "answer_headers": dict(entry.answer_headers),
        "machine": _machine(entry),
        "rule": None if entry.rule is None else _rule(entry),
        "violations": list(violations(entry)),
        "curl": as_curl(entry),
        **as_step(entry),
        "led_to": led_to(tenant, Cause(REQUEST, entry.number)),
    }


def _machine(entry: Entry) -> dict[str, Any]:
    """Machine times, which no replay repeats."""
    began, ended = entry.began, entry.ended
    seconds = None if began is None or ended is None else (ended - began).total_seconds()
    return {
        "began": None if began is None else began.isoformat().replace("+00:00", "Z"),
        "milliseconds": None if seconds is None else round(seconds * 1000, 3),
    }


def _rule(entry: Entry) -> dict[str, Any]:
    assert entry.rule is not None
    return {"name": entry.rule.name, "status": entry.rule.status, "source": entry.rule.source}


def violations(entry: Entry) -> Iterator[dict[str, Any]]:
    """Each place of a refused request that is wrong: the value there, what is wrong with it, and what is allowed."""
    problem = content(entry.answer) if entry.refusal is not None else None
    detail = str(problem.get("detail", "")) if isinstance(problem, dict) else ""
    found = list(_VIOLATION.finditer(detail))
    ends = [*(each.start() for each in found[1:]), len(detail)]
    for each, end in zip(found, ends, strict=False):
        text = detail[each.end() : end]
        part, steps = each[1], each[2].removeprefix(".")
        allowed = _ALLOWED.match(text)
        yield {
            "in": "body" if part == "root" else part,
            "place": steps,
            "value": _at(content(entry.body), steps) if part == "root" else None,
            "problem": text,
            "allowed": None if allowed is None else allowed[1],
        }


def _at(value: Any, steps: str) -> Any:
    for step in steps.split(".") if steps else ():
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def led_to(tenant: Tenant, cause: Cause) -> dict[str, Any]:
    """What a request or a command made happen, directly or by the moves that it made."""
    world = tenant.world
    moves = _moves(world, cause)
    events = [event for event in world.events if _by(event, cause, moves)]
    told = {event.id for event in events}
    deliveries = [] if tenant.outbox is None or not told else tenant.outbox.deliveries()
    return {
        "moves": [move_view(moved) for moved in world.moves if moved.number in moves],
        "events": [named_view(event) for event in events],
        "deliveries": [each.id for each in deliveries if any(event.id in told for event in each.events)],
    }


def _moves(world: World, cause: Cause) -> set[int]:
    """The numbers of the moves that a cause led to; what a move makes comes after it."""
    found: set[int] = set()
    for moved in world.moves:
        by = moved.by
        if by is not None and (by[:2] == cause[:2] or (by.kind == MOVE and by.number in found)):
            found.add(moved.number)
    return found


def _by(event: Event, cause: Cause, moves: set[int]) -> bool:
    by = event.by
    return by is not None and (by[:2] == cause[:2] or (by.kind == MOVE and by.number in moves))
