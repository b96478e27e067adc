"""The lanes of a timeline: one row an object, one column a moment, whatever the time between two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from mockserver.ui.rendering import moment, span
from mockserver.ui.words import look

Views = Sequence[Mapping[str, Any]]

MOST_COLUMNS: Final = 40
"""Moments that are shown; the style sheet has places for 60."""
MOST_OBJECTS: Final = 40
FUTURE: Final = 8
"""Moments after now."""
BREAK: Final = timedelta(minutes=5)
"""From this much on, the time in which nothing happened is written above its column."""


def lanes(
    now: str, requests: Views, moves: Views, deliveries: Views, upcoming: Views, selected: str = ""
) -> dict[str, Any]:
    """The columns, and the rows with their bars and markers, each with its place in the grid."""
    sent = [(each["at"], delivery, each) for delivery in deliveries for each in _telling(delivery["attempts"])]
    past = sorted({*(each["at"] for each in requests), *(each["at"] for each in moves), *(at for at, _, _ in sent)})
    past = [each for each in past if each <= now][-(MOST_COLUMNS - FUTURE) :]
    future = sorted({each["due"] for each in upcoming if each["due"] > now})[:FUTURE]
    instants = [*past, *([] if past and past[-1] == now else [now]), *future]
    places = {at: place for place, at in enumerate(instants, 1)}
    present = places[now]
    return {
        "columns": _columns(instants, now),
        "now": present,
        "total": len(instants),
        "requests": _by_instant(requests, places),
        "sent": _attempts(sent, places),
        "recurring": [
            {"place": places[each["due"]], "label": each["reason"]}
            for each in upcoming
            if each["background"] and each["due"] in places
        ],
        "families": _families(moves, upcoming, places, instants, present, selected),
        "objects": len({(each["resource"], each["id"]) for each in moves}),
    }


def _telling(attempts: Views) -> list[Mapping[str, Any]]:
    """The attempts that differ from the one before: a hundred alike have no column each."""
    found: list[Mapping[str, Any]] = []
    for each in attempts:
        if not found or (found[-1]["status"], found[-1]["problem"]) != (each["status"], each["problem"]):
            found.append(each)
    return found


def _columns(instants: Sequence[str], now: str) -> list[dict[str, Any]]:
    found, before = [], ""
    for place, at in enumerate(instants, 1):
        between = moment(at) - moment(before) if before else timedelta()
        found.append(
            {
                "place": place,
                "at": at,
                "new_day": at[:10] != before[:10],
                "gap": " ".join(span(between).split()[:2]) if between >= BREAK else "",
                "now": at == now,
                "future": at > now,
            }
        )
        before = at
    return found


def _by_instant(requests: Views, places: Mapping[str, int]) -> list[dict[str, Any]]:
    """The requests of each column, good ones counted and others named."""
    found: dict[int, dict[str, Any]] = {}
    for each in requests:
        place = places.get(each["at"])
        if place is None:
            continue
        cell = found.setdefault(place, {"place": place, "count": 0, "first": each["number"], "others": []})
        if each["status"] >= 400 or each["status"] == 0:
            cell["others"].append(each)
        else:
            cell["count"] += 1
    return list(found.values())


def _attempts(sent: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]], places: Mapping[str, int]) -> list[Any]:
    found: dict[int, list[Any]] = {}
    for at, delivery, attempt in sent:
        if at in places:
            found.setdefault(places[at], []).append({"delivery": delivery, "attempt": attempt})
    return [{"place": place, "all": all_} for place, all_ in found.items()]


def _families(
    moves: Views, upcoming: Views, places: Mapping[str, int], instants: Sequence[str], present: int, selected: str
) -> list[dict[str, Any]]:
    """The objects that moved last by resource, each with a bar for each of its states."""
    last: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for move in moves:
        key = move["resource"], move["id"]
        last[key] = [*last.pop(key, []), move]
    shown = list(last.items())[-MOST_OBJECTS:]
    families: dict[str, list[Any]] = {}
    for (resource, identity), own in shown:
        bars = list(_bars(own, places, instants, present))
        bars += _due(identity, upcoming, places, present)
        row = {"id": identity, "resource": resource, "state": own[-1]["to"], "bars": bars}
        families.setdefault(resource, []).append({**row, "selected": selected == f"{resource}:{identity}"})
    return [{"resource": resource, "rows": rows} for resource, rows in families.items()]


def _bars(own: Views, places: Mapping[str, int], instants: Sequence[str], present: int) -> Any:
    """A bar from each move to the next, or to now; states left at the instant they were entered have none."""
    for place, move in enumerate(own):
        begin = places.get(move["at"], 1 if move["at"] < instants[0] else None)
        end = places.get(own[place + 1]["at"], 1) if place + 1 < len(own) else max(present, (begin or 1) + 1)
        if begin is not None and end > begin:
            yield {
                "place": begin,
                "width": end - begin,
                "state": move["to"],
                "look": look(move["to"]),
                "at": move["at"],
                "cause": move["cause"],
            }


def _due(identity: str, upcoming: Views, places: Mapping[str, int], present: int) -> list[dict[str, Any]]:
    """A dashed bar for the next thing that is due for an object."""
    for each in upcoming:
        if identity in each["args"]:
            place = places.get(each["due"], present)
            begin = min(present + 1, place) if place > present else present
            width = max(1, place - begin + 1)
            return [
                {"place": begin, "width": width, "state": each["reason"], "look": "due", "at": each["due"], "cause": ""}
            ]
    return []
