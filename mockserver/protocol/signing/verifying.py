"""Checking the signature of a request, one check after the other (the order is inferred, concepts.md §2.4)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from mockserver.kernel.quoting import quoted, shortened
from mockserver.protocol.signing import spoiled_bodies, traps
from mockserver.protocol.signing.algorithms import PublicKey
from mockserver.protocol.signing.base import PARAMS, encoded, lines_of, shown, written
from mockserver.protocol.signing.components import check_components
from mockserver.protocol.signing.digests import check_digest, check_sent
from mockserver.protocol.signing.explanation import LONGEST_SHOWN, Cause, Explained, Explanation
from mockserver.protocol.signing.inputs import INPUT, SIGNATURE, Signed, read
from mockserver.protocol.signing.lifetimes import check_times, time_causes
from mockserver.protocol.signing.message import Message
from mockserver.protocol.signing.nonces import LONGEST_NONCE
from mockserver.protocol.signing.refusals import (
    BAD_PARAMETER,
    DIGEST,
    MISMATCH,
    NO_PARAMETER,
    NONCE,
    UNKNOWN_KEY,
    VERSION,
    Failed,
)
from mockserver.protocol.signing.versions import BY_HEADER, HEADER, V6, V15, Version

if TYPE_CHECKING:
    from aiohttp import web

    from mockserver.protocol.clients import Client

SHOWN_HEADERS: Final = (HEADER, INPUT, SIGNATURE, V15.digest_header, V6.digest_header, "content-type", "date")
"""What of a request an explanation shows beside the base."""


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
        values = check_components(message, signed.components, version)
        check_digest(message, version)
        values.append(signed.text)
        lines = zip((*signed.components, PARAMS), values, strict=True)
        if not key.verify(signed.signature, encoded(written(lines, version))):
            raise Failed(MISMATCH, key=key_id, kind=key.kind)
        if settings.nonces == "once" and not client.nonces.use(key_id, nonce, now, settings.nonce_window):
            raise Failed(NONCE, nonce=quoted(nonce))

    @property
    def base(self) -> bytes:
        assert self.signed is not None
        assert self.version is not None
        return encoded(written(lines_of(self.message, self.signed.components, self.signed.text), self.version))

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
            causes=tuple(cause._replace(text=hide(cause.text)) for cause in self._causes(failure)),
        )

    def _causes(self, failure: Failed) -> tuple[Cause, ...]:
        message, signed, version, key = self.message, self.signed, self.version, self.key
        if signed is None or version is None:
            return () if version is None else spoiled_bodies.mixed_up(message, version)
        if key is None or self.key_id is None:
            return _key_causes(self.client, self.key_id)
        if failure.check is MISMATCH:
            lines = lines_of(message, signed.components, signed.text)
            case = traps.Case(
                message, version, lines, signed.label, signed.signature, self.key_id, key, self.client.keys
            )
            return traps.causes_of(case)
        if failure.check is DIGEST:
            causes = spoiled_bodies.causes_of(message, version)
            if key.verify(signed.signature, self.base):
                text = "The signature itself is right: only the body is not the one that was signed."
                return (*causes, Cause("body-only", text, True))
            return causes
        return time_causes(failure, signed.parameters) or spoiled_bodies.mixed_up(message, version)


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


def _key_causes(client: Client, key_id: str | None) -> tuple[Cause, ...]:
    if key_id is None:
        return ()
    if key_id == client.client_id:
        text = (
            "keyid is the client id: it has to be the id of the key, which GET /_mock/worlds/{world} shows as key_id."
        )
        return (Cause("client-id-as-key-id", text, True),)
    if key_id.lower() in client.keys:
        return (Cause("key-id-case", f"The id is written {key_id.lower()}.", True),)
    text = (
        f"The key belongs to another client or was never registered: PUT /_mock/worlds/{client.client_id}/keys/"
        f"{shortened(key_id)} takes its public half."
    )
    return (Cause("unknown-key", text, False),)
