"""What cannot be reached is told in one line, soon."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress

import pytest

from mockserver.client import AsyncMockServer, ControlError, MockServer, UnreachableError
from mockserver.server import ServerSettings, start
from mockserver.testing.background_loop import BackgroundLoop

Health = Callable[..., Awaitable[object]]


async def _sync(url: str, seconds: float = 60.0) -> object:
    with MockServer(url, timeout=seconds) as server:
        return server.health()


async def _async(url: str, seconds: float = 60.0) -> object:
    async with AsyncMockServer(url, timeout=seconds) as server:
        return await server.health()


@pytest.fixture(params=[_sync, _async], ids=["sync", "async"])
def health(request: pytest.FixtureRequest) -> Health:
    function: Health = request.param
    return function


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener


def address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


async def test_nobody_listens(health: Health) -> None:
    with pytest.raises(
        UnreachableError, match=r"no mockserver answers at http://127.0.0.1:1 \(.*\): start one"
    ) as caught:
        await health("http://127.0.0.1:1")
    assert caught.value.status == 0
    assert "\n" not in str(caught.value)


async def test_somebody_listens_and_is_silent(health: Health, listener: socket.socket) -> None:
    with pytest.raises(UnreachableError, match=r"did not answer GET /_mock/health within 0\.05 s"):
        await health(address(listener), seconds=0.05)


async def test_it_hangs_up(health: Health, listener: socket.socket) -> None:
    def hang_up() -> None:
        with suppress(OSError):
            while True:
                listener.accept()[0].close()

    thread = threading.Thread(target=hang_up)
    thread.start()
    with pytest.raises(UnreachableError, match="no mockserver answers"):
        await health(address(listener))
    listener.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.parametrize("url", ["ftp://somewhere", "", "http://", "http://host:port", "http://host?x=1"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is no URL of a server"):
        MockServer(url)


def test_a_host_is_enough_of_a_url(url: str) -> None:
    with MockServer(url.removeprefix("http://")) as server:
        assert server.health().status == "ready"


def test_the_token_is_sent() -> None:
    with BackgroundLoop() as background:
        running = background.call(start(ServerSettings(port=0, control_token="secret")))
        with MockServer(running.url, "secret") as server, MockServer(running.url) as stranger:
            assert server.worlds.list()
            with pytest.raises(ControlError, match="--control-token"):
                stranger.worlds.list()
        background.call(running.stop())


def test_a_server_that_was_started_anew_is_found_again() -> None:
    with BackgroundLoop() as background:
        running = background.call(start(ServerSettings(port=0)))
        with MockServer(running.url) as server:
            server.health()
            background.call(running.stop())
            with pytest.raises(UnreachableError):
                server.health()
            again = background.call(start(ServerSettings(port=int(running.url.rpartition(":")[2]))))
            assert server.health().status == "ready"
            background.call(again.stop())


def test_a_client_that_is_dropped_leaves_no_socket(url: str) -> None:
    server = MockServer(url)
    server.health()
    del server
    gc.collect()  # an open socket would warn, and warnings are errors
