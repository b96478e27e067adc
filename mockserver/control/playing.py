"""Playing the steps of the scenarios that a server begins with, before it serves: a world to look at and go on in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aiohttp import web

from mockserver.control.house import House
from mockserver.control.plans import Plan, Source
from mockserver.control.tenants import Tenant
from mockserver.protocol.clients import Auth

if TYPE_CHECKING:
    from mockserver.scenario.schema import Scenario
    from mockserver.scenario.timeline import Replay


class NotAsExpectedError(Exception):
    """Steps were played, and something was not as expected."""

    def __init__(self, replays: Sequence[Replay]) -> None:
        self.replays = replays
        super().__init__("; ".join(_first_failure(each) for each in replays if not each.passed))


async def play(
    runner: web.ServerRunner, house: House, sources: Sequence[Source], steps: int | bool, receiver: str | None
) -> list[Replay]:
    """Play the first ``steps``, or all (``True``), of each scenario in its world; ``receiver``: that of the worlds.

    They are sent over a port of this machine that is open for them alone. Clocks are frozen meanwhile, and steps need a
    token and no signature, whatever the world asks for. Raises :class:`NotAsExpectedError` once all are played, if
    something was not as expected.
    """
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        replays = await _play(url, house, sources, None if steps is True else steps, receiver)
    finally:
        await site.stop()
    if not all(each.passed for each in replays):
        raise NotAsExpectedError(replays)
    return replays


async def _play(
    url: str, house: House, sources: Sequence[Source], most: int | None, receiver: str | None
) -> list[Replay]:
    # lazy: 90 ms of HTTP client, which only a server that plays needs
    import aiohttp

    # lazy: 35 ms of schema and YAML besides
    from mockserver.scenario.remote import NO_TIMEOUT, Remote
    from mockserver.scenario.replay import Player

    token = next(iter(house.defaults.secrets), None)  # the control token is the one secret of a server
    replays = []
    async with aiohttp.ClientSession(timeout=NO_TIMEOUT) as session:
        for source, tenant in zip(sources, list(house.worlds), strict=True):
            player = Player(_scenario(source), Remote(session, url, token), None)
            if receiver is not None:
                player.session.names["receiver"] = receiver
            with _by_token(tenant):
                played = player.play_in(tenant.client_id, tenant.client_secret, sorted(tenant.scopes), most)
                replays.append(await played)
    return replays


@contextmanager
def _by_token(tenant: Tenant) -> Iterator[None]:
    """Ask for a token and no signature: the steps of a scenario have none."""
    usual, tenant.auth = tenant.auth, Auth.TOKEN
    try:
        yield
    finally:
        tenant.auth = usual


def _scenario(source: Source) -> Scenario:
    # lazy: 35 ms of schema and YAML
    from mockserver.scenario.load import load
    from mockserver.scenario.schema import Scenario

    if isinstance(source, Scenario):
        return source
    if isinstance(source, Plan):
        return load(source.data)
    assert source is not None, "a world without a scenario has no steps"
    return load(source)


def _first_failure(replay: Replay) -> str:
    number = replay.failures[0].number
    before = f"'serve --play {number - 1}' stops before it" if number > 1 else "it is the first one"
    return (
        f"{replay.scenario}: {len(replay.failures)} of {len(replay.entries)} steps not as expected, "
        f"first step {number}: {before}"
    )
