"""The keys of ``GET /auth/verify_keys`` (concepts.md §7.4)."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP521R1, EllipticCurvePublicNumbers

from mockserver.protocol.signing.algorithms import PublicKey
from mockserver.testing.bad_delivery import BadDelivery, Check


def public_key(keys: Mapping[str, Any], kid: object, base: str) -> PublicKey:
    """The key with this id."""
    if not isinstance(kid, str):
        raise BadDelivery(Check.KEY, "signature-input names no keyid in quotes", base)
    by_id = _by_id(keys)
    if kid not in by_id:
        known = ", ".join(by_id) or "none"
        reason = f"the key {kid} is not published; these are: {known}. Keys rotate: fetch GET /auth/verify_keys again"
        raise BadDelivery(Check.KEY, reason, base)
    return _read(by_id[kid])


def _by_id(keys: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    try:
        return {str(key["kid"]): key for key in keys["keys"]}
    except (KeyError, TypeError):
        raise ValueError('keys has to be the JSON of GET /auth/verify_keys: {"keys": [{"kid": …}]}') from None


def _read(key: Mapping[str, Any]) -> PublicKey:
    try:
        if (key["kty"], key["crv"]) != ("EC", "P-521"):
            raise ValueError("all keys of the API are of type EC on P-521")
        x, y = (int.from_bytes(urlsafe_b64decode(f"{key[name]}=="), "big") for name in ("x", "y"))
        return PublicKey(EllipticCurvePublicNumbers(x, y, SECP521R1()).public_key())
    except (KeyError, ValueError) as error:
        raise ValueError(f"the key {key['kid']} cannot be used: {error}") from error
