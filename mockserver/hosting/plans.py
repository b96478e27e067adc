"""What a scenario says of the world that is made from it, and of its client; and what holds where there is none."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from mockserver.hosting.refusals import BAD_SCENARIO
from mockserver.kernel.frozen import frozen
from mockserver.kernel.profile import profile as profile_of
from mockserver.kernel.world import World
from mockserver.scenario.world_setup import DEFAULT_PROFILE, opened, started

if TYPE_CHECKING:
    from mockserver.protocol.faults import RequestFault
    from mockserver.scenario.schema import Scenario
    from mockserver.webhooks.faults import WebhookFault

EMPTY: Final = "empty"
"""The name of the scenario of a world that is made from none."""


class Maker(Protocol):
    """Makes the world, in a generator that may pause and returns it; what is given wins over the scenario."""

    def __call__(
        self, *, profile: str | None, seed: int | None, now: datetime | None, receiver: str | None
    ) -> Generator[None, None, World]: ...


def _no_faults(_: int) -> tuple[()]:
    return ()


@frozen(kw_only=True)
class Plan:
    """A world to be. ``None``: the scenario says nothing of it."""

    name: str
    make: Maker
    data: Mapping[str, Any]
    """What the scenario was read from."""
    given: frozenset[str] = frozenset()
    """The members that the scenario has."""
    mode: str | None = None
    now: datetime | None = None
    client_id: str | None = None
    client_secret: str | None = None
    scopes: Sequence[str] | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    """PEM by key id."""
    faults: Callable[[int], Sequence[RequestFault | WebhookFault]] = _no_faults
    """Its faults in a world of this seed, with ids in place of names."""
    script: Scenario | None = None
    """The scenario itself where it has steps."""
    private: bool = False
    """Whether what is wrong with it is said without its text: who asks knows the name of a file alone."""


def _empty(
    *, profile: str | None, seed: int | None, now: datetime | None, **_: str | None
) -> Generator[None, None, World]:
    yield
    return started(opened(profile_of(profile or DEFAULT_PROFILE), now, seed))


NOTHING: Final = Plan(name=EMPTY, make=_empty, data={"name": EMPTY})
"""Where there is no scenario."""

Source: TypeAlias = "str | Path | Mapping[str, Any] | Scenario | Plan | None"


def plan_of(source: Source, *, private: bool = False) -> Plan:
    """The plan of a scenario: its name, a file, a mapping, or the scenario itself.

    A text may be a path of this machine: it is for its own programs. What a command sends is read by
    :mod:`mockserver.control.scenarios`.
    """
    if source is None:
        return NOTHING
    if isinstance(source, Plan):
        return source
    # lazy: 35 ms and 5 MB of schema and YAML, which a server without a scenario never needs
    from mockserver.scenario.errors import ScenarioError
    from mockserver.scenario.load import load
    from mockserver.scenario.schema import Scenario

    if isinstance(source, Scenario):
        return _planned(source, private)
    try:
        return _planned(load(source), private)
    except ScenarioError as error:
        raise BAD_SCENARIO.refuse(mistakes="; ".join(map(str, error.mistakes))) from error


def _planned(scenario: Scenario, private: bool) -> Plan:
    # lazy: see above, 35 ms
    from mockserver.scenario.build import building, named_ids
    from mockserver.scenario.faults import resolved

    def faults(seed: int) -> Sequence[RequestFault | WebhookFault]:
        ids = named_ids(scenario, seed)
        return [resolved(fault, ids) for fault in scenario.faults]

    return Plan(
        name=scenario.name,
        make=partial(building, scenario),
        data=scenario.document.data or scenario.model_dump(mode="json", by_alias=True, exclude_unset=True),
        given=frozenset(scenario.model_fields_set),
        mode=scenario.clock.mode,
        now=scenario.clock.now,
        client_id=scenario.client.id,
        client_secret=scenario.client.secret,
        scopes=scenario.client.scopes,
        keys={key.id: key.public_key for key in scenario.client.keys},
        faults=faults,
        script=scenario if scenario.steps else None,
        private=private,
    )
