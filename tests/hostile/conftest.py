"""A server in a thread of its own, with a world that has one of everything: the target of generated requests."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from mockserver.hosting.tenants import Tenant
from mockserver.server import ServerSettings, start

ACCOUNT = "a1000000-0000-4000-8000-000000000001"
GROUP = "a1000000-0000-4000-8000-000000000002"
USER = "a1000000-0000-4000-8000-000000000003"
ALLOCATION = "a1000000-0000-4000-8000-000000000004"
STRATEGY = "a1000000-0000-4000-8000-000000000005"
WEBHOOK = "a1000000-0000-4000-8000-000000000006"
ISIN = "DE0005933931"

SCENARIO = {
    "name": "one-of-everything",
    "clock": {"now": "2023-01-10T09:00:00Z"},
    "users": [{"id": USER}],
    "account_groups": [{"id": GROUP, "user_id": USER}],
    "accounts": [{"id": ACCOUNT, "account_group_id": GROUP}],
    "cash": [{"account_id": ACCOUNT, "amount": "100000"}],
    "strategies": [{"id": STRATEGY, "name": "drift", "conditions": [{"name": "1 %", "type": "DRIFT", "value": "1.0"}]}],
    "allocations": [
        {
            "id": ALLOCATION,
            "allocation": [
                {"instrument_id": ISIN, "weight": "0.6"},
                {"instrument_id": "FR0010524777", "weight": "0.4"},
            ],
        }
    ],
    "configurations": [{"account_id": ACCOUNT, "allocation_id": ALLOCATION}],
    "positions": [{"account_id": ACCOUNT, "instrument": ISIN, "quantity": "100"}],
    "webhooks": [{"id": WEBHOOK, "title": "nobody", "url": "http://127.0.0.1:9/nobody", "enabled": True}],
}


@dataclass
class Target:
    """A running server; ``tenant`` may be looked at from the test's thread while no request is under way."""

    url: str
    tenant: Tenant


@pytest.fixture(scope="session")
def target() -> Iterator[Target]:
    loop = asyncio.new_event_loop()
    settings = ServerSettings(auth="off", clock="manual", port=0, scenarios=[SCENARIO])
    thread = threading.Thread(target=loop.run_forever, name="hostile-target")
    thread.start()
    try:
        server = asyncio.run_coroutine_threadsafe(start(settings), loop).result(timeout=30)
        tenant = server.worlds.default
        assert tenant is not None
        yield Target(server.url, tenant)
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(timeout=30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)
        loop.close()
