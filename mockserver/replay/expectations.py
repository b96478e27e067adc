"""Expected events and bundles against those that came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.scenario.matching import differences, shown

Event = Mapping[str, Any]

MEMBERS = ("object", "created_at", "webhook_id")
"""What an expectation may say of an event beside its type."""


def missing_events(wanted: Sequence[Mapping[str, Any]], events: Sequence[Event]) -> Iterator[str]:
    """What is not among ``events`` as it should be. Those without ``count`` must come in the order they are named."""
    position = 0
    for pattern in wanted:
        fitting = [index for index, event in enumerate(events) if _fits(pattern, event)]
        count = pattern.get("count")
        if count is not None:
            if len(fitting) != count:
                yield f"expected {_described(pattern)} {count} times, came {len(fitting)} times{_came(events)}"
            continue
        next_one = next((index for index in fitting if index >= position), None)
        if next_one is None:
            yield from _not_seen(pattern, events, position, late=bool(fitting))
        else:
            position = next_one + 1


def nearest(pattern: Mapping[str, Any], events: Sequence[Event]) -> Event | None:
    """Of the events of the expected type the one that differs least, where none is as expected."""
    alike = [event for event in events if event.get("type") == pattern["type"]]
    if not alike or any(_fits(pattern, event) for event in alike):
        return None
    return min(alike, key=lambda event: len(list(_differences(pattern, event))))


def missing_bundles(wanted: Mapping[str, Any], bundles: Sequence[Sequence[Event]]) -> Iterator[str]:
    """Whether a bundle of just these types came, or as many as ``count``."""
    types = list(wanted["bundle"])
    came = [[event.get("type") for event in bundle] for bundle in bundles]
    found, count = came.count(types), wanted.get("count")
    if found != count if count is not None else not found:
        times = "" if count is None else f" {count} times"
        yield f"expected a bundle of {', '.join(types)}{times}; bundles that came: {shown(came, 1000)}"


def _fits(pattern: Mapping[str, Any], event: Event) -> bool:
    return event.get("type") == pattern["type"] and not any(_differences(pattern, event))


def _differences(pattern: Mapping[str, Any], event: Event) -> Iterator[str]:
    for member in MEMBERS:
        if pattern.get(member) is not None:
            yield from map(str, differences(pattern[member], event.get(member), member))


def _not_seen(pattern: Mapping[str, Any], events: Sequence[Event], position: int, *, late: bool) -> Iterator[str]:
    if late:
        yield f"{_described(pattern)} came before what is named before it{_came(events)}"
        return
    alike = [list(_differences(pattern, event)) for event in events if event.get("type") == pattern["type"]]
    if not alike:
        yield f"no {pattern['type']} came{_came(events[position:])}"
        return
    nearest = min(alike, key=len)
    yield f"none of {len(alike)} {pattern['type']} is as expected; the nearest differs in {'; '.join(nearest)}"


def _described(pattern: Mapping[str, Any]) -> str:
    given = {member: pattern[member] for member in MEMBERS if pattern.get(member) is not None}
    return f"{pattern['type']} with {shown(given)}" if given else str(pattern["type"])


def _came(events: Sequence[Event]) -> str:
    counts = Counter(str(event.get("type")) for event in events)
    listed = ", ".join(name if count == 1 else f"{name} ×{count}" for name, count in counts.items())
    return f" (since the last expectations: {listed or 'no events'})"
