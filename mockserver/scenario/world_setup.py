"""What every world begins and ends with while it is made, whether a scenario fills it or not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from mockserver.domain import daily_runs, seeding
from mockserver.kernel.profile import Profile
from mockserver.kernel.world import World
from mockserver.webhooks import wiring

DEFAULT_NOW: Final = datetime(2023, 1, 10, 8, 0, tzinfo=UTC)
"""Where a clock starts of which nothing is said: the morning of a Tuesday on which the markets trade."""

DEFAULT_PROFILE: Final = "sandbox"


def opened(profile: Profile, now: datetime | None, seed: int | None) -> World:
    """A world with its outbox and the instruments that its profile publishes."""
    world = World(profile, now or DEFAULT_NOW, seed or 0)
    wiring.attach(world)
    seeding.published_instruments(world)
    return world


def started(world: World) -> World:
    """The same world with its standing runs due, as its first request finds it."""
    daily_runs.start(world)
    world.keep()
    return world
