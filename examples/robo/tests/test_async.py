"""For asynchronous code there is a twin: the same world, and its commands are awaited."""

from __future__ import annotations

import asyncio

import pytest
from mockserver.pytest_plugin import AsyncMockWorld

from robo.api import Api


@pytest.mark.mockserver(scenario="customer.yaml")
async def test_an_event_is_awaited(aio_mockserver: AsyncMockWorld, user: str, account: str) -> None:
    receiver = aio_mockserver.receiver("PORTFOLIO_ORDER")
    with Api(aio_mockserver.url, aio_mockserver.client_id, aio_mockserver.client_secret) as api:
        order = await asyncio.to_thread(api.buy, user, account, "400.00")

    await aio_mockserver.clock.to("2023-03-01T12:00:00Z")
    [filled] = await receiver.wait_for("PORTFOLIO_ORDER.FILLED")
    assert filled["object"]["id"] == order["id"]
