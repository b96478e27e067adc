"""Verifying the signature of a webhook delivery as its receiver does (concepts.md §7.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from mockserver.kernel import system
from mockserver.kernel.frozen import frozen
from mockserver.protocol.signing.algorithms import PublicKey, in_der
from mockserver.protocol.signing.base import encoded, lines_of, written
from mockserver.protocol.signing.digests import check_digest
from mockserver.protocol.signing.inputs import INPUT, SIGNATURE, Signed, read
from mockserver.protocol.signing.message import Message
from mockserver.protocol.signing.refusals import Failed
from mockserver.protocol.signing.versions import BY_HEADER, HEADER, Version
from mockserver.testing.bad_delivery import BadDelivery, Check
from mockserver.testing.public_keys import public_key

RAW_SIGNATURE: Final = 132
"""Bytes of an ECDSA signature on P-521 that is written as r and s one after the other."""


@frozen
class Verified:
    """What is known of a delivery that passed every check."""

    version: int
    """Of the signature: 6 or 15."""
    kid: str
    created: datetime | None
    expires: datetime | None
    covered: tuple[str, ...]
    base: str
    """The text that was signed."""


def verify_delivery(
    headers: Mapping[str, str],
    body: bytes,
    keys: Mapping[str, Any],
    *,
    path: str,
    query: str = "",
    method: str = "POST",
    version: Literal["6", "15"] | None = None,
    now: datetime | None = None,
    tolerance: timedelta = timedelta(seconds=10),
) -> Verified:
    """Check a delivery: its signature, its digest, and that it was made just now.

    ``headers``: in any case of letters. ``body``: the bytes as they came, before anything parsed them. ``keys``: the
    JSON of ``GET /auth/verify_keys``. ``path`` and ``query``: as they came, percent-encoded (aiohttp:
    ``request.rel_url.raw_path`` and ``raw_query_string``; ASGI: ``raw_path`` and ``query_string``); a ``?`` before the
    query may be there or not. ``version``: ``"6"`` or ``"15"``; without it what the header
    ``upvest-signature-version`` says, and 6 without that header. ``now``: aware, by default the machine's time.
    ``tolerance``: by how much the clocks of sender and receiver may differ.

    Raises :class:`BadDelivery`, which says which check failed, and shows the text that should have been signed. What
    is wrong with the call and not with the delivery is a ``ValueError``: keys that are none, a naive ``now``.
    """
    if now is not None and now.tzinfo is None:
        raise ValueError("now has to be aware: give it a time zone, such as datetime.now(UTC)")
    if version not in BY_HEADER:
        raise ValueError(f"there is no version {version!r} of signatures: give 6, 15 or None")
    message = Message(method, path or "/", query.removeprefix("?"), _joined(headers), body, asks=query[:1] == "?")
    chosen = _version(version or message.headers.get(HEADER))
    signed = _read(message)
    base = _base(message, signed, chosen)
    kid = signed.parameters.get("keyid")
    key = public_key(keys, kid, base)
    if not key.verify(signed.signature, encoded(base)):
        why = _why(key, message, signed, chosen)
        raise BadDelivery(Check.SIGNATURE, f"the signature does not fit what came: {why}", base)
    _check_digest(message, signed, chosen, base)
    created, expires = _times(signed, base, now or system.wall_now(), tolerance)
    return Verified(chosen.number, str(kid), created, expires, signed.components, base)


def _joined(headers: Mapping[str, str]) -> dict[str, str]:
    """By their names in small letters; those that came several times are joined."""
    found: dict[str, str] = {}
    for name, value in headers.items():
        key, text = name.lower(), value.strip()
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _version(text: str | None) -> Version:
    version = BY_HEADER.get(text)
    if version is None:
        raise BadDelivery(Check.HEADERS, f"there is no version {str(text)[:20]!r} of signatures; there are 6 and 15")
    return version


def _read(message: Message) -> Signed:
    for name in (INPUT, SIGNATURE):
        if name not in message.headers:
            raise BadDelivery(Check.HEADERS, f"the header {name} is missing: the delivery is not signed")
    try:
        signed = read(message)
    except Failed as failed:
        raise BadDelivery(Check.HEADERS, failed.problem) from None
    for name in signed.components:
        if message.value(name) is None:
            raise BadDelivery(Check.COVERED, f"{name} is covered, but the delivery has none")
    return signed


def _base(message: Message, signed: Signed, version: Version) -> str:
    return written(lines_of(message, signed.components, signed.text), version)


def _why(key: PublicKey, message: Message, signed: Signed, version: Version) -> str:
    """The likely cause, where one shows."""
    base, target = _base(message, signed, version), f"{message.path}{message.query}"
    if key.verify(signed.signature, encoded(_base(message, signed, version.other))):
        return f"it was made by version {version.other.number}, and read as version {version.number}"
    if len(signed.signature) == RAW_SIGNATURE and key.verify(in_der(signed.signature), encoded(base)):
        return "it is a raw one (r and s one after the other), and DER is expected"
    if not target.isascii() or " " in target:
        return "path or query were decoded, and what is signed is how they came, percent-encoded"
    return "method, path, query or a covered header differ from what was signed, or another key signed"


def _check_digest(message: Message, signed: Signed, version: Version, base: str) -> None:
    name = version.digest_header
    if message.body and name not in signed.components:
        raise BadDelivery(Check.COVERED, f"{name} is not covered, so anybody could have changed the body", base)
    try:
        check_digest(message, version)
    except Failed as failed:
        raise BadDelivery(Check.DIGEST, failed.problem, base) from None


def _times(signed: Signed, base: str, now: datetime, tolerance: timedelta) -> tuple[datetime | None, datetime | None]:
    created, expires = _moment(signed, "created", base), _moment(signed, "expires", base)
    if created is not None and created > now + tolerance:
        raise BadDelivery(Check.TIME, f"it was created at {created}, and it is only {now}", base)
    if expires is not None and expires < now - tolerance:
        raise BadDelivery(Check.TIME, f"it expired at {expires}, and it is {now}", base)
    return created, expires


def _moment(signed: Signed, name: str, base: str) -> datetime | None:
    seconds = signed.parameters.get(name)
    if seconds is None:
        return None
    try:
        if type(seconds) is int:
            return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise BadDelivery(Check.TIME, f"{name}={seconds} is no time in seconds since 1970", base)
