"""Refusals: signatures that do not fit, and why."""

from __future__ import annotations

from hashlib import sha512

from cryptography.hazmat.primitives import hashes

from tests.protocol.signing.rows import UNORDERED, Row, ordered_lines, raw, replaced, sorted_lines
from tests.protocol.signing.signer import GET, POST, QUERY, private_key

ROWS = (
    Row("raw", GET.but(signature=raw(66)), "mismatch", "send it in ASN.1 DER", "raw"),
    Row("raw of P-256", GET.but(kind="P-256", signature=raw(32)), "mismatch", "send it in ASN.1 DER", "raw"),
    Row(
        "raw, and a newline",
        GET.but(signature=raw(66), base=lambda base: base + "\n"),
        "mismatch",
        "newline at its end",
        "raw",
    ),
    Row(
        "a newline at the end",
        GET.but(base=lambda base: base + "\n"),
        "mismatch",
        "the last line has none",
        "newline-at-the-end",
    ),
    Row("carriage returns", GET.but(base=replaced("\n", "\r\n")), "mismatch", "by a newline alone", "line-ends"),
    Row("written line ends", GET.but(base=replaced("\n", "\\n")), "mismatch", "a backslash and an n", "line-ends"),
    Row("no question mark", QUERY.but(base=replaced(": ?", ": ")), "mismatch", "begins with it", "query-mark"),
    Row(
        "a decoded query",
        QUERY.but(query="a=b%20c", base=replaced("%20", " ")),
        "mismatch",
        "@query was signed with",
        "decoding",
    ),
    Row(
        "a decoded path",
        GET.but(path="/instruments/isin%3AX", base=replaced("%3A", ":")),
        "mismatch",
        "@path was signed with",
        "decoding",
        proxy=True,
    ),
    Row(
        "a cut value",
        GET.but(after={"accept": "application/json, text/plain"}),
        "mismatch",
        "signs them: a value up to its first comma",
        "vendor-proxy",
        proxy=True,
    ),
    Row(
        "a value that is cut at a comma without blank",
        GET.but(after={"accept": "application/json,text/plain"}),
        "mismatch",
        "up to the comma only",
        "cut",
    ),
    Row(
        "the query in the path",
        QUERY.but(base=replaced("/accounts", f"/accounts?{QUERY.query}")),
        "mismatch",
        "path alone",
        "query-in-path",
    ),
    Row(
        "a URL as path",
        GET.but(after={"host": "h:1"}, base=replaced("/accounts", "http://h:1/accounts")),
        "mismatch",
        "whole URL",
        "url-in-path",
    ),
    Row("a small method", GET.but(base=replaced("GET", "get")), "mismatch", "it is upper case", "method-case"),
    Row(
        "a charset, added",
        POST.but(after={"content-type": "application/json; charset=utf-8"}),
        "mismatch",
        "exactly application/json",
        "charset",
    ),
    Row(
        "a charset, removed",
        POST.but(base=replaced('type": application/json', 'type": application/json; charset=utf-8')),
        "mismatch",
        "exactly application/json",
        "charset",
    ),
    Row("another accept", GET.but(after={"accept": "*/*"}), "mismatch", "Set it before signing", "accept"),
    Row("a bare token", GET.but(base=replaced("Bearer ", "")), "mismatch", "Bearer and token", "authorization"),
    Row("a small bearer", GET.but(base=replaced("Bearer", "bearer")), "mismatch", "Bearer and token", "authorization"),
    Row("sorted lines", UNORDERED.but(base=ordered_lines), "mismatch", "were sorted", "order"),
    Row("no space", GET.but(base=replaced('": ', '":')), "mismatch", "no space after the colon", "space"),
    Row(
        "no last line",
        GET.but(base=lambda base: base.rpartition("\n")[0]),
        "mismatch",
        "without its last line",
        "no-signature-params",
    ),
    Row(
        "the label in the last line",
        GET.but(base=replaced('params": ', 'params": sig1=')),
        "mismatch",
        "text after sig1=",
        "label-in-signature-params",
    ),
    Row("SHA-256", GET.but(hash=hashes.SHA256()), "mismatch", "on every curve the hash is SHA-512", "hash"),
    Row(
        "hashed before",
        GET.but(base=lambda base: sha512(base.encode()).hexdigest()),
        "mismatch",
        "give it the base itself",
        "hashed-twice",
    ),
    Row(
        "another key of the client",
        GET.but(key=private_key("P-521", 2)),
        "mismatch",
        "signed with the key second",
        "other-key",
    ),
    Row("somebody's key", GET.but(key=private_key("P-521", 3)), "mismatch", "another private key signed it", "unknown"),
    Row(
        "somebody's raw signature",
        GET.but(key=private_key("P-521", 3), signature=raw(66)),
        "mismatch",
        "r and s",
        "raw",
    ),
    Row("not DER", GET.but(signature=lambda _: b"?" * 40), "mismatch", "begins with the byte 30", "not-der"),
    Row("empty", GET.but(signature=lambda _: b""), "mismatch", "(0 bytes)", "not-der"),
    Row(
        "a short Ed25519 signature",
        GET.but(kind="Ed25519", signature=lambda one: one[:63]),
        "mismatch",
        "has 64 bytes",
        "other-key",
    ),
    Row(
        "ECDSA for an Ed25519 key",
        GET.but(kind="Ed25519", key=private_key("P-256")),
        "mismatch",
        "has 64 bytes",
        "other-key",
    ),
    Row("something else", GET.but(base=sorted_lines), "mismatch", "compare the two line by line", "unknown"),
)
