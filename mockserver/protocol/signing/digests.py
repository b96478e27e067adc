"""The digest of the body: ``content-digest: sha-512=:…:`` in version 15, ``digest: SHA-256=…`` in version 6."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error
from hashlib import new
from typing import Any, Final

from mockserver.kernel.quoting import quoted, shortened
from mockserver.protocol.signing import fast_parsing
from mockserver.protocol.signing.inputs import LONGEST_HEADER
from mockserver.protocol.signing.message import Message
from mockserver.protocol.signing.refusals import BAD_DIGEST, DIGEST, DIGEST_ALGORITHM, NO_DIGEST, TOO_LONG, Failed
from mockserver.protocol.signing.versions import V15, Version

MOST_DIGESTS: Final = 10


def digest_of(body: bytes, version: Version) -> str:
    """The value of the version's header for ``body``."""
    text = b64encode(hashed(body, version)).decode()
    return f"{version.algorithm}=:{text}:" if version is V15 else f"{version.algorithm}={text}"


def hashed(body: bytes, version: Version) -> bytes:
    return new(version.hash, body).digest()


def check_sent(message: Message, version: Version) -> None:
    """Refuse a body without the version's digest header."""
    name = version.digest_header
    if message.body and name not in message.headers:
        raise Failed(NO_DIGEST, name=name, version=version.number, example=digest_of(message.body, version))


def check_digest(message: Message, version: Version) -> None:
    """Refuse a body whose digest is unreadable or wrong; without a body there need not be a digest, but may."""
    name = version.digest_header
    given = message.headers.get(name)
    if given is None:
        return
    if not hmac.compare_digest(given_digest(given, message.body, version), hashed(message.body, version)):
        expected = digest_of(message.body, version)
        raise Failed(DIGEST, name=name, length=len(message.body), expected=expected)


def given_digest(header: str, body: bytes, version: Version) -> bytes:
    """The bytes of the digest in a header of that version."""
    name = version.digest_header
    if len(header) > LONGEST_HEADER:
        raise Failed(TOO_LONG, name=name, length=len(header), limit=LONGEST_HEADER)
    values = (_dictionary if version is V15 else _pairs)(header, body, version)
    value = values.get(version.algorithm)
    if value is None:
        given = shortened(", ".join(values)) or "nothing"
        example = digest_of(body, version)
        raise Failed(DIGEST_ALGORITHM, name=name, given=given, version=version.number, example=example)
    return value


def _dictionary(header: str, body: bytes, version: Version) -> dict[str, bytes]:
    plain = fast_parsing.byte_sequence(header)
    if plain is not None:
        return dict([plain])
    import http_sf  # lazy: 40 ms at the first use, and only worlds that check signatures need it

    try:
        found: Any = http_sf.parse(header.encode("utf-8", "surrogateescape"), tltype="dictionary")
    except (http_sf.StructuredFieldError, ValueError, ArithmeticError) as error:
        raise _unreadable(str(error), body, version) from None
    for name, (value, _) in found.items():
        if not isinstance(value, bytes):
            raise _unreadable(f"{shortened(name)} is no byte sequence", body, version)
    return {name: value for name, (value, _) in found.items()}


def _pairs(header: str, body: bytes, version: Version) -> dict[str, bytes]:
    """RFC 3230: algorithms and base64, separated by commas; the names in any case."""
    values = {}
    for part in header.split(",", MOST_DIGESTS):
        algorithm, equals, text = part.strip().partition("=")
        if not equals:
            raise _unreadable(f"{quoted(part.strip())} has no '='", body, version)
        try:
            values[algorithm.upper()] = b64decode(text, validate=True)
        except (Error, ValueError):
            raise _unreadable(f"{quoted(text)} is no base64", body, version) from None
    return values


def _unreadable(problem: str, body: bytes, version: Version) -> Failed:
    example, name = digest_of(body, version), version.digest_header
    return Failed(BAD_DIGEST, name=name, problem=shortened(problem), version=version.number, example=example)
