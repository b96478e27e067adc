"""What the control API answers about tokens and keys, as objects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mockserver.client.reading import Answer
from mockserver.kernel.frozen import frozen


@frozen(kw_only=True)
class Token(Answer):
    """An access token, masked."""

    token: str
    scopes: list[str]
    issued_at: datetime
    expires_at: datetime
    expired: bool


@frozen(kw_only=True)
class IdempotencyKey(Answer):
    """An idempotency key whose answer is kept, and the request it came with first."""

    idempotency_key: str
    operation: str
    path: str
    """With its query."""
    status: int
    expires_at: datetime


@frozen(kw_only=True)
class TestKey(Answer):
    """The key that a world brings along, to sign requests with."""

    __test__ = False  # for pytest: it is no test

    id: str
    private_key: str


@frozen(kw_only=True)
class Key(Answer):
    """A public key that requests may be signed with."""

    id: str
    kind: str
    public_key: str


@frozen(kw_only=True)
class ClientKeys(Answer):
    test_key: TestKey | None
    keys: list[Key]


@frozen(kw_only=True)
class WebhookKey(Answer):
    """A key that deliveries are signed with; ``jwk`` is what ``GET /auth/verify_keys`` shows."""

    kid: str
    created_at: datetime
    signs: bool
    jwk: Mapping[str, Any]


@frozen(kw_only=True)
class WebhookKeys(Answer):
    signature: str
    """The version of signatures, or ``none``."""
    fault: str | None
    count: int | None
    keys: list[WebhookKey]
