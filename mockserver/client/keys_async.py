"""The keys and tokens of a world, for programs with an event loop.

``keys.py`` is generated from this module: after a change run ``python -m mockserver.client.generate``.
"""

from __future__ import annotations

from typing import Any

from mockserver.client.commands import MOST_SHOWN, Command, given, listed, nothing, part
from mockserver.client.credentials import ClientKeys, IdempotencyKey, Key, Token, WebhookKeys
from mockserver.client.parts_async import AsyncPart


class AsyncTokens(AsyncPart):
    """The access tokens of a client. Their time is the machine's, so no move of a clock ends it."""

    async def list(self, limit: int = MOST_SHOWN) -> list[Token]:
        path = f"{self._path}/tokens"
        return await self._connection.send(Command("GET", path, listed("tokens", Token), query={"limit": limit}))

    async def expire(self, token: str | None = None) -> int:
        """End the time of all tokens, or of one; answers how many were valid until now."""
        body = {"all": True} if token is None else {"token": token}
        path = f"{self._path}/tokens/expire"
        return await self._connection.send(Command("POST", path, _expired, body))


class AsyncIdempotencyKeys(AsyncPart):
    """The idempotency keys whose answers are kept. Their time is the machine's, so no move of a clock ends it."""

    async def list(self, limit: int = MOST_SHOWN) -> list[IdempotencyKey]:
        path, read = f"{self._path}/idempotency_keys", listed("idempotency_keys", IdempotencyKey)
        return await self._connection.send(Command("GET", path, read, query={"limit": limit}))

    async def expire(self, key: str | None = None) -> int:
        """End the time of all keys, or of one: a repeat is a new request then. Answers how many were valid."""
        body = {"all": True} if key is None else {"key": key}
        path = f"{self._path}/idempotency_keys/expire"
        return await self._connection.send(Command("POST", path, _expired, body))


class AsyncNonces(AsyncPart):
    """The nonces of signed requests."""

    async def expire(self) -> int:
        """Forget all, so that each may be used again; answers how many were remembered."""
        return await self._connection.send(Command("POST", f"{self._path}/nonces/expire", _expired, {"all": True}))


class AsyncKeys(AsyncPart):
    """The keys that requests may be signed with."""

    async def list(self) -> ClientKeys:
        return await self._connection.send(Command("GET", f"{self._path}/keys", ClientKeys.read))

    async def put(self, id: str, public_key: str) -> Key:
        """Register a public key in PEM, or replace the one of that id."""
        path = f"{self._path}/keys/{part(id)}"
        return await self._connection.send(Command("PUT", path, Key.read, {"public_key": public_key}))

    async def remove(self, id: str) -> None:
        """Forget a key; what it signs is refused from now on."""
        await self._connection.send(Command("DELETE", f"{self._path}/keys/{part(id)}", nothing))


class AsyncSigningKeys(AsyncPart):
    """The keys that deliveries are signed with."""

    async def list(self) -> WebhookKeys:
        return await self._connection.send(Command("GET", f"{self._path}/webhook_keys", WebhookKeys.read))

    async def rotate(self) -> WebhookKeys:
        """Make a new key, which signs from now on."""
        return await self._connection.send(Command("POST", f"{self._path}/webhook_keys/rotate", WebhookKeys.read))

    async def retire(self, kid: str) -> None:
        """Publish a key no more."""
        await self._connection.send(Command("DELETE", f"{self._path}/webhook_keys/{part(kid)}", nothing))

    async def spoil(self, fault: str | None, count: int | None = None) -> WebhookKeys:
        """Make signatures wrong (``wrong_signature``, ``expired_key``), the next ``count`` or all; ``None``: right."""
        body = {"fault": fault, **given(count=count)}
        path = f"{self._path}/webhook_keys/fault"
        return await self._connection.send(Command("PUT", path, WebhookKeys.read, body))


def _expired(json: Any) -> int:
    return int(json["expired"])
