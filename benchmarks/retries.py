"""Attempts of one delivery that fails again and again: the thousandth costs what the tenth did."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from benchmarks.measure import Figure
from benchmarks.processes import free_port, serving
from mockserver.control.commands import CommandResponse
from mockserver.control.execution import written
from mockserver.control.views import happened_view
from mockserver.domain import seeding
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.events import emit
from mockserver.kernel.world import Snapshot
from mockserver.server import ServerSettings, start
from mockserver.webhooks.subscriptions import seed_subscription

SHORT: Final = timedelta(seconds=610)
"""In it 13 attempts are due, after which all pauses are alike."""
PAUSE: Final = timedelta(seconds=600)
MEASURED: Final = 50
"""Attempts of which the cost is the mean."""
LATE: Final = 1_000
ROUNDS: Final = 3
SHOWN: Final = 1_000


def figures() -> Iterator[Figure]:
    yield _figure("refused connections", f"http://127.0.0.1:{free_port()}/hooks")
    with serving("busy") as (host, port, path):
        yield _figure("answers 503", f"http://{host}:{port}{path}")


def _figure(what: str, url: str) -> Figure:
    early, late = asyncio.run(_costs(url))
    return Figure(
        f"a retry, the {LATE:,}th ({what})",
        f"{late * 1e6:,.0f} us",
        f"the 10th {early * 1e6:,.0f} us",
        late / early,
        1.2,
        least=False,
    )


async def _costs(url: str) -> tuple[float, float]:
    """Processor seconds of an early attempt and of a late one, each told as the control API tells it."""
    async with await start(ServerSettings(auth="off", clock="manual", port=0)) as server:
        tenant = server.worlds.default
        assert tenant is not None
        world = tenant.world
        seed_subscription(world, url=url, type=["ACCOUNT"], config={"delay": "1s"})
        emit(world, "ACCOUNT.UPDATED", seeding.account(world))
        world.undo.clear()
        await tenant.driver.advance(SHORT)
        base = world.snapshot()
        early = min([await _cost(tenant, base) for _ in range(ROUNDS)])
        world.restore(base)
        await tenant.driver.advance((LATE - 13) * PAUSE)
        base = world.snapshot()
        late = min([await _cost(tenant, base) for _ in range(ROUNDS)])
        return early, late


async def _cost(tenant: Tenant, base: Snapshot) -> float:
    tenant.world.restore(base)
    begin = time.process_time()
    happened = await tenant.driver.advance(MEASURED * PAUSE)
    written(CommandResponse(200, happened_view(happened, SHOWN)))
    took = time.process_time() - begin
    if len(happened.deliveries) != MEASURED:
        raise RuntimeError(f"{len(happened.deliveries)} attempts")
    return took / MEASURED
