"""Fixtures that all tests may use: a world, and a client of a server whose default world it is."""

from __future__ import annotations

import tests.bytecode  # noqa: F401 - first, so that what all others import is kept

# isort: split
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from typing import Any
from uuid import UUID

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestClient

from mockserver.hosting.creation import Defaults
from mockserver.hosting.host import Host
from mockserver.hosting.modes import MANUAL
from mockserver.hosting.registry import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Worlds
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.world import World
from mockserver.protocol.clients import Auth
from mockserver.protocol.tokens import all_scopes
from mockserver.scenario.build import build_world
from mockserver.scenario.schema import Scenario
from mockserver.server import connections
from mockserver.webhooks.sender import Sender
from tests.conformance import assert_conforms, assert_problem
from tests.lanes import (
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_ignore_collect,
    pytest_xdist_auto_num_workers,
)

HOOKS = (
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_ignore_collect,
    pytest_xdist_auto_num_workers,
)
"""Found by pytest in this module, under these names."""

NOW = datetime(2023, 1, 10, 9, tzinfo=UTC)
"""A Tuesday, on which the markets trade; ten o'clock in Frankfurt."""

AiohttpClient = Callable[[BaseTestServer], Awaitable[TestClient[Any, Any]]]


class Connected(BaseTestServer):
    """A test server of connections as ``serve`` has them: without an application around them."""

    def __init__(self, server: web.Server) -> None:
        super().__init__()
        self._server = server

    async def _make_runner(self, **_: Any) -> web.ServerRunner:
        return web.ServerRunner(self._server)


@dataclass(frozen=True)
class Plain:
    """A version that is nothing but its JSON: what a test's own functions answer or tell."""

    wire: bytes


@dataclass
class Answer:
    """An answer that conforms to the contract."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def detail(self) -> str:
        """What a problem says."""
        return str(self.json.get("detail", ""))


@dataclass
class Api:
    """A client of the mocked API and of the control API that checks every answer."""

    http: TestClient[Any, Any]
    tenant: Tenant
    headers: dict[str, str] = field(default_factory=dict)
    """Sent with every request."""
    worlds: Worlds | None = None
    """Of its server."""
    _keys: Any = field(default_factory=lambda: count(1))

    @property
    def world(self) -> World:
        return self.tenant.world

    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        data: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        key: str | None = "",
    ) -> Answer:
        """Send a request. ``key``: the idempotency key; empty: a new one, ``None``: none."""
        sent = {**self.headers, **(headers or {})}
        if json is not None:
            data = orjson.dumps(json)
        if data is not None and "content-type" not in {name.lower() for name in sent}:
            sent["content-type"] = "application/json"
        if key is not None and "idempotency-key" not in sent:
            sent["idempotency-key"] = key or str(UUID(int=next(self._keys), version=4))
        body = BytesIO(data.encode() if isinstance(data, str) else data) if data is not None else None
        async with self.http.request(method, path, data=body, headers=sent) as response:
            answer = Answer(response.status, response.headers, await response.read())
        if not path.startswith("/_mock/"):
            assert_conforms((method, path), answer.status, answer.headers, answer.body)
        elif answer.status >= 400:
            assert_problem(answer.status, answer.headers, answer.body)
        return answer

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> Answer:
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Any) -> Answer:
        return await self.request("PUT", path, **options)

    async def patch(self, path: str, **options: Any) -> Answer:
        return await self.request("PATCH", path, **options)

    async def delete(self, path: str, **options: Any) -> Answer:
        return await self.request("DELETE", path, **options)


@pytest.fixture
def world() -> World:
    """An empty world of the sandbox profile; its clock stands."""
    return build_world(Scenario(name="empty"), now=NOW, seed=1)


@pytest.fixture
def auth() -> Auth:
    """What the ``client``'s server checks; a test module may override it."""
    return Auth.OFF


@pytest.fixture
async def client(world: World, auth: Auth, aiohttp_client: AiohttpClient) -> AsyncIterator[Api]:
    """A client of a server whose default world is ``world``."""
    sender = Sender()
    tenant = Tenant(
        DEFAULT_CLIENT_ID,
        DEFAULT_CLIENT_SECRET,
        world,
        sender,
        scopes=all_scopes(),
        auth=auth,
        mode=MANUAL,
    )
    worlds = Worlds()
    worlds.add(tenant, default=True)
    host = Host(worlds, sender, Defaults(clock="manual", auth=auth, seed=1))
    worlds.start()
    yield Api(await aiohttp_client(Connected(connections(host))), tenant, worlds=worlds)
    worlds.stop()
    await sender.close()
