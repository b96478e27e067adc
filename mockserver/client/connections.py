"""How commands reach a server: over ``http.client``, or over aiohttp where there is an event loop.

``http.client`` and not ``urllib``: the latter would ask a proxy from the environment for ``localhost``.
"""

from __future__ import annotations

import http.client
import threading
import weakref
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from mockserver.client.commands import Command, as_it_is, checked, connect, headers, silent
from mockserver.client.identity import HEALTH, Reply, check_identity, not_http, unreachable

if TYPE_CHECKING:
    from aiohttp import ClientSession

T = TypeVar("T")

BROKEN = (http.client.RemoteDisconnected, ConnectionError)
"""How a connection ends that was kept open and that the server has closed since."""

NOT_HTTP = (http.client.BadStatusLine, http.client.UnknownProtocol, http.client.LineTooLong)
"""How what is no HTTP reads; a connection that was closed without an answer is a ``BadStatusLine`` too."""


IDENTIFY: Final = Command("GET", HEALTH, as_it_is)
"""Sent once, before the first command of a connection."""

NO_LOOP: Final = (
    "mockserver's asynchronous client works on asyncio only, and no event loop of asyncio runs here (but trio's?): "
    "run it on asyncio, with anyio's plugin by the fixture anyio_backend, or use the synchronous client in a thread"
)


class Connection:
    """Sends commands to one server, from any number of threads; connections are kept open between them.

    ``timeout``: seconds that an answer may take; ``None``: as long as it takes. ``known``: the server was recognised
    before.
    """

    def __init__(self, url: str, token: str | None, timeout: float | None, *, known: bool = False) -> None:
        self.url = checked(url)
        self.known = known
        self.timeout = timeout
        self._parts = urlsplit(self.url)
        self._headers = headers(token)
        self._idle: list[http.client.HTTPConnection] = []
        self._finalizer = weakref.finalize(self, _close_all, self._idle)

    def send(self, command: Command[T]) -> T:
        """Carry out a command; raises :class:`~mockserver.client.errors.ControlError` where it is refused."""
        if not self.known and command.path != HEALTH:
            self.send(IDENTIFY)
        seconds = command.timeout(self.timeout)
        try:
            reply = self._exchange(command, seconds)
        except TimeoutError:
            raise silent(self.url, command, seconds) from None
        except http.client.RemoteDisconnected as error:
            raise unreachable(self.url, error) from error
        except NOT_HTTP as error:
            raise not_http(self.url) from error
        except (OSError, http.client.HTTPException) as error:
            raise unreachable(self.url, error) from error
        if command.path == HEALTH:
            check_identity(self.url, reply)
            self.known = True
        return command.answered(self.url, reply.status, reply.content)

    def lines(self, command: Command[Any], silence: float) -> Iterator[bytes]:
        """The lines of an answer that goes on, as they come; ``silence``: seconds without one after which it is over.

        Raises :class:`~mockserver.client.errors.ControlError` where the command is refused.
        """
        if not self.known:
            self.send(IDENTIFY)
        connection = self._opened()
        try:
            if connection.sock is not None:
                connection.sock.settimeout(silence)
            connection.request(command.method, f"{self._parts.path}{command.target}", None, self._headers)
            response = connection.getresponse()
            if response.status >= 400:
                command.answered(self.url, response.status, response.read())
            while line := response.readline():
                yield line
        except TimeoutError:
            raise silent(self.url, command, silence) from None
        except (OSError, http.client.HTTPException) as error:
            raise unreachable(self.url, error) from error
        finally:
            connection.close()

    def open(self) -> None:
        """Nothing: connections are kept open anyway."""

    def alone(self) -> bool:
        """Whether nobody else in this process can do anything while a command waits: in the main thread."""
        return threading.current_thread() is threading.main_thread()

    def close(self) -> None:
        """Close the connections that are open. A command opens another."""
        _close_all(self._idle)

    def _exchange(self, command: Command[T], seconds: float | None) -> Reply:
        while True:
            connection, kept = self._taken()
            done = False
            try:
                if connection.sock is not None:
                    connection.sock.settimeout(seconds)
                connection.request(
                    command.method, f"{self._parts.path}{command.target}", command.content, self._headers
                )
                response = connection.getresponse()
                content = response.read()
                done = not response.will_close
                return Reply(
                    response.status,
                    content,
                    response.getheader("content-type", ""),
                    response.getheader("location", ""),
                )
            except BROKEN:
                if not kept:
                    raise
            finally:
                if done:
                    self._idle.append(connection)
                else:
                    connection.close()

    def _taken(self) -> tuple[http.client.HTTPConnection, bool]:
        """A connection, and whether it was kept open."""
        try:
            return self._idle.pop(), True
        except IndexError:
            return self._opened(), False

    def _opened(self) -> http.client.HTTPConnection:
        secure = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=connect(self.timeout))
        try:
            connection.connect()
        except TimeoutError as error:
            raise unreachable(self.url, error) from error
        return connection


