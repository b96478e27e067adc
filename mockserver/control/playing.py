"""Playing the steps of a world's scenario in that world: before a server serves it, and by command, in parts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from aiohttp import web

from mockserver.control.refusals import ALL_PLAYED, BEING_PLAYED, MOVED_MEANWHILE, NO_PLAYING, NO_STEPS
from mockserver.hosting.host import Host
from mockserver.hosting.modes import MANUAL
from mockserver.hosting.refusals import BAD_SETTING
from mockserver.hosting.script import Progress, Script
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.quoting import quoted
from mockserver.protocol.clients import Auth

if TYPE_CHECKING:
    from mockserver.replay.player import Player
    from mockserver.replay.timeline import Replay

GOES_BACK: Final = frozenset({"reset", "restore"})
"""The steps that take the world back, and with it the position that the world remembers."""


class NotAsExpectedError(Exception):
    """Steps were played, and something was not as expected."""

    def __init__(self, replays: Sequence[Replay]) -> None:
        self.replays = replays
        super().__init__("; ".join(_first_failure(each) for each in replays if not each.passed))


async def play_first(host: Host, steps: int | bool) -> list[Replay]:
    """Play the first ``steps``, or all (``True``), of the scenario of each world, also those after one that fails.

    Raises :class:`NotAsExpectedError` once all are played, if something was not as expected.
    """
    most = None if steps is True else steps
    # lazy: 35 ms of schema and YAML, which are there where a world has steps
    from mockserver.replay.timeline import Replay

    tenants = list(host.worlds)
    if not any(each.script for each in tenants):
        raise BAD_SETTING.refuse(name="play", problem="there are no steps to play: name a --scenario that has some")
    replays = [
        await play(host, each, most, on=True) if each.script is not None else Replay(each.scenario or "", "")
        for each in tenants
    ]
    if not all(each.passed for each in replays):
        raise NotAsExpectedError(replays)
    return replays


async def play(host: Host, tenant: Tenant, most: int | None = None, *, on: bool = False) -> Replay:
    """Play the next ``most`` steps of the scenario of a world, or all that are left, from where it is in them.

    They are sent over a port of this machine that is open for them alone. The clock is frozen meanwhile, and the world
    asks for a token and no signature. A step that is not as expected is the last one, unless they go ``on``.
    """
    script = script_of(tenant)
    if script.under_way:
        raise BEING_PLAYED.refuse(world=tenant.client_id, number=script.progress.done, of=script.total)
    if script.progress.done >= script.total:
        raise ALL_PLAYED.refuse(count=script.total, scenario=script.scenario.name)
    mode, auth, script.under_way = tenant.driver.mode, tenant.auth, True
    try:
        async with _player(host, script, tenant.world.seed) as player:
            if not mode.manual:
                await tenant.driver.change(MANUAL)
            tenant.auth = Auth.TOKEN
            await player.world.adopt(tenant.client_id, tenant.client_secret, sorted(tenant.scopes))
            return await _played(tenant, script, player, most, on)
    finally:
        script.under_way, tenant.auth = False, auth
        if not mode.manual and tenant.driver.mode.manual:
            await tenant.driver.change(mode)


def script_of(tenant: Tenant) -> Script:
    """The steps of a world; a refusal where it has none."""
    if tenant.script is None:
        made = "from no scenario" if tenant.scenario is None else f"from the scenario {quoted(tenant.scenario)}"
        raise NO_STEPS.refuse(made=made)
    return tenant.script


async def _played(tenant: Tenant, script: Script, player: Player, most: int | None, on: bool) -> Replay:
    # lazy: 35 ms of schema and YAML, which are there where a world has steps
    from mockserver.scenario.seeds import webhooks as seeded_webhooks

    session, first = player.session, script.progress.done
    if not first:
        script.snapshots, script.keys = session.snapshots, session.keys
    elif script.progress.memory is not None:
        session.recall(script.progress.memory)
    session.snapshots, session.keys = script.snapshots, script.keys or session.keys
    session.names["client_id"] = tenant.client_id
    session.names["receiver"] = tenant.command_log.receiver or seeded_webhooks.NOBODY
    await session.fetch_events()  # what was done to the world since
    last = script.total if most is None else min(first + most, script.total)
    for number in range(first + 1, last + 1):
        step = script.scenario.steps[number - 1]
        before = script.progress = Progress(number, session.memory)
        await player.play_step(number, step)
        if script.progress is not before and step.action not in GOES_BACK:
            raise MOVED_MEANWHILE.refuse(number=number, done=script.progress.done)
        script.progress = Progress(number, session.memory)
        if step.action in GOES_BACK and not tenant.driver.mode.manual:
            await tenant.driver.change(MANUAL)
        if not on and session.result.failures:
            break
    return session.result


@asynccontextmanager
async def _player(host: Host, script: Script, seed: int) -> AsyncIterator[Player]:
    # lazy: 90 ms of HTTP client, which only a server that plays needs
    import aiohttp

    # lazy: 35 ms of schema and YAML besides
    from mockserver.client import AsyncMockServer
    from mockserver.replay.api import Api
    from mockserver.replay.player import Player
    from mockserver.replay.world import PlayedWorld

    token = next(iter(host.defaults.secrets), None)  # the control token is the one secret of a server
    async with (
        _own_port(host) as url,
        AsyncMockServer(url, token, timeout=None) as server,
        aiohttp.ClientSession() as http,
    ):
        yield Player(script.scenario, PlayedWorld(server, Api(http, url)), None, seed=seed)


@asynccontextmanager
async def _own_port(host: Host) -> AsyncIterator[str]:
    """The URL of a port of this machine that answers as the server does, open for as long as steps are played."""
    if host.serve is None:
        raise NO_PLAYING.refuse()
    runner = web.ServerRunner(host.serve(host), shutdown_timeout=0.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _first_failure(replay: Replay) -> str:
    number = replay.failures[0].number
    before = f"'serve --play {number - 1}' stops before it" if number > 1 else "it is the first one"
    return (
        f"{replay.scenario}: {len(replay.failures)} of {len(replay.entries)} steps not as expected, "
        f"first step {number}: {before}"
    )
