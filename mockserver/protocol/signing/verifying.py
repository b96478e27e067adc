"""Checking the signature of a request, one check after the other (the order is inferred, concepts.md §2.4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from mockserver.kernel.quoting import quoted, shortened
from mockserver.protocol.signing.algorithms import PublicKey
from mockserver.protocol.signing.base import PARAMS, encoded, lines_of, shown, written
from mockserver.protocol.signing.components import check_components
from mockserver.protocol.signing.digests import check_digest, check_sent
from mockserver.protocol.signing.explanation import LONGEST_SHOWN, Cause, Explained, Explanation
from mockserver.protocol.signing.inputs import INPUT, SIGNATURE, Signed, read
from mockserver.protocol.signing.lifetimes import check_times
from mockserver.protocol.signing.message import Message
from mockserver.protocol.signing.nonces import LONGEST_NONCE
from mockserver.protocol.signing.refusals import (
    BAD_PARAMETER,
    MISMATCH,
    NEVER,
    NO_PARAMETER,
    NONCE,
    NOT_SENT,
    REQUIRED,
    UNKNOWN_KEY,
    VERSION,
    Check,
    Failed,
)
from mockserver.protocol.signing.versions import BY_HEADER, HEADER, V6, V15, Version

if TYPE_CHECKING:
    from aiohttp import web

    from mockserver.protocol.clients import Client

SHOWN_HEADERS: Final = (HEADER, INPUT, SIGNATURE, V15.digest_header, V6.digest_header, "content-type", "date")
"""What of a request an explanation shows beside the base."""


PERHAPS_THE_PROXYS: Final[tuple[Check, ...]] = (MISMATCH, NEVER, NOT_SENT, REQUIRED)
"""The failures after which a signature is tried as the vendor's proxy makes it."""


class Signatures:
    """The verifier of the chain; it keeps nothing itself."""

    def verify(self, client: Client, request: web.BaseRequest, body: bytes, now: datetime) -> None:
        """Raise :class:`~mockserver.protocol.signing.explanation.Explained` unless the request is signed well."""
        check(client, Message.of(request, body), now)


def check(client: Client, message: Message, now: datetime) -> None:
    """The same for a message that was read already; ``now`` is wall time."""
    looked = _Look(client, message)
    try:
        looked.check(now)
    except Failed as failure:
        raise Explained(failure.check, looked.explain(failure)) from None


class _Look:
    """One check, and how far it came."""

    __slots__ = ("client", "key", "key_id", "message", "signed", "version")

    def __init__(self, client: Client, message: Message) -> None:
        self.client = client
        self.message = message
        self.version: Version | None = None
        self.signed: Signed | None = None
        self.key_id: str | None = None
        self.key: PublicKey | None = None

    def check(self, now: datetime) -> None:
        client, message = self.client, self.message
        settings = client.world.profile.signatures
        self.version = version = _version(message)
        self.signed = signed = read(message)
        parameters = signed.parameters
        self.key_id = key_id = _text(parameters, "keyid", 'keyid="…", the id of your key')
        self.key = key = client.keys.find(key_id)
        if key is None:
            known = shortened(", ".join(client.keys.ids), 500) or "none"
            raise Failed(UNKNOWN_KEY, key=quoted(key_id), client=client.client_id, known=known)
        nonce = _text(parameters, "nonce", 'nonce="…", a new one for each request')
        check_times(parameters, now, settings.tolerance, settings.longest_age)
        check_sent(message, version)
        try:
            values = check_components(message, signed.components, version)
            check_digest(message, version)
            if not self._fits(values):
                raise Failed(MISMATCH, key=key_id, kind=key.kind)
        except Failed as failure:
            if not settings.vendor_proxy or not self._signed_by_proxy(failure):
                raise
            check_digest(message, version)
        if settings.nonces == "once" and not client.nonces.use(key_id, nonce, now, settings.nonce_window):
            raise Failed(NONCE, nonce=quoted(nonce))

    def _fits(self, values: list[str]) -> bool:
        """Whether the signature is that of the components with these values."""
        signed, version, key = self.signed, self.version, self.key
        assert signed is not None
        assert version is not None
        assert key is not None
        lines = zip((*signed.components, PARAMS), (*values, signed.text), strict=True)
        return key.verify(signed.signature, encoded(written(lines, version)))

    def _signed_by_proxy(self, failure: Failed) -> bool:
        """Whether the signature is right as the vendor's proxy makes it, where the plain reading failed."""
        if failure.check not in PERHAPS_THE_PROXYS:
            return False
        # lazy: 2 ms at the first signature that does not fit, and only those need it
        from mockserver.protocol.signing import vendor_proxy

        assert self.signed is not None
        assert self.version is not None
        values = vendor_proxy.values_of(self.message, self.signed.components, self.version)
        return values is not None and self._fits(values)

    def explain(self, failure: Failed) -> Explanation:
        """Everything that is known of the failure; this is not the quick way."""
        message, signed, version = self.message, self.signed, self.version
        base = None
        if signed is not None and version is not None:
            base = shown(lines_of(message, signed.components, signed.text), version)
        hide = self.client.secrets.hide
        headers = {name: message.headers[name] for name in SHOWN_HEADERS if name in message.headers}
        return Explanation(
            check=failure.check.name,
            problem=shortened(hide(failure.problem), LONGEST_SHOWN),
            method=shortened(message.method),
            path=shortened(hide(message.path), 500),
            version=None if version is None else version.number,
            key_id=None if self.key_id is None else shortened(hide(self.key_id)),
            covered=() if signed is None else tuple(map(shortened, signed.components)),
            base=None if base is None else shortened(hide(base), LONGEST_SHOWN),
            received={name: shortened(hide(value), LONGEST_SHOWN) for name, value in headers.items()},
            causes=tuple(_without_secrets(cause, hide) for cause in self._causes(failure)),
        )

    def _causes(self, failure: Failed) -> tuple[Cause, ...]:
        # lazy: 10 ms at the first refusal, and only refused signatures need it
        from mockserver.protocol.signing import diagnosis

        return diagnosis.causes_of(failure, self.client, self.message, self.version, self.signed, self.key_id, self.key)


def _without_secrets(cause: Cause, hide: Callable[[str], str]) -> Cause:
    base = None if cause.base is None else shortened(hide(cause.base), LONGEST_SHOWN)
    return cause._replace(text=hide(cause.text), base=base)


def _version(message: Message) -> Version:
    header = message.headers.get(HEADER)
    version = BY_HEADER.get(header)
    if version is None:
        raise Failed(VERSION, version=quoted(header))
    return version


def _text(parameters: Any, name: str, example: str) -> str:
    """A parameter that is a text; digits without quotes count as one (the clients' nonces may be numbers)."""
    value = parameters.get(name)
    if value is None:
        raise Failed(NO_PARAMETER, name=name, example=example)
    if type(value) is int and name == "nonce":
        value = str(value)
    if type(value) is not str or not 0 < len(value) <= LONGEST_NONCE:
        wanted = f"a text in double quotes of 1 to {LONGEST_NONCE} characters"
        raise Failed(BAD_PARAMETER, name=name, wanted=wanted, value=quoted(str(value)), example=example)
    return value
