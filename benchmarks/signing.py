"""Signing requests as a client does, for the benchmarks."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KINDS = ("P-521", "P-384", "P-256", "Ed25519")
CURVES: dict[str, type[ec.EllipticCurve]] = {"P-521": ec.SECP521R1, "P-384": ec.SECP384R1, "P-256": ec.SECP256R1}
ECDSA = ec.ECDSA(hashes.SHA512())


@cache
def key(kind: str) -> ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey:
    """The same at every run; it guards nothing."""
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    return ec.derive_private_key(1_000_003, CURVES[kind]())


def public_pem(kind: str) -> str:
    return key(kind).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def signed(kind: str, client_id: str, token: str, path: str, number: int) -> dict[str, str]:
    """The headers of one GET."""
    created = int(time.time())
    headers = {
        "accept": "application/json",
        "authorization": f"Bearer {token}",
        "upvest-client-id": client_id,
    }
    names = " ".join(f'"{name}"' for name in ("@method", "@path", *headers))
    params = f'({names});keyid="{kind}";created={created};expires={created + 600};nonce="{time.time_ns()}-{number}"'
    lines = [("@method", "GET"), ("@path", path), *headers.items(), ("@signature-params", params)]
    base = "\n".join(f'"{name}": {value}' for name, value in lines)
    signature = b64encode(signature_of(kind, base.encode())).decode()
    return {
        **headers,
        "upvest-signature-version": "15",
        "signature-input": f"sig1={params}",
        "signature": f"sig1=:{signature}:",
    }


def sample(kind: str) -> Callable[[], None]:
    """One check of a signature of a base of usual length."""
    base = b"x" * 500
    signature, private = signature_of(kind, base), key(kind)
    if isinstance(private, ed25519.Ed25519PrivateKey):
        edwards = private.public_key()
        return lambda: edwards.verify(signature, base)
    curve = private.public_key()
    return lambda: curve.verify(signature, base, ECDSA)


def signature_of(kind: str, base: bytes) -> bytes:
    """A bare signature of ``base``."""
    private = key(kind)
    return private.sign(base) if isinstance(private, ed25519.Ed25519PrivateKey) else private.sign(base, ECDSA)
