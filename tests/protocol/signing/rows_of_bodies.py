"""Refusals: bodies and their digests."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256, sha512

from tests.protocol.signing.rows import JSON_LATER, Row, digest
from tests.protocol.signing.signer import GET, POST

ROWS = (
    Row(
        "no digest sent",
        POST.but(without_digest=True),
        "digest-missing",
        "needs the header content-digest in version 15: sha-512=:WZDPaVn/",
    ),
    Row(
        "the digest of version 6 in 15",
        POST.but(without_digest=True, headers={**POST.headers, "digest": "SHA-256=AAAA"}),
        "digest-missing",
        "has the header digest of version 6",
        "version",
    ),
    Row(
        "the digest of version 15 in 6",
        POST.but(version=6, without_digest=True, headers={**POST.headers, "content-digest": digest(POST.body)}),
        "digest-missing",
        "add the header upvest-signature-version: 15",
        "version",
    ),
    Row("a digest that is none", POST.but(digest="sha-512=abc"), "digest-malformed", "sha-512 is no byte sequence"),
    Row("a digest without its name", POST.but(digest=":AAAA:"), "digest-malformed", "cannot be read"),
    Row("a digest of 6 that is none", POST.but(version=6, digest="SHA-256=*"), "digest-malformed", "is no base64"),
    Row("a digest of 6 without its name", POST.but(version=6, digest="AAAA"), "digest-malformed", "has no '='"),
    Row(
        "another algorithm",
        POST.but(digest="sha-256=:AAAA:"),
        "digest-algorithm",
        "has sha-256; version 15 needs sha-512=:",
    ),
    Row(
        "another algorithm in 6",
        POST.but(version=6, digest="SHA-512=AAAA"),
        "digest-algorithm",
        "version 6 needs SHA-256=",
    ),
    Row(
        "a body changed after signing",
        POST.but(body_after=b'{"hello": "you"}'),
        "digest",
        "The signature itself is right",
        "body-only",
    ),
    Row("a body with a line end", POST.but(body_after=POST.body + b"\n"), "digest", "other white space", "body-ends"),
    Row(
        "JSON written again",
        POST.but(body_after=JSON_LATER),
        "digest",
        "the same JSON in other writing",
        "body-rewritten",
    ),
    Row("the digest of nothing", POST.but(digest=digest(b"")), "digest", "of an empty body", "body-empty"),
    Row(
        "the digest of 6 under the name of 15",
        POST.but(digest=f"sha-512=:{b64encode(sha256(POST.body).digest()).decode()}:"),
        "digest",
        "15 needs sha-512",
        "digest-algorithm",
    ),
    Row(
        "a hexadecimal digest",
        POST.but(digest=f"sha-512=:{b64encode(sha512(POST.body).hexdigest().encode()).decode()}:"),
        "digest",
        "encode the bytes",
        "digest-hex",
    ),
    Row(
        "a digest of nothing sent",
        GET.but(headers={**GET.headers, "content-digest": digest(b"x")}),
        "digest",
        "(0 bytes)",
        "body-changed",
    ),
)
