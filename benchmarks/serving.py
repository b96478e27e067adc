"""A server for a load process: ``python -m benchmarks.serving NAME [KIND]`` prints address and path.

``bare``, ``mock`` and ``strict`` are read from, ``sink`` and ``busy`` receive webhooks, ``crowded`` has a large
world to be moved and a quiet one.

All send the same constant bytes; ``bare`` by an aiohttp handler that does nothing else, or, with a kind of key, checks
one signature each time. ``strict`` checks the requests' signatures. Where requests are to be signed (``bare unchecked``
too), a client id and a token are printed as well.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from aiohttp import web

from benchmarks.growth import ONE_ACCOUNT, place
from benchmarks.signing import KINDS, public_pem, sample
from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.accounts.holders import first_holder
from mockserver.kernel import system
from mockserver.kernel.profile import profile
from mockserver.kernel.world import World
from mockserver.server import ServerSettings, freeze, start

NOBODY = "00000000-0000-4000-8000-000000000000"
"""Who asks a server that does not care."""
LIFETIME = timedelta(hours=1)
CROWD = 20_000
"""Orders of the large world."""


def body() -> bytes:
    """An account as the mock sends it."""
    return seeding.account(World(profile("sandbox"), datetime(2023, 1, 10, 9, tzinfo=UTC))).wire


def _nothing() -> None:
    return None


async def bare(kind: str | None = None) -> tuple[str, str]:
    """A handler that sends the bytes; with a ``kind`` of key it checks one signature by it each time, and no more."""
    payload = body()
    check: Callable[[], None] = sample(kind) if kind in KINDS else _nothing

    async def answer(_: web.Request) -> web.Response:
        check()
        return web.Response(body=payload, headers={"content-type": "application/json"})

    application = web.Application()
    application.router.add_get("/accounts/{account_id}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    freeze()
    named = f"/accounts/one {NOBODY} none" if kind is not None else "/accounts/one"
    return f"127.0.0.1 {runner.addresses[0][1]}", named


async def mock() -> tuple[str, str]:
    """The mock, without authority, its journal on."""
    server = await start(ServerSettings(auth="off", clock="manual", port=0))
    default = server.worlds.default
    assert default is not None
    account = seeding.account(default.world)
    freeze()  # as the command does
    return f"127.0.0.1 {server.url.rsplit(':', 1)[1]}", f"/accounts/{account.id}"


async def strict() -> tuple[str, str]:
    """The mock as ``serve`` starts it: signature, token and scope are checked."""
    keys = {kind: public_pem(kind) for kind in KINDS}
    server = await start(ServerSettings(auth="strict", clock="manual", port=0, keys=keys))
    default = server.worlds.default
    assert default is not None
    account = seeding.account(default.world)
    scopes = ("accounts:read",)
    token = default.tokens.issue(default.world.ids, default.client_id, scopes, system.wall_now(), LIFETIME)
    freeze()  # as the command does
    return f"127.0.0.1 {server.url.rsplit(':', 1)[1]}", f"/accounts/{account.id} {default.client_id} {token}"


async def sink(status: int = 200) -> tuple[str, str]:
    """A receiver of webhooks that answers with a status and does nothing else."""

    async def answer(request: web.BaseRequest) -> web.Response:
        await request.read()
        return web.Response(status=status)

    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"127.0.0.1 {runner.addresses[0][1]}", "/hooks"


async def crowded() -> tuple[str, str]:
    """The mock with a world of ``CROWD`` orders that are to be dealt, and a quiet one beside it: their client ids."""
    server = await start(ServerSettings(scenarios=[ONE_ACCOUNT, ONE_ACCOUNT], auth="off", clock="manual", port=0))
    crowd, quiet = server.worlds
    place(crowd.world, CROWD)
    (account,) = quiet.world.table(ACCOUNTS)
    freeze()  # as the command does
    named = f"/accounts/{account.id} {crowd.client_id} {quiet.client_id} {first_holder(account)}"
    return f"127.0.0.1 {server.url.rsplit(':', 1)[1]}", named


async def busy() -> tuple[str, str]:
    """A receiver that answers 503."""
    return await sink(503)


async def main(which: str, kind: str | None = None) -> None:
    servers = {"mock": mock, "strict": strict, "sink": sink, "busy": busy, "crowded": crowded}
    address, path = await (bare(kind) if which == "bare" else servers[which]())
    print(address, path, flush=True)
    await asyncio.to_thread(sys.stdin.read)  # until the parent closes it


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
