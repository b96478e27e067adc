"""Why a digest does not fit the body: the known ways in which a body is another one than was signed."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from mockserver.protocol.signing.digests import given_digest, hashed
from mockserver.protocol.signing.explanation import Cause
from mockserver.protocol.signing.message import Message
from mockserver.protocol.signing.refusals import Failed
from mockserver.protocol.signing.versions import V15, Version

LARGEST_RETRIED: Final = 100_000
"""Bytes of a body that is read again in other ways."""


class Spoiling(NamedTuple):
    name: str
    text: str
    bodies: Callable[[bytes], Iterator[bytes]]
    """The bodies that may have been signed in place of the one that came."""


def _other_ends(body: bytes) -> Iterator[bytes]:
    yield body + b"\n"
    yield body.strip()
    yield body.removesuffix(b"\n")


def _rewritten(body: bytes) -> Iterator[bytes]:
    try:
        data = json.loads(body)
        texts = [
            json.dumps(data, separators=separators, ensure_ascii=ascii_only, sort_keys=ordered)
            for separators in ((",", ":"), (", ", ": "))
            for ascii_only in (True, False)
            for ordered in (False, True)
        ]
    except (ValueError, RecursionError):
        return
    for text in texts:
        yield text.encode("utf-8", "replace")


def _nothing(_: bytes) -> Iterator[bytes]:
    yield b""


SPOILINGS: Final = (
    Spoiling("body-ends", "The digest is that of the body with other white space at its end.", _other_ends),
    Spoiling(
        "body-rewritten",
        "The digest is that of the same JSON in other writing: it was written a second time after signing. Sign the "
        "bytes that are sent.",
        _rewritten,
    ),
    Spoiling("body-empty", "The digest is that of an empty body: it was made before the body was there.", _nothing),
)


def causes_of(message: Message, version: Version) -> tuple[Cause, ...]:
    """What made the digest wrong, where one of the known ways explains it; else what is likely."""
    name = version.digest_header
    try:
        given = given_digest(message.headers.get(name, ""), message.body, version)
    except Failed:
        return ()
    if hmac.compare_digest(given, hashed(message.body, version.other)):
        text = f"It is the digest of version {version.other.number}: {version.number} needs {version.algorithm}."
        return (Cause("digest-algorithm", text, True),)
    if given.lower() == hashed(message.body, version).hex().encode():
        return (Cause("digest-hex", "The digest is base64 of its hexadecimal digits: encode the bytes.", True),)
    if len(message.body) <= LARGEST_RETRIED:
        for spoiling in SPOILINGS:
            if any(hmac.compare_digest(given, hashed(body, version)) for body in spoiling.bodies(message.body)):
                return (Cause(spoiling.name, spoiling.text, True),)
    text = "The body was changed after signing, or the digest was made of another one. Sign the bytes that are sent."
    return (Cause("body-changed", text, False),)


def mixed_up(message: Message, version: Version) -> tuple[Cause, ...]:
    """Whether the digest header is that of the other version."""
    other = version.other
    if message.headers.get(version.digest_header) is None and other.digest_header in message.headers:
        way = "add" if other is V15 else "leave out"
        text = (
            f"The request has the header {other.digest_header} of version {other.number}, and was read as version "
            f"{version.number}: {way} the header upvest-signature-version{': 15' if other is V15 else ''}."
        )
        return (Cause("version", text, False),)
    return ()
