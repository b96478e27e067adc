"""A made-up domain small enough to keep in mind: lamps that are off, on or broken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.profile import profile
from mockserver.kernel.record import Record
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World

START = datetime(2023, 1, 10, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Lamp(Record):
    id: str
    status: str = "OFF"
    colour: str = "white"
    updated_at: datetime | None = None


LAMPS: Kind[Lamp] = Kind("lamps", indexes={"colour": attrgetter("colour")})

ROWS = (
    Row(None, "OFF", "LAMP.MADE", "made", "made up"),
    Row(None, "ON", "LAMP.MADE", "made burning", "made up"),
    Row("OFF", "ON", "LAMP.LIT", "switched on", "made up"),
    Row("ON", "OFF", None, "switched off", "made up"),
    Row("ON", "BROKEN", "LAMP.BROKEN", "burnt out", "made up"),
)


def lamp_life(**options: Any) -> LifeCycle[Lamp]:
    """The life cycle of lamps; the fixture ``registries`` forgets it after the test."""
    return LifeCycle(LAMPS, ROWS, **options)


def make_world(seed: int = 0, **settings: Any) -> World:
    """A world in which nothing happens but what the test makes happen."""
    return World(profile("manual", settings), START, seed)


def events_of(world: World) -> list[str]:
    return [event.type for event in world.events]


def lamp(world: World, identity: str = "desk") -> Lamp:
    return world.table(LAMPS)[identity]
