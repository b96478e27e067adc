"""What the client under test asked, what it was answered, and whether that is what it should have asked.

``requests.py`` is generated from this module: after a change run ``python -m mockserver.client.generate``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from mockserver.client.commands import MOST_SHOWN, UNSET, Command, given, listed, nothing, span
from mockserver.client.connections import AsyncConnection
from mockserver.client.errors import not_verified
from mockserver.client.names import OperationName
from mockserver.client.request_answers import Awaited, Check, Requested, RequestInFull

PATIENCE: Final = 5.0
"""Seconds that a request is waited for."""


class AsyncRequests:
    """The journal of a world: bounded, secrets masked."""

    def __init__(self, connection: AsyncConnection, path: str) -> None:
        self._connection = connection
        self._path = f"{path}/requests"

    async def list(self, *, since: int | None = None, limit: int = MOST_SHOWN) -> list[Requested]:
        """The last requests; with ``since`` the first after that number."""
        query = {"since": since, "limit": limit}
        return await self._connection.send(Command("GET", self._path, listed("requests", Requested), query=query))

    async def get(self, number: int) -> RequestInFull:
        """One request with all that is known of it: headers of the answer, rule, violations, what it led to."""
        path = f"{self._path}/{number}"
        return await self._connection.send(Command("GET", path, RequestInFull.read))

    async def mark(self) -> int:
        """The number of the last request: ``since=`` it only later ones count."""
        return await self._connection.send(Command("GET", self._path, _last, query={"limit": 0}))

    async def clear(self) -> None:
        """Forget them; the world stays as it is."""
        await self._connection.send(Command("DELETE", self._path, nothing))

    async def check(
        self,
        method: str | None = None,
        path: str | None = None,
        *,
        operation: OperationName | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = UNSET,
        status: int | None = None,
        since: int | None = None,
        count: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        never: bool = False,
        unknown_path: bool = False,
    ) -> Check:
        """Whether the client asked this, so many times (at least once, where nothing is said).

        ``path``: without the query, ``*`` stands for anything. ``query``, ``headers``, ``body``: the named members
        count; values may be matchers as in scenarios (``${any}``). ``status``: what it was answered.

        A name that the API does not have is refused (:class:`~mockserver.client.ControlError`): ``never=True`` would
        hold of it whatever was asked. A path is known too when the client did ask for it; ``unknown_path``: it is
        meant as it is written.
        """
        asked = given(
            method=method,
            path=path,
            operation=operation,
            query=query,
            headers=headers,
            status=status,
            since=since,
            count=count,
            at_least=at_least,
            at_most=at_most,
            never=never or None,
            unknown_path=unknown_path or None,
        )
        if body is not UNSET:
            asked["body"] = body
        return await self._connection.send(Command("POST", f"{self._path}/verify", Check.read, asked))

    async def verify(
        self,
        method: str | None = None,
        path: str | None = None,
        *,
        operation: OperationName | None = None,
        **wanted: Any,
    ) -> Check:
        """The same as an assertion: an ``AssertionError`` says which requests come nearest, and why they miss.

        ``verify("POST", "/portfolios/orders", body={"cash_amount": "100.00"}, count=1)``
        """
        __tracebackhide__ = True
        found = await self.check(method, path, operation=operation, **wanted)
        if not found.verified:
            raise not_verified(found, given(method=method, path=path, operation=operation, **wanted))
        return found

    async def wait_for(
        self,
        method: str | None = None,
        path: str | None = None,
        *,
        operation: OperationName | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = UNSET,
        status: int | None = None,
        since: int | None = None,
        count: int = 1,
        timeout: float = PATIENCE,  # noqa: ASYNC109
        patient: bool = False,
        unknown_path: bool = False,
    ) -> Sequence[Requested]:
        """The first ``count`` requests that fit, as soon as they are there; those count that are there already.

        What fits is written as for :meth:`check`. ``since``: only requests after this number, as :meth:`mark` gives it.

        Raises ``NotVerifiedError``, an ``AssertionError`` with the nearest misses, after ``timeout`` seconds of the
        machine's time, and at once where nothing is under way that could bring a request: the world's clock is frozen
        and no command moves it, no request waits for its answer, and no webhook was delivered since ``since``. Where
        one was delivered, its receiver may have acknowledged it and still work: then the wait lasts its ``timeout``.
        ``patient``: wait in any case, for an application that works by itself. So it is, too, where another task of
        the event loop may be that application, and in any thread but the main one.
        """
        __tracebackhide__ = True
        wanted = given(
            method=method,
            path=path,
            operation=operation,
            query=query,
            headers=headers,
            status=status,
            since=since,
            unknown_path=unknown_path or None,
        )
        if body is not UNSET:
            wanted["body"] = body
        asked = {
            **wanted,
            "count": count,
            "timeout": span(timedelta(seconds=timeout)),
            "patient": patient or not self._connection.alone(),
        }
        found = await self._connection.send(
            Command("POST", f"{self._path}/wait", Awaited.read, asked, waits=max(0.0, timeout))
        )
        if not found.verified:
            raise not_verified(found, wanted)
        return found.requests


def _last(json: Any) -> int:
    return int(json["last"])
