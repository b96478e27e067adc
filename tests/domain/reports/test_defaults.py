"""Reports and treasury files are made without a setting, in every profile (payments.md §16.2)."""

from __future__ import annotations

import pytest

from mockserver.domain import daily_runs, seeding
from mockserver.kernel.profile import profile
from mockserver.kernel.world import World
from tests.domain.support.desk import MORNING


@pytest.mark.parametrize("name", ["sandbox", "sandbox-strict", "live", "manual"])
def test_every_profile_makes_them(name: str) -> None:
    world = World(profile(name), MORNING)
    assert (world.profile.reports.made, world.profile.reports.treasury) == ("on", "days_with_rows")
    daily_runs.start(world)
    assert "run.statements" in {task.action for task in world.clock.upcoming()}


@pytest.mark.parametrize(("made", "types"), [("on", ["REPORT.CREATED"]), ("off", [])])
def test_a_group_that_is_opened_is_reported_unless_they_are_off(made: str, types: list[str]) -> None:
    world = World(profile("sandbox", {"reports": {"made": made}}), MORNING)
    seeding.account_group(world, status="PENDING_APPROVAL")
    world.run(MORNING.replace(hour=10))
    assert [event.type for event in world.events if event.type.startswith("REPORT")] == types
