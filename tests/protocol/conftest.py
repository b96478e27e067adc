"""A server of the mocked API alone, with domain functions made for the test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import pytest

from mockserver.hosting.modes import MANUAL
from mockserver.hosting.registry import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Worlds
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.operations import Handler
from mockserver.kernel.world import World
from mockserver.protocol.chain import Chain
from mockserver.protocol.clients import Auth
from mockserver.protocol.connections import Connections
from mockserver.protocol.tokens import all_scopes
from mockserver.webhooks.sender import Sender
from tests.conftest import AiohttpClient, Api, Connected
from tests.statuses import unnoted

Serve = Callable[..., Awaitable[Api]]


@pytest.fixture
def serve(world: World, aiohttp_client: AiohttpClient) -> Iterator[Serve]:
    """``await serve({"retrieve_order": function}, auth=...)``: a client of a chain with only these functions."""

    async def make(handlers: Mapping[str, Handler], auth: Auth = Auth.OFF, **slots: Any) -> Api:
        tenant = Tenant(
            DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, world, Sender(), scopes=all_scopes(), auth=auth, mode=MANUAL
        )
        worlds = Worlds()
        worlds.add(tenant, default=True)
        chain = Chain(worlds, handlers, **slots)
        return Api(await aiohttp_client(Connected(Connections(chain.__call__))), tenant)

    with unnoted():
        yield make
