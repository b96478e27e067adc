"""A server in a thread of its own, and clients of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockserver.client import MockServer, World
from mockserver.server import ServerSettings, start
from mockserver.testing.background_loop import BackgroundLoop


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """Of a server whose default world has no credentials to check."""
    with BackgroundLoop() as background:
        server = background.call(start(ServerSettings(port=0, clock="manual", auth="off")))
        yield server.url
        background.call(server.stop())


@pytest.fixture
def server(url: str) -> Iterator[MockServer]:
    with MockServer(url) as server:
        yield server


@pytest.fixture
def world(server: MockServer) -> Iterator[World]:
    """A world of its own."""
    with server.worlds.create({"name": "own", "accounts": [{"as": "savings"}]}, clock="manual", auth="off") as world:
        yield world
