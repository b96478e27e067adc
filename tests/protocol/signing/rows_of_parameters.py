"""Refusals: keys and times."""

from __future__ import annotations

from mockserver.hosting.registry import DEFAULT_CLIENT_ID
from tests.protocol.signing.rows import Row
from tests.protocol.signing.signer import GET, KEY_ID, SECOND

ROWS = (
    Row("no keyid", GET.but(parameters=f';created={SECOND};nonce="n"'), "parameter-missing", 'add keyid="…"'),
    Row("no created", GET.but(parameters=f';keyid="{KEY_ID}";nonce="n"'), "parameter-missing", "add created="),
    Row("no nonce", GET.but(parameters=f';keyid="{KEY_ID}";created={SECOND}'), "parameter-missing", 'add nonce="…"'),
    Row("an empty nonce", GET.but(nonce=""), "parameter", "nonce of signature-input must be a text"),
    Row("a long nonce", GET.but(nonce="n" * 257), "parameter", "of 1 to 256 characters"),
    Row(
        "created in quotes",
        GET.but(created=f'"{SECOND}"'),
        "parameter",
        "created of signature-input must be a whole number",
    ),
    Row(
        "created as a fraction",
        GET.but(created=f"{SECOND}.5"),
        "parameter",
        "created of signature-input must be a whole",
    ),
    Row(
        "expires as a token", GET.but(expires="never"), "parameter", "expires of signature-input must be a whole number"
    ),
    Row(
        "keyid as a token",
        GET.but(parameters=f';keyid=abc;created={SECOND};nonce="n"'),
        "parameter",
        "keyid of signature",
    ),
    Row("an unknown key", GET.but(key_id="nobody"), "key", "Its keys are: ", "unknown-key"),
    Row(
        "the client id as key id",
        GET.but(key_id=DEFAULT_CLIENT_ID),
        "key",
        "keyid is the client id",
        "client-id-as-key-id",
    ),
    Row("the key id in capitals", GET.but(key_id=KEY_ID.upper()), "key", f"written {KEY_ID}", "key-id-case"),
    Row(
        "a clock ahead",
        GET.but(created=SECOND + 60, expires=SECOND + 70),
        "created",
        "60 s after this server's time",
        "clock",
    ),
    Row(
        "milliseconds",
        GET.but(created=SECOND * 1000, expires=SECOND * 1001),
        "created",
        "in milliseconds",
        "milliseconds",
    ),
    Row(
        "a clock behind",
        GET.but(created=SECOND - 60, expires=SECOND - 50),
        "expired",
        "50 s before this server's",
        "clock",
    ),
    Row("old, without expires", GET.but(created=SECOND - 400, expires=None), "too-old", "400 s before", "clock"),
    Row("long ago", GET.but(created=-(10**14), expires=None), "too-old", "without expires it may be 300 s"),
    Row("expires before created", GET.but(expires=SECOND - 1), "expires", "lies before created"),
)
