"""Access tokens: ``POST /auth/token`` and the bearer checks (concepts.md §1). Their time is wall time."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

import orjson
from pydantic import ValidationError

from mockserver.contract import Operation, contract
from mockserver.kernel.frozen import frozen
from mockserver.kernel.ids import Ids
from mockserver.kernel.quoting import shortened
from mockserver.kernel.violations import explained
from mockserver.models import validator
from mockserver.protocol.negotiation import FORM, check_content_type
from mockserver.protocol.redaction import TOKEN_PREFIX
from mockserver.protocol.refusals import (
    BODY_INVALID,
    CLIENT_MISMATCH,
    EXPIRED_TOKEN,
    LACKING_SCOPE,
    NO_SCOPE,
    NO_TOKEN,
    SCOPE_NOT_CONFIGURED,
    UNKNOWN_TOKEN,
    WRONG_SECRET,
)

if TYPE_CHECKING:
    from mockserver.protocol.clients import Client

MOST_TOKENS: Final = 10_000
"""Tokens of one client that are remembered; the oldest goes first."""

MOST_FIELDS: Final = 100


@frozen
class Token:
    scope: str
    """The scopes, separated by spaces: one text, since thousands of tokens may be remembered."""
    issued: datetime
    expires: datetime

    @property
    def scopes(self) -> tuple[str, ...]:
        return _separated(self.scope)


@lru_cache(maxsize=512)
def _separated(scope: str) -> tuple[str, ...]:
    return tuple(scope.split())


@lru_cache(maxsize=2048)
def _suffices(scope: str, needed: tuple[str, ...]) -> bool:
    """Whether the scopes of a token hold one of those that an operation needs."""
    return not set(needed).isdisjoint(_separated(scope))


class Tokens:
    """The tokens of one client. No part of a world: a reset does not log the client out.

    They are looked up by their hashes, which are salted by the process: how long that takes tells nothing of a token.
    """

    def __init__(self) -> None:
        self._tokens: OrderedDict[str, Token] = OrderedDict()

    def __len__(self) -> int:
        return len(self._tokens)

    def __iter__(self) -> Iterator[tuple[str, Token]]:
        """The tokens in the order in which they were issued, expired ones too while they are remembered."""
        return iter(list(self._tokens.items()))

    def issue(self, ids: Ids, client_id: str, scopes: tuple[str, ...], now: datetime, lifetime: timedelta) -> str:
        """A new token, valid from ``now`` on.

        It is made from the world's ids, so that a replay gets the same; and from client and scopes, so that neither
        a client of another world with the same seed has it, nor the same client for other scopes after a reset.
        """
        scope = " ".join(scopes)
        origin = f"{ids.new('token')} {client_id} {scope}"
        value = TOKEN_PREFIX + blake2b(origin.encode(), digest_size=32).hexdigest()
        self._tokens.pop(value, None)  # to the end: the dictionary is in the order of issue
        self._tokens[value] = Token(scope, now, now + lifetime)
        while len(self._tokens) > MOST_TOKENS:
            self._tokens.popitem(last=False)
        return value

    def get(self, value: str) -> Token | None:
        return self._tokens.get(value)

    def expire(self, value: str, now: datetime) -> bool:
        """End a token's time; ``False``: it was over already."""
        token = self._tokens[value]
        if token.expires <= now:
            return False
        self._tokens[value] = replace(token, expires=now)
        return True


@frozen
class TokenRequest:
    """The form of ``POST /auth/token``, read."""

    client_id: str
    client_secret: str
    scopes: tuple[str, ...]


def read_form(content_type: str | None, body: bytes, *, bare: bool = False) -> TokenRequest:
    """The form; raises a refusal that names everything that is wrong with it. Unknown fields are ignored (inferred)."""
    check_content_type(content_type, FORM, bare=bare)
    fields: dict[str, str] = {}
    for name, value in _fields(body):
        if name in fields:
            raise BODY_INVALID.refuse(violations=f"(root).{shortened(name)}: is given twice")
        fields[name] = value
    adapter = validator("TokenRequest")
    as_json = orjson.dumps(fields)
    try:
        form = adapter.validate_json(as_json, strict=True)
    except ValidationError as error:
        raise BODY_INVALID.refuse(violations=explained(error, as_json, adapter)) from None
    scopes = tuple(dict.fromkeys(form.scope.split()))
    if not scopes:
        raise NO_SCOPE.refuse()
    return TokenRequest(form.client_id, form.client_secret, scopes)


def _fields(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:  # UnicodeDecodeError is one
        violation = f"(root): must be a form in UTF-8 with at most {MOST_FIELDS} fields"
        raise BODY_INVALID.refuse(violations=violation) from None


def grant(client: Client, form: TokenRequest, now: datetime, *, checked: bool) -> bytes:
    """The answer with a new token; ``checked``: secret and scopes must be those of the client."""
    if checked:
        if form.client_id != client.client_id:
            raise CLIENT_MISMATCH.refuse(header=client.client_id, form=form.client_id)
        if not hmac.compare_digest(form.client_secret.encode(), client.client_secret.encode()):
            raise WRONG_SECRET.refuse(client_id=client.client_id)
        missing = [scope for scope in form.scopes if scope not in client.scopes]
        if missing:
            raise SCOPE_NOT_CONFIGURED.refuse(
                client_id=client.client_id,
                missing=shortened(", ".join(missing)),
                configured=", ".join(sorted(client.scopes)) or "nothing",
            )
    world = client.world
    lifetime = world.profile.behaviour.token_lifetime
    with world.transaction():  # a request that waits meanwhile and then fails must not take the count of ids back
        token = client.tokens.issue(world.ids, client.client_id, form.scopes, now, lifetime)
    answer: Mapping[str, str | int] = {
        "access_token": token,
        "expires_in": int(lifetime.total_seconds()),
        "token_type": "bearer",
        "scope": " ".join(form.scopes),
    }
    return orjson.dumps(answer)


def check(client: Client, operation: Operation, authorization: str | None, now: datetime) -> None:
    """Refuse a request without a valid token (401), or with one that lacks the operation's scopes (403)."""
    if authorization is not None and authorization[:7] == "Bearer ":
        value = authorization[7:].strip()
    else:
        scheme, _, value = (authorization or "").partition(" ")
        value = value.strip() if scheme.lower() == "bearer" else ""
    if not value:
        raise NO_TOKEN.refuse()
    token = client.tokens.get(value)
    if token is None:
        raise UNKNOWN_TOKEN.refuse(client_id=client.client_id)
    if now >= token.expires:
        raise EXPIRED_TOKEN.refuse(expired=f"{token.expires:%Y-%m-%dT%H:%M:%SZ}")
    if operation.scopes and not _suffices(token.scope, operation.scopes):
        raise LACKING_SCOPE.refuse(
            operation=operation.id, needed=", ".join(operation.scopes), held=", ".join(token.scopes)
        )


def all_scopes() -> frozenset[str]:
    """Every scope of the contract: what a client may ask for when nothing narrower is configured."""
    return contract().scopes
