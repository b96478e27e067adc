"""Stages: which moves happen by themselves, after what delay, with which outcome (prior art: kwok's Stage)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mockserver.kernel.actions import action
from mockserver.kernel.clock import Task
from mockserver.kernel.holds import Held
from mockserver.kernel.lifecycle import CYCLES, Doer, Hold, LifeCycle
from mockserver.kernel.profile import Profile, StageSetting
from mockserver.kernel.store import Version

if TYPE_CHECKING:
    from mockserver.kernel.world import World

R = TypeVar("R", bound=Version)

STAGES: dict[str, Stage[Any]] = {}
"""Every stage by name: what profiles and scenarios may set."""

_ORDINARY = StageSetting.model_construct()

Timing = Callable[["World", Any], datetime | None]
Outcome = Callable[["World", Any], str | None]
Condition = Callable[["World", Any], bool]


class Stage(Generic[R]):
    """A resource in ``state`` comes to ``to`` by itself.

    ``when`` may give the instant in place of now + delay (a settlement day); ``outcome`` may give the state to come to
    in place of ``to`` (an instrument whose orders are cancelled); an outcome set by the profile wins. ``runs`` is done
    in place of the move to ``to``, where a step inside the state comes first. ``branches`` names further outcomes, each
    with the state it comes to; ``options`` are the keyword arguments of the doer, by outcome.

    With ``only`` the stage is an exception (a payment that the bank returns): ``state`` is where most resources stay,
    and only those that ``only`` accepts go on by themselves. Outcomes set by the profile are for all of them, and
    ``state`` is an outcome, too. With ``ready`` nothing is due when a resource comes to ``state``: a rule calls
    :meth:`schedule` once ``ready`` is true of it. With ``background`` its dates come from a series without an end, such
    as a savings plan's: one that lies ahead keeps no world from being idle. ``since`` names the member from whose time
    the delay counts, in place of now. ``reads`` names the settings that ``when`` and the doer read beside those of the
    stage.
    """

    def __init__(
        self,
        name: str,
        cycle: LifeCycle[R],
        state: str,
        to: str,
        *,
        when: Timing | None = None,
        outcome: Outcome | None = None,
        runs: Doer | None = None,
        branches: Mapping[str, str] | None = None,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        only: Condition | None = None,
        ready: Condition | None = None,
        background: bool = False,
        since: str | None = None,
        reads: tuple[str, ...] = (),
    ) -> None:
        """Raises ``ValueError`` for a second stage of the name, or an outcome that no row of the life cycle lists."""
        if name in STAGES:
            raise ValueError(f"two stages are named {name!r}")
        self.branches = branches or {}
        for ending in (to, *self.branches, *(options or ())):
            cycle.check_row(state, self.branches.get(ending, ending))
        self.name, self.cycle, self.state, self.to = name, cycle, state, to
        self.runs = runs
        self.on_entry = ready is None
        self.background = background
        self.reads = (f"stages.{name}", *reads)
        self.options = options or {}
        self._when, self._outcome, self._only, self._ready = when, outcome, only, ready
        self._since = since
        cycle.stages.setdefault(state, []).append(self)
        STAGES[name] = self

    @property
    def exceptional(self) -> bool:
        """Whether resources may stay in ``state`` for good: the stage is for some of them only."""
        return self._only is not None

    @property
    def outcomes(self) -> list[str]:
        """What a profile may name as outcomes: states, and the branches of the stage."""
        states = [row.to for row in self.cycle.possible(self.state)] + [self.state] * self.exceptional
        return [*states, *self.branches]

    def schedule(self, world: World, resource: R) -> Task | None:
        """Make the stage due for a resource that has just come to its state, or is ready only now.

        ``None`` where the resource does not go on by itself.
        """
        if self._only is not None and self._weights(world, resource) is None and not self._only(world, resource):
            return None
        delay, jitter = self._timing(world.profile, resource)
        if delay is None:
            return None
        if jitter:
            delay += jitter * world.ids.fraction(f"jitter {self.name}")
        due = self._when(world, resource) if self._when is not None else None
        began = world.now if self._since is None else getattr(resource, self._since)
        return self.due(world, resource, due or began + delay)

    def by_command(self, world: World, resource: R) -> bool:
        """Whether the profile says ``delay: never`` for the resource: only a command moves it on."""
        return self._timing(world.profile, resource)[0] is None

    def released(self, world: World, before: Profile) -> list[R]:
        """The resources that only a command moved on ``before``, and that the settings of now move on."""
        if before.stages.get(self.name) == world.profile.stages.get(self.name):
            return []
        return [
            resource
            for resource in world.table(self.cycle.kind)
            if self.cycle.state_of(resource) == self.state
            and self._timing(before, resource)[0] is None
            and not self.by_command(world, resource)
            and (self._ready is None or self._ready(world, resource))
        ]

    def _timing(self, profile: Profile, resource: R) -> tuple[timedelta | None, timedelta]:
        """Delay (``None``: never) and jitter for the resource."""
        setting = profile.stages.get(self.name, _ORDINARY)
        delay, jitter = setting.delay, setting.jitter
        for override in setting.overrides:
            if _matches(override.match, resource):
                delay = override.delay if override.delay is not None else delay
                jitter = override.jitter if override.jitter is not None else jitter
                break
        return (delay if isinstance(delay, timedelta) else None), jitter

    def due(self, world: World, resource: R, at: datetime) -> Task:
        identity = self.cycle.kind.identify(resource)
        reason = f"{self.name}: {self.state} -> {self.to}"
        background = self.background and at > world.now
        return world.clock.at(at, "stage", self.name, identity, reason=reason, background=background)

    def decide(self, world: World, resource: R) -> str:
        """The outcome: the state that the resource will come to, or a branch."""
        outcomes = self._weights(world, resource)
        if outcomes:
            return world.ids.choose(f"outcome {self.name}", outcomes)
        chosen = self._outcome(world, resource) if self._outcome is not None else None
        return chosen or self.to

    def _weights(self, world: World, resource: R) -> dict[str, float] | None:
        """The outcomes that the profile sets for the resource."""
        setting = world.profile.stages.get(self.name, _ORDINARY)
        for override in setting.overrides:
            if _matches(override.match, resource):
                return override.outcomes if override.outcomes is not None else setting.outcomes
        return setting.outcomes

    def go_on(self, world: World, resource: R, outcome: str) -> None:
        """Carry an outcome out; nothing where an exceptional stage leaves the resource alone. Raises :class:`Hold`."""
        if outcome == self.state and self.exceptional:
            return
        if self.runs is not None and outcome == self.to:
            self.runs(world, resource)
        else:
            to = self.branches.get(outcome, outcome)
            self.cycle.carry(world, resource, to, **self.options.get(outcome, {}))


@action("stage")
def run_stage(world: World, name: str, identity: str) -> None:
    """A stage is due: carry its move out, if the resource is still where it was."""
    stage = STAGES[name]
    resource = world.table(stage.cycle.kind).get(identity)
    if resource is None or stage.cycle.state_of(resource) != stage.state:
        return
    world.holds.pop(stage.cycle.kind.name, identity)
    try:
        stage.go_on(world, resource, stage.decide(world, resource))
    except Hold as hold:
        world.undo.roll_back()  # a doer that waits has done nothing
        retry = stage.due(world, resource, hold.until) if hold.until is not None else None
        held = Held(name, hold.reason, hold.topic, retry, hold.also, wanted=hold.wanted, free=hold.free)
        world.holds.set(stage.cycle.kind.name, identity, held)


def stir(world: World, *topics: str) -> None:
    """Something that resources may be waiting for has happened: those that wait for one of ``topics`` look again, now.

    They look in the order in which they began to wait, whatever their kind; who must wait on keeps its place.
    """
    _look_again(world, world.holds.about(*topics))


def stir_all(world: World) -> None:
    """Whatever waits looks again, now: the settings by which it does have changed."""
    _look_again(world, world.holds.all())


def _look_again(world: World, waiting: Iterable[tuple[str, str]]) -> None:
    for kind, identity in waiting:
        held = world.holds.get(kind, identity)
        assert held is not None
        resource = world.table(CYCLES[kind].kind).get(identity)
        if resource is None:
            world.holds.pop(kind, identity)
            continue
        look = STAGES[held.stage].due(world, resource, world.now)
        world.holds.set(kind, identity, held._replace(retry=look, looks=True))


def _matches(wanted: dict[str, Any], resource: Version) -> bool:
    return all(getattr(resource, name, None) == value for name, value in wanted.items())
