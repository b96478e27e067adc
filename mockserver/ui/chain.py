"""The chain of what led to what: request, move, event, delivery and attempts, each row one move or what has none.

A row's parts are joined by the links that the control API gives (``caused_by``, the ids of a delivery's events); what
it does not link stands in a row of its own, at its instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

Views = Sequence[Mapping[str, Any]]


def chain(requests: Views, moves: Views, events: Views, deliveries: Views) -> list[dict[str, Any]]:
    """The rows in order of time, oldest first; at one instant what a request led to stands together."""
    carried = {event["id"]: delivery for delivery in deliveries for event in delivery["events"]}
    roots = _roots(moves)
    told: dict[int, list[Mapping[str, Any]]] = {}
    rows: list[tuple[str, int, int, dict[str, Any]]] = []
    for event in events:
        kind, number = _cause(event)
        if kind == "move" and number in roots:
            told.setdefault(number, []).append(event)
        else:
            root = number if kind == "request" else LAST
            rows.append((event["created_at"], root, EVENT, _row(event["created_at"], event=event)))
    asked = {each["number"]: each for each in requests}
    for move in moves:
        root = roots.get(move.get("number", 0), LAST)
        own = told.pop(move.get("number", 0), [None])
        request = asked.pop(root, None)
        rows.append((move["at"], root, MOVE, _row(move["at"], request=request, move=move, event=own[0])))
        rows += [(move["at"], root, MOVE, _row(move["at"], event=each)) for each in own[1:]]
    rows += [(each["at"], number, REQUEST, _row(each["at"], request=each)) for number, each in asked.items()]
    found = [row for _, _, _, row in sorted(rows, key=itemgetter(0, 1, 2))]
    for row in found:
        event = row["event"]
        row["delivery"] = None if event is None else carried.get(event["id"])
    return _without_repeats(found)


REQUEST, MOVE, EVENT = range(3)
LAST: Final = 1 << 60
"""In the place of a request's number: what no request of the page led to comes after what one did."""


def _cause(entry: Mapping[str, Any]) -> tuple[str, int]:
    cause = entry.get("caused_by") or {}
    return str(cause.get("kind", "")), int(cause.get("number") or 0)


def _roots(moves: Views) -> dict[int, int]:
    """The request that each move goes back to, by their numbers; what a move makes comes after it."""
    found: dict[int, int] = {}
    for move in moves:
        kind, number = _cause(move)
        found[move.get("number", 0)] = (
            number if kind == "request" else found.get(number, LAST) if kind == "move" else LAST
        )
    return found


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
