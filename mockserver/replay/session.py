"""A scenario being played: its names and snapshots, and what was seen of its world since the last expectations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.client.commands import MOST_SHOWN
from mockserver.kernel.ids import Ids
from mockserver.kernel.undo import Undo
from mockserver.replay.receiver import Receiver
from mockserver.replay.timeline import Replay
from mockserver.replay.world import PlayedWorld
from mockserver.scenario.build import named_ids
from mockserver.scenario.memory import Memory
from mockserver.scenario.schema import Scenario

_UUID_LENGTH = 36


class Session:
    """The world that is played in, and what its steps need to remember."""

    def __init__(
        self, scenario: Scenario, world: PlayedWorld, receiver: Receiver | None, seed: int | None = None
    ) -> None:
        """``seed``: of the world that is played in, where it is not that of the scenario."""
        self.world = world
        self._waits = any(step.expect_request is not None for step in scenario.steps)
        self.receiver = receiver
        self.diff: tuple[str, ...] = ()  # of the step that is being played
        self.deliveries: list[str] = []  # why its webhooks did not come
        self.result = Replay(scenario.name, scenario.document.file)
        self.names: dict[str, Any] = dict(named_ids(scenario, seed))
        self.keys = Ids(scenario.seed, Undo())
        self.snapshots: dict[str, str] = {}
        self.position = 0  # of the next event that was not fetched
        self.events: list[Mapping[str, Any]] = []  # since the last expectations
        self.bundles = 0  # number of bundles before those
        self.requests = 0  # number of the last request before those
        self.expecting = False
        self.token_expired = False  # by a step, and not yet noticed by a request

    def with_names(self, text: str) -> str:
        """A text with the names of the scenario in place of their ids: ``/accounts/{savings}``."""
        for name, value in self.names.items():
            if isinstance(value, str) and len(value) == _UUID_LENGTH:
                text = text.replace(value, f"{{{name}}}")
        return text

    async def fetch_events(self) -> list[Mapping[str, Any]]:
        """The events since the last look."""
        events: list[Mapping[str, Any]] = []
        more = True
        while more:
            where = self.world.path("/events")
            answer = await self.world.command("GET", where, since=self.position, limit=MOST_SHOWN)
            self.position = answer["next"]
            events += answer["events"]
            more = answer["total_count"] > len(answer["events"])
        self.events += events
        if events:
            self.keep("events", orjson.dumps(events))
        return events

    async def look_again(self) -> None:
        """The world is at another time: what it told before does not count any more."""
        answer = await self.world.command("GET", self.world.path("/events"), limit=0)
        self.position = answer["next"]
        await self.world.look_at_clock()
        await self.begin_stretch()

    async def begin_stretch(self) -> None:
        """A new stretch begins: expectations look at what happens from here on."""
        self.expecting = False
        self.events = []
        if self._waits:
            self.requests = (await self.world.command("GET", self.world.path("/requests"), limit=0))["last"]
        self.bundles = len(self.receiver.received) if self.receiver else 0

    def keep(self, label: str, content: bytes) -> None:
        line = f"# {label}\n".encode() + content
        self.result.record.append(self.receiver.masked(line) if self.receiver else line)

    @property
    def memory(self) -> Memory:
        """What a later session goes on with."""
        return Memory(
            dict(self.names), self.position, tuple(self.events), self.expecting, self.token_expired, self.requests
        )

    def recall(self, memory: Memory) -> None:
        """Go on where another session of the same scenario ended."""
        self.names |= memory.names
        self.position, self.events = memory.position, list(memory.events)
        self.expecting, self.token_expired = memory.expecting, memory.token_expired
        self.requests = memory.requests
