"""The chain of what led to what: request, move, event, delivery and attempts, each row one move or what has none.

A row's parts are joined by the links that the control API gives (``caused_by``, the ids of a delivery's events); what
it does not link stands in a row of its own, at its instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

Views = Sequence[Mapping[str, Any]]

ORDER: Final = {"request": 0, "move": 1, "event": 2, "delivery": 3}


def chain(requests: Views, moves: Views, events: Views, deliveries: Views) -> list[dict[str, Any]]:
    """The rows in order of time, oldest first."""
    carried = {event["id"]: delivery for delivery in deliveries for event in delivery["events"]}
    by_move: dict[int, list[Mapping[str, Any]]] = {}
    loose: list[Mapping[str, Any]] = []
    for event in events:
        cause = event.get("caused_by") or {}
        (by_move.setdefault(cause["number"], []) if cause.get("kind") == "move" else loose).append(event)
    asked = {each["number"]: each for each in requests}
    led: set[int] = set()
    rows: list[tuple[str, int, int, dict[str, Any]]] = []
    for place, move in enumerate(moves):
        cause = move.get("caused_by") or {}
        request = asked.get(cause["number"]) if cause.get("kind") == "request" else None
        first = request is not None and request["number"] not in led
        if request is not None:
            led.add(request["number"])
        own = by_move.pop(move.get("number", -1), [])
        row = _row(move["at"], request=request if first else None, move=move, event=own[0] if own else None)
        rows.append((move["at"], place, 0 if row["request"] else 1, row))
        rows += [(move["at"], place, 2, _row(move["at"], event=each)) for each in own[1:]]
    loose += [event for rest in by_move.values() for event in rest]
    rows += [(each["created_at"], each.get("number", 0), 2, _row(each["created_at"], event=each)) for each in loose]
    rows += [
        (each["at"], each["number"], 0, _row(each["at"], request=each))
        for each in requests
        if each["number"] not in led
    ]
    found = [row for _, _, _, row in sorted(rows, key=itemgetter(0, 2))]
    for row in found:
        event = row["event"]
        row["delivery"] = None if event is None else carried.get(event["id"])
    return _without_repeats(found)


def _row(at: str, **parts: Any) -> dict[str, Any]:
    return {"at": at, "request": None, "move": None, "event": None, "delivery": None, **parts}


def _without_repeats(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A delivery that carries several events is named once, in the row of its first."""
    shown: set[str] = set()
    for row in rows:
        delivery = row["delivery"]
        if delivery is not None:
            row["again"] = delivery["id"] in shown
            shown.add(delivery["id"])
    return rows


def attempts(delivery: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The answers of a delivery's attempts; several alike in a row count as one."""
    found: list[dict[str, Any]] = []
    for each in delivery["attempts"]:
        word = str(each.get("status") or each.get("problem") or "failed")
        if found and found[-1]["word"] == word:
            found[-1]["times"] += 1
        else:
            found.append({"word": word, "times": 1, "look": attempt_look(delivery, each)})
    return found


def attempt_look(delivery: Mapping[str, Any], attempt: Mapping[str, Any]) -> str:
    """Green where it was taken, magenta where a fault failed it, else red."""
    if attempt["delivered"]:
        return "ok"
    return "fault" if attempt["fault"] or delivery["faults"] else "bad"


def matching(rows: Iterable[dict[str, Any]], wanted: str) -> list[dict[str, Any]]:
    """The rows in which a text occurs: an id, an operation, a resource, an event type, a state."""
    text = wanted.lower()
    return [row for row in rows if text in _text(row)]


def _text(row: Mapping[str, Any]) -> str:
    parts: list[str] = []
    for name, members in _SEARCHED.items():
        part = row[name]
        if part is not None:
            parts += [str(part.get(member) or "") for member in members]
    return " ".join(parts).lower()


_SEARCHED: Final = {
    "request": ("operation", "path", "status", "refusal", "request_id"),
    "move": ("resource", "id", "to", "cause"),
    "event": ("type", "id"),
    "delivery": ("id", "state"),
}
