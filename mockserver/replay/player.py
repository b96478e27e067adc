"""Playing the steps of a scenario against a running server, and keeping all that came."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

import aiohttp

from mockserver.client import AsyncMockServer, ControlError, ForeignServerError, UnreachableError
from mockserver.kernel.system import stopwatch
from mockserver.replay import step_commands, step_expectations, step_levers, step_requests
from mockserver.replay.api import Api
from mockserver.replay.receiver import Receiver, ReceiverAddress
from mockserver.replay.session import Session
from mockserver.replay.timeline import Entry, Replay, Watcher
from mockserver.replay.world import PlayedWorld
from mockserver.scenario.captions import caption
from mockserver.scenario.schema import Scenario
from mockserver.scenario.seeds.webhooks import RECEIVER
from mockserver.scenario.steps import EXPECTATIONS, Step
from mockserver.scenario.templates import UnknownNameError, filled


async def replay(
    scenario: Scenario,
    url: str,
    *,
    control_token: str | None = None,
    take_over: bool = False,
    keep: bool = False,
    watcher: Watcher | None = None,
    address: ReceiverAddress | None = None,
) -> Replay:
    """Make a world of the scenario on the server at ``url``, play its steps on it, and remove it, or ``keep`` it.

    ``watcher`` is told of each step when it begins and when it has ended. ``address`` is that of the receiver of its
    webhooks; by default the one under which this machine reaches the server.

    A failed expectation is told in the result, and the other steps are played all the same. Raises
    :class:`ControlError` when the server does not take the scenario, or is not there.
    """
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(AsyncMockServer(url, control_token, timeout=None))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        receiver = None
        if RECEIVER in str(scenario.document.data):
            if address is None:
                address = await asyncio.to_thread(ReceiverAddress.for_server, url)
            try:
                receiver = await stack.enter_async_context(Receiver(address=address))
            except OSError as error:
                raise ControlError(f"the receiver of webhooks cannot listen on {address.bind}: {error}") from error
        world = PlayedWorld(server, Api(http, server.url), take_over=take_over)
        player = Player(scenario, world, receiver, watcher)
        player.keep_world = keep
        return await player.play()


Action = Callable[[Session, Step], Awaitable[tuple[str, list[str]]]]

ACTIONS: Final[Mapping[str, Action]] = {
    "request": step_requests.request,
    "advance": step_commands.advance,
    "move": step_commands.move,
    "run": step_commands.run,
    "bank_transfer": step_commands.bank_transfer,
    "execution_date": step_commands.execution_date,
    "collect_tax": step_commands.collect_tax,
    "refund_tax": step_commands.refund_tax,
    "report": step_commands.report,
    "corporate_action": step_commands.corporate_action,
    "prices": step_commands.prices,
    "instruments": step_commands.instruments,
    "snapshot": step_commands.snapshot,
    "restore": step_commands.restore,
    "reset": step_commands.reset,
    "profile": step_commands.profile,
    "emit": step_commands.emit,
    "expire": step_commands.expire,
    "faults": step_levers.faults,
    "change_fault": step_levers.change_fault,
    "remove_fault": step_levers.remove_fault,
    "expect_fault": step_levers.expect_fault,
    "webhook_keys": step_levers.webhook_keys,
    "subscribe": step_levers.subscribe,
    "note": step_commands.note,
    "expect_event": step_expectations.expect_event,
    "expect_webhook": step_expectations.expect_webhook,
    "expect_state": step_expectations.expect_state,
    "expect_request": step_expectations.expect_request,
}
"""What plays each kind of step; it returns its title, and what was not as expected."""


class Player:
    """One scenario being played."""

    def __init__(
        self,
        scenario: Scenario,
        world: PlayedWorld,
        receiver: Receiver | None,
        watcher: Watcher | None = None,
        *,
        seed: int | None = None,
    ) -> None:
        """``seed``: of the world, where it is there already and may have another than the scenario."""
        self.scenario = scenario
        self.world = world
        self.receiver = receiver
        self.watcher = watcher
        self.keep_world = False
        self.session = Session(scenario, world, receiver, seed)

    async def play(self) -> Replay:
        session = self.session
        await self.world.create(self.document())
        session.names["client_id"] = self.world.client_id
        if self.receiver is not None:
            session.names["receiver"] = self.receiver.url
        try:
            await self.play_steps()
        finally:
            await self.leave()
        if self.receiver is not None:
            for bundle in self.receiver.by_subscription():
                session.keep(f"bundle {bundle.path}", bundle.body)
        return session.result

    async def play_steps(self) -> None:
        for number, step in enumerate(self.scenario.steps, 1):
            await self.play_step(number, step)

    async def leave(self) -> None:
        """Remove the world, or say where it stays."""
        if self.keep_world:
            self.session.result.kept = self.world.client_id
        else:
            await self.world.remove()

    def document(self) -> dict[str, Any]:
        """What the server needs of the scenario: all but the steps, with the receiver's address in its webhooks.

        Seed and profile are named even where the scenario leaves them to their defaults: a server may have others.
        """
        own = {"seed": self.scenario.seed, "profile": self.scenario.profile}
        data = own | {key: value for key, value in self.scenario.document.data.items() if key != "steps"}
        if self.receiver is not None and "webhooks" in data:
            data["webhooks"] = [
                {**webhook, "url": webhook["url"].replace(RECEIVER, self.receiver.url)} for webhook in data["webhooks"]
            ]
        return data

    async def play_step(self, number: int, step: Step) -> None:
        session = self.session
        if self.watcher is not None:
            self.watcher.begins(number, len(self.scenario.steps), step)
        if session.expecting and step.action not in EXPECTATIONS:
            await session.begin_stretch()
        session.diff, session.deliveries = (), []
        session.names["now"], session.names["today"] = self.world.now, self.world.now[:10]
        title, note, begin = step.action, step.note, stopwatch()
        problems: list[str] = []
        events: list[Mapping[str, Any]] = []
        try:
            note = filled(step.note, session.names)
            title, problems = await ACTIONS[step.action](session, step)
            events = [] if step.action in EXPECTATIONS else await session.fetch_events()
        except (UnreachableError, ForeignServerError):
            raise
        except (UnknownNameError, ControlError) as error:
            problems.append(str(error))
        session.keep(f"step {number} {step.action}", self.world.now.encode())
        entry = Entry(
            number=number,
            line=self.scenario.document.line(("steps", number - 1)),
            at=self.world.now,
            action=step.action,
            title=title,
            caption=caption(step),
            seconds=stopwatch() - begin,
            note=note,
            events=[str(event["type"]) for event in events],
            problems=problems,
            diff=session.diff,
            deliveries=session.deliveries,
        )
        session.result.entries.append(entry)
        if self.watcher is not None:
            self.watcher.ended(entry)
