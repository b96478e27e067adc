"""A receiver's check of a delivery by someone who knows only the facts (concepts.md §2, §7.4), not the mock's code."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, urlsafe_b64decode
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec


def check(request: web.Request, body: bytes, keys: dict[str, Any], *, quote: str = "") -> dict[str, str]:
    """Raises when the delivery is not right; returns the parameters of its signature.

    ``quote``: what stands around the names in the base, nothing in version 6.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    sent = re.fullmatch(r"sig1=(\((.*)\);(.*))", headers["signature-input"])
    assert sent is not None
    params, names = sent[1], re.findall(r'"([^"]+)"', sent[2])
    path, question, query = request.raw_path.partition("?")
    values = {**headers, "@method": request.method, "@path": path, "@query": question + query}
    base = "".join(f"{quote}{name}{quote}: {values[name]}\n" for name in names)
    base += f"{quote}@signature-params{quote}: {params}"
    parameters = {name: value.strip('"') for name, _, value in (part.partition("=") for part in sent[3].split(";"))}
    [key] = [key for key in keys["keys"] if key["kid"] == parameters["keyid"]]
    x, y = (int.from_bytes(urlsafe_b64decode(key[name]), "big") for name in ("x", "y"))
    made = re.fullmatch(r"sig1=:([A-Za-z0-9+/]+={0,2}):", headers["signature"])
    assert made is not None
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP521R1()).public_key()
    public.verify(b64decode(made[1]), base.encode(), ec.ECDSA(hashes.SHA512()))
    if quote:
        assert "content-digest" in names
        digest = re.fullmatch(r"sha-512=:(.+):", headers["content-digest"])
        wanted = hashlib.sha512(body).digest()
    else:
        assert "digest" in names
        digest = re.fullmatch(r"SHA-256=(.+)", headers["digest"])
        wanted = hashlib.sha256(body).digest()
    assert digest is not None
    assert b64decode(digest[1]) == wanted
    return parameters
