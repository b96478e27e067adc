"""The webhook receiver that a replay brings along: it answers 200 and keeps the bytes of every bundle.

It listens on a free port of the loopback interface. The port differs from run to run, so everything that is recorded is
masked: the address reads ``http://receiver`` there.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import orjson
from aiohttp import web

MASK = "http://receiver"


@dataclass(frozen=True, slots=True)
class Received:
    """A bundle as it came."""

    path: str
    body: bytes

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events inside; empty where the body is no bundle (a test call)."""
        try:
            payload = orjson.loads(self.body)["payload"]
        except (ValueError, KeyError, TypeError):
            return []
        return payload if isinstance(payload, list) else []

    @property
    def webhook_id(self) -> str:
        return str(self.events[0].get("webhook_id", "")) if self.events else ""


class Receiver:
    """An HTTP server for deliveries, as an asynchronous context."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        _, port = self._runner.addresses[0][:2]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def masked(self, body: bytes) -> bytes:
        """The bytes with a fixed name in place of this run's address."""
        return body.replace(self.url.encode(), MASK.encode()) if self.url else body

    def by_subscription(self) -> list[Received]:
        """All bundles, those of one subscription in the order of arrival; subscriptions do not wait for each other."""
        return sorted(self.received, key=lambda bundle: (bundle.path, bundle.webhook_id))

    async def _take(self, request: web.Request) -> web.Response:
        self.received.append(Received(request.path, await request.read()))
        return web.Response()