class AsyncConnection:
    """Sends commands to one server. ``timeout`` and ``known``: as of :class:`Connection`.

    Between :meth:`open` and :meth:`close` connections are kept open; else each command has its own, so that there is
    nothing to close and nothing that belongs to a certain event loop.
    """

    def __init__(self, url: str, token: str | None, timeout: float | None, *, known: bool = False) -> None:
        self.url = checked(url)
        self.known = known
        self.timeout = timeout
        self._headers = headers(token)
        self._session: ClientSession | None = None

    def alone(self) -> bool:
        """Whether nobody else in this event loop can do anything while a command is awaited."""
        # lazy: 40 ms of asyncio, which the synchronous client does without
        from asyncio import all_tasks, current_task

        return all_tasks() <= {current_task()}

    async def send(self, command: Command[T]) -> T:
        """Carry out a command; raises :class:`~mockserver.client.errors.ControlError` where it is refused."""
        # lazy: 90 ms with aiohttp, see below
        from asyncio import get_running_loop

        # lazy: 90 ms, and a program that uses the synchronous client needs no aiohttp
        from aiohttp import ClientError, ClientResponseError, ClientTimeout, ConnectionTimeoutError
        from yarl import URL

        if not self.known and command.path != HEALTH:
            await self.send(IDENTIFY)
        try:
            get_running_loop()
        except RuntimeError:
            raise RuntimeError(NO_LOOP) from None
        seconds = command.timeout(self.timeout)
        timeout = ClientTimeout(total=seconds, connect=connect(self.timeout))
        session = self._session or self._made()
        try:
            async with session.request(
                command.method,
                URL(f"{self.url}{command.target}", encoded=True),
                data=command.content,
                headers=self._headers,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                head = response.headers
                content = await response.read()
                reply = Reply(response.status, content, head.get("content-type", ""), head.get("location", ""))
        except ConnectionTimeoutError as error:
            raise unreachable(self.url, error) from error
        except TimeoutError:
            raise silent(self.url, command, seconds) from None
        except ClientResponseError as error:  # raised where the answer cannot be read
            raise not_http(self.url) from error
        except (ClientError, OSError) as error:
            raise unreachable(self.url, getattr(error, "os_error", error)) from error
        finally:
            if session is not self._session:
                await session.close()
        if command.path == HEALTH:
            check_identity(self.url, reply)
            self.known = True
        return command.answered(self.url, reply.status, reply.content)

    async def lines(self, command: Command[Any], silence: float) -> AsyncIterator[bytes]:
        """The lines of an answer that goes on, as they come; ``silence``: seconds without one after which it is over.

        Raises :class:`~mockserver.client.errors.ControlError` where the command is refused.
        """
        # lazy: 90 ms, and a program that uses the synchronous client needs no aiohttp
        from aiohttp import ClientError, ClientTimeout
        from yarl import URL

        if not self.known:
            await self.send(IDENTIFY)
        session = self._made()
        timeout = ClientTimeout(total=None, connect=connect(self.timeout), sock_read=silence)
        try:
            async with session.request(
                command.method,
                URL(f"{self.url}{command.target}", encoded=True),
                headers=self._headers,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                if response.status >= 400:
                    command.answered(self.url, response.status, await response.read())
                while line := await response.content.readuntil(b"\n"):
                    yield line
        except TimeoutError:
            raise silent(self.url, command, silence) from None
        except (ClientError, OSError, ValueError) as error:
            raise unreachable(self.url, getattr(error, "os_error", error)) from error
        finally:
            await session.close()

    async def open(self) -> None:
        """Keep connections open from here on."""
        if self._session is None:
            self._session = self._made()

    async def close(self) -> None:
        """Close what :meth:`open` keeps."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _made(self) -> ClientSession:
        # lazy: 90 ms, see above
        from aiohttp import ClientSession, DummyCookieJar

        return ClientSession(cookie_jar=DummyCookieJar())


def _close_all(connections: list[http.client.HTTPConnection]) -> None:
    while connections:
        connections.pop().close()
