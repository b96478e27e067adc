"""A server that checks signatures, in a thread of its own: the clients of these tests wait for its answers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from mockserver.hosting.tenants import Tenant
from mockserver.server import RunningServer, ServerSettings, start
from tests.protocol.signing.signer import KINDS, private_key, public_pem

ISIN = "IE00BKBF6H24"
SCENARIO = {
    "name": "a-client",
    "clock": {"now": "2023-01-10T09:00:00Z"},
    "users": [{"as": "ada"}],
    "account_groups": [{"as": "group", "user_id": "ada"}],
    "accounts": [{"as": "portfolio", "account_group_id": "group", "type": "PORTFOLIO"}],
    "cash": [{"account_id": "portfolio", "amount": "1000"}],
    "allocations": [{"as": "mix", "allocation": [{"instrument_id": ISIN, "weight": "1"}]}],
    "configurations": [{"account_id": "portfolio", "allocation_id": "mix"}],
}


@dataclass
class Strict:
    """A running server; a key of each kind is registered under its kind."""

    url: str
    tenant: Tenant


@contextmanager
def running(**settings: Any) -> Iterator[RunningServer]:
    """A server in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="server")
    thread.start()
    try:
        server = asyncio.run_coroutine_threadsafe(start(ServerSettings(port=0, **settings)), loop).result(timeout=30)
        yield server
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(timeout=30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)
        loop.close()


@pytest.fixture(scope="module")
def strict() -> Iterator[Strict]:
    keys = {kind: public_pem(private_key(kind)) for kind in KINDS}
    with running(auth="strict", clock="manual", scenarios=[SCENARIO], keys=keys) as server:
        tenant = server.worlds.default
        assert tenant is not None
        yield Strict(server.url, tenant)
