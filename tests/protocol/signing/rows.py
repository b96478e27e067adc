"""A row of the table of refusals, and the ways to sign wrongly that its rows are made of."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha512
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.protocol.signing.signer import GET, POST, Request


class Row(NamedTuple):
    name: str
    request: Request
    rule: str
    said: str
    """Part of the problem or of a cause."""
    trap: str | None = None
    """The name of a cause."""
    proxy: bool = False
    """Whether the vendor's proxy signs so: then only ``signatures.vendor_proxy: false`` refuses it."""


def raw(size: int) -> Callable[[bytes], bytes]:
    def change(signature: bytes) -> bytes:
        r, s = decode_dss_signature(signature)
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    return change


def replaced(old: str, new: str, count: int = -1) -> Callable[[str], str]:
    def change(base: str) -> str:
        assert old in base
        return base.replace(old, new, count)

    return change


def sorted_lines(base: str) -> str:
    *lines, last = base.split("\n")
    return "\n".join([*sorted(lines, reverse=True), last])


def ordered_lines(base: str) -> str:
    *lines, last = base.split("\n")
    return "\n".join([*sorted(lines), last])


def digest(body: bytes) -> str:
    return f"sha-512=:{b64encode(sha512(body).digest()).decode()}:"


UNORDERED = GET.but(covered=["upvest-client-id", "@path", "authorization", "@method", "accept"])
JSON_LATER = json.dumps(json.loads(POST.body), separators=(",", ":")).encode()
