"""The server of a test session: one in a thread of its own, or one that runs already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from mockserver.client import ControlError, MockServer, UnreachableError, World
from mockserver.client.connections import AsyncConnection, Connection
from mockserver.client.worlds import TIMEOUT
from mockserver.embedded.clocks import frozen_problem
from mockserver.kernel.frozen import frozen
from mockserver.pytest_plugin.leases import LEASE, Leases
from mockserver.pytest_plugin.marks import MarkedWorld, marked_world
from mockserver.pytest_plugin.misuse import MisuseError
from mockserver.pytest_plugin.origins import Origins
from mockserver.pytest_plugin.report import described, failed, rerun
from mockserver.pytest_plugin.seeds import Seed, Seeds
from mockserver.pytest_plugin.worlds import AsyncMockWorld, MockWorld, Receivers
from mockserver.testing.background_loop import BackgroundLoop
from mockserver.testing.reachability import ReceiverAddress
from mockserver.testing.receiver import AsyncReceiver, Inbox, Receiver
from mockserver.testing.sockets import advice

LOOK: Final = 5.0
"""Seconds that a look at a world may take for a report: a server that hangs has cost the test enough."""


UNREACHED: Final = (
    "nothing ever arrived at the receiver {url}: if the server runs in a container or on another machine, give "
    "--mockserver-receiver-host (MOCKSERVER_RECEIVER_HOST) the name or address under which it reaches this machine, "
    "for example host.docker.internal"
)


@contextmanager
def opened(
    url: str | None,
    token: str | None,
    receiver_host: str | None,
    *,
    receiver_bind: str | None = None,
    take_over: bool = False,
) -> Iterator[MockSession]:
    """The running server at ``url``, or one that is started here and stopped at the end.

    On a running one the worlds have leases, which end with this process however it ends.
    """
    with BackgroundLoop() as background:
        if url is not None:
            names = (receiver_host, receiver_bind)
            yield from _on(background, url, token, names, leased=True, take_over=take_over)
            return
        # lazy: 350 ms, and with --mockserver-url the server is somewhere else
        from mockserver.embedded.thread import started

        with started(background) as server:
            yield from _on(background, server.url, None, (None, None), leased=False, take_over=take_over)


def _address(url: str, host: str | None, bind: str | None) -> ReceiverAddress:
    try:
        return ReceiverAddress.for_server(url, host, bind)
    except ValueError as error:
        raise MisuseError(f"--mockserver-receiver-host: {error}") from None


def _on(
    background: BackgroundLoop,
    url: str,
    token: str | None,
    names: tuple[str | None, str | None],
    *,
    leased: bool,
    take_over: bool,
) -> Iterator[MockSession]:
    try:
        server = MockServer(url, token)
    except ValueError as error:
        raise MisuseError(str(error)) from None
    with server:
        server.health()
        address = _address(url, *names)
        leases = Leases(server) if leased else None
        session = MockSession(server, background, token, address, leases=leases, take_over=take_over)
        yield session
        session.close()


class MockSession:
    """What the fixture ``mockserver_session`` is: a server, on which fixtures of any scope make worlds."""

    def __init__(
        self,
        server: MockServer,
        background: BackgroundLoop,
        token: str | None,
        address: ReceiverAddress,
        *,
        leases: Leases | None = None,
        take_over: bool = False,
    ) -> None:
        self.url = server.url
        self.server = server
        """Its control API."""
        self._background = background
        self._token = token
        self._address = address
        self._leases = leases
        self._take_over = take_over
        self._worlds: list[Pair] = []
        self.allow_failures = False
        """Whether rules of the mock may fail in a world that does not say."""
        self.origins, self.seeds = Origins(), Seeds()
        """What the seeds of worlds are made from."""

    @contextmanager
    def world(self, **asked: Any) -> Iterator[MockWorld]:
        """A world as the marker describes it: ``scenario``, ``profile``, ``seed``, ``auth``, ``clock``,
        ``allow_failures``.

        The path of a scenario is relative to the working directory. The world is removed at the end.
        """
        pair = self.make(marked_world(asked, Path(), self.seeds))
        try:
            yield pair.world
        except BaseException:
            pair.close()
            raise
        if problem := pair.close():
            pytest.fail(problem, pytrace=False)

    def make(self, asked: MarkedWorld, *, asynchronous: bool = False) -> Pair:
        """A world, with both of its faces; ``asynchronous``: the receiver of its scenario is awaited."""
        problem = None if self._leases is not None else frozen_problem()
        if problem is not None:
            raise MisuseError(problem)
        kind: type[Inbox] = AsyncReceiver if asynchronous else Receiver
        receivers = Receivers(self._background, self._address, self.url, self._token)
        try:
            receivers.seeded = receivers.open(kind) if asked.receives else None
            made = self.server.worlds.create(
                asked.scenario,
                profile=asked.profile,
                clock=asked.mode,
                now=asked.now,
                seed=asked.seed.number(self.origins.next()),
                auth=asked.auth,
                receiver=None if receivers.seeded is None else receivers.seeded.url,
                lease=None if self._leases is None else LEASE,
                take_over=self._take_over,
            )
        except BaseException:
            receivers.close()
            raise
        world = MockWorld(made.connection, made.about, receivers)
        connection = AsyncConnection(self.url, self._token, TIMEOUT, known=True)
        other = AsyncMockWorld(connection, made.about, receivers, lambda: world.private_key_pem)
        receivers.world = world
        allowed = self.allow_failures if asked.allow_failures is None else asked.allow_failures
        pair = Pair(self, world, other, receivers, asked.seed, allowed)
        self._worlds.append(pair)
        if self._leases is not None:
            self._leases.hold(made)
        return pair

    def sections(self, test: str) -> list[tuple[str, str]]:
        """What the report of a failing ``test`` shows of the worlds that are there now."""
        connection = Connection(self.url, self._token, LOOK, known=True)
        try:
            shown = [(pair, World(connection, pair.world.about)) for pair in self._worlds]
            return [
                (f"mockserver world {world.client_id}", self._described(pair, world, test)) for pair, world in shown
            ]
        finally:
            connection.close()

    def _described(self, pair: Pair, world: World, test: str) -> str:
        text = _shown(world, rerun(test, pair.world.about.seed, pair.seed))
        if self._leases is None:
            return text  # a server in this process reaches its receivers
        try:
            unreached = pair.receivers.unreached(world.deliveries.list())
        except Exception:  # the text says it already
            return text
        return "\n".join([text, *(UNREACHED.format(url=url) for url in unreached)])

    def forget(self, pair: Pair) -> None:
        if pair in self._worlds:
            self._worlds.remove(pair)
        if self._leases is not None:
            self._leases.release(pair.world)

    def close(self) -> None:
        """Remove the worlds that are left."""
        for pair in list(self._worlds):
            pair.close()
        if self._leases is not None:
            self._leases.close()


@frozen(eq=False)
class Pair:
    """A world of a test, as synchronous and as asynchronous tests see it."""

    session: MockSession
    world: MockWorld
    async_world: AsyncMockWorld
    receivers: Receivers
    seed: Seed
    allow_failures: bool = False

    def close(self) -> str | None:
        """Remove the world; the text of a failure where a rule of the mock failed in it.

        That the server is gone, or the world, is no failure of a test that is over.
        """
        self.session.forget(self)
        try:
            found = self.world.remove_and_tell()
        except UnreachableError:
            pass
        except ControlError as error:
            if error.status != 404:
                raise
        else:
            if found.total_count and not self.allow_failures:
                return failed(self.world, found)
        finally:
            self.receivers.close()
        return None


def _shown(world: World, line: str) -> str:
    """A report never fails the run, whatever the test has done to its process."""
    try:
        return described(world, line)
    except Exception as error:
        return "\n".join(filter(None, (f"cannot be shown: {type(error).__name__}: {error}", advice(error))))
