"""A world without a scenario is what an empty scenario makes; only that it needs no schema of scenarios."""

from __future__ import annotations

from typing import Any

from mockserver.hosting.plans import EMPTY, NOTHING, Plan, plan_of
from mockserver.kernel.garbage import at_once
from mockserver.kernel.world import World


def made(plan: Plan, **given: Any) -> World:
    return at_once(plan.make(**{"profile": None, "seed": None, "now": None, "receiver": None, **given}))


def contents(world: World) -> dict[str, list[bytes]]:
    store = world.store
    return {name: [row.wire for row in store.named(name) or ()] for name in sorted(store.names())}


def test_nothing_makes_the_world_of_an_empty_scenario() -> None:
    ours, theirs = made(NOTHING), made(plan_of({"name": EMPTY}))
    assert contents(ours) == contents(theirs)
    assert contents(ours)["instruments"]
    assert (ours.now, ours.seed, ours.profile) == (theirs.now, theirs.seed, theirs.profile)
    assert ours.clock.upcoming() == theirs.clock.upcoming()


def test_nothing_says_what_an_empty_scenario_says() -> None:
    theirs = plan_of({"name": EMPTY})
    members = ("name", "data", "mode", "now", "client_id", "client_secret", "scopes", "keys")
    assert [getattr(NOTHING, name) for name in members] == [getattr(theirs, name) for name in members]
    assert list(theirs.faults(7)) == list(NOTHING.faults(7)) == []
    assert theirs.given == {"name"}


def test_a_plan_is_its_own_source() -> None:
    assert plan_of(NOTHING) is NOTHING
    assert plan_of(None) is NOTHING
