"""Making the world of a scenario: the same scenario and seed, the same world."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import datetime
from hashlib import blake2b
from typing import Any

from pydantic import ValidationError

from mockserver.domain.profile_changes import change
from mockserver.kernel.garbage import UNSEEN, at_once
from mockserver.kernel.profile import Profile
from mockserver.kernel.profile import profile as profile_of
from mockserver.kernel.profile_changes import CHANGES
from mockserver.kernel.rules import Refusal
from mockserver.kernel.violations import listed
from mockserver.kernel.world import World
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.generating.crowds import Crowd
from mockserver.scenario.profile_changes import read
from mockserver.scenario.references import members
from mockserver.scenario.schema import Scenario
from mockserver.scenario.seeds import FAMILIES, NAMED
from mockserver.scenario.world_setup import opened, started


def build_world(
    scenario: Scenario,
    *,
    profile: str | Profile | None = None,
    seed: int | None = None,
    now: datetime | None = None,
    receiver: str | None = None,
) -> World:
    """The world as the scenario describes it, its standing runs due; what is given here wins over the scenario.

    ``profile``: a shipped one, on which the scenario's own settings are laid, or a whole one. ``receiver``: the URL
    that stands for ``${receiver}``; without one such webhooks are disabled. Raises :class:`ScenarioError` for what only
    seeding can find (an instrument of an allocation that is not tradable).
    """
    return at_once(building(scenario, profile=profile, seed=seed, now=now, receiver=receiver))


def building(
    scenario: Scenario,
    *,
    profile: str | Profile | None,
    seed: int | None,
    now: datetime | None,
    receiver: str | None,
) -> Generator[None, None, World]:
    """The same entry by entry: a generator that yields after each and returns the world."""
    UNSEEN.look_through()
    if not isinstance(profile, Profile):
        profile = profile_of(profile or scenario.base_profile, scenario.overrides)
    world = opened(profile, now or scenario.clock.now, scenario.seed if seed is None else seed)
    _plan_changes(world, scenario)
    yield from _Seeder(world, scenario, receiver).seed()
    return started(world)


def _plan_changes(world: World, scenario: Scenario) -> None:
    """Lay over what begins at a date that is past, and plan what begins later; what is over already is left out."""
    if not scenario.changes:
        return
    for begins, ends, settings in read({CHANGES: scenario.changes}, world.profile.calendar.timezone).dated:
        if ends is None or ends > world.now:
            change(world, settings, "the scenario", begins=begins, ends=ends, of_scenario=True)


def named_ids(scenario: Scenario, seed: int | None = None) -> dict[str, str]:
    """The id of everything that the scenario names with ``as``, in a world of ``seed`` (default: the scenario's)."""
    seed = scenario.seed if seed is None else seed
    return {
        entry.as_: entry.id or named_id(entry.as_, seed)
        for section in NAMED
        for entry in getattr(scenario, section)
        if getattr(entry, "as_", None)
    }


def named_id(name: str, seed: int = 0) -> str:
    """The id of what has a name and no id: from both alone, so that it can be looked up once for each seed."""
    text = f"{name}/{seed}" if seed else name
    digest = blake2b(text.encode(), digest_size=16, person=b"mockserver").hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:]}"


class _Seeder:
    """Puts what a scenario describes into a new world, family by family."""

    def __init__(self, world: World, scenario: Scenario, receiver: str | None) -> None:
        self.world = world
        self.scenario = scenario
        self.receiver = receiver
        self.ids = named_ids(scenario, world.seed)
        self.crowd = Crowd(world)

    def seed(self) -> Iterator[None]:
        for section, family in FAMILIES.items():
            for index, entry in enumerate(getattr(self.scenario, section)):
                try:
                    yield from self.put(family, entry)
                except (LookupError, ValueError, Refusal) as error:
                    raise ScenarioError(
                        [self.scenario.document.mistake((section, index), _explained(error))]
                    ) from error
                self.world.keep()
                yield

    def put(self, family: SeedFamily, entry: Any) -> Iterator[None]:
        if family.generated is not None and isinstance(entry, family.generated.entry):
            yield from family.generated.make(self.crowd, type(entry).model_validate(members(entry, self.ids)))
            return
        given = members(entry, self.ids)
        name = given.pop("as_", None)
        if name is not None:
            given["id"] = self.ids[name]
        if family.receiver:
            given["receiver"] = self.receiver
        family.put(self.world, **given)


def _explained(error: Exception) -> str:
    return listed(error) if isinstance(error, ValidationError) else str(error)
