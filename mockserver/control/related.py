"""The objects of a world that an object names by their ids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson

from mockserver.kernel.lifecycle import CYCLES
from mockserver.kernel.world import World

MOST_RELATED: Final = 50


def related(world: World, resource: str, identity: str, wire: bytes) -> list[dict[str, Any]]:
    """Each object that one names in a member (``account_id``): its resource, id and state, and the member."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for member, value in _texts(orjson.loads(wire), ""):
        for name in world.store.names():
            table = world.store.named(name)
            row = None if table is None else table.get(value)
            if table is None or row is None or (name, value) == (resource, identity) or (name, value) in found:
                continue
            cycle = CYCLES.get(name)
            state = None if cycle is None else cycle.state_of(row)
            found[name, value] = {"resource": name, "id": value, "state": state, "member": member}
            if len(found) >= MOST_RELATED:
                return list(found.values())
    return list(found.values())


def _texts(value: Any, member: str) -> Iterator[tuple[str, str]]:
    """The texts of a value, each with the member that it is in: ``allocation.instrument_id``."""
    if isinstance(value, str):
        yield member, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, f"{member}.{name}" if member else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, member)
