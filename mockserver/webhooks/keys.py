"""The key that signs a world's deliveries, and ``GET /auth/verify_keys`` that publishes it (concepts.md §7.4)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import shake_256
from typing import TYPE_CHECKING, Final

from mockserver.kernel.ids import Ids
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.undo import Undo
from mockserver.models.webhooks import JsonWebKey, JsonWebKeySet

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from mockserver.kernel.world import World

ORDER: Final = int(f"1{65 * 'f'}a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409", 16)
"""The number of points of P-521 (FIPS 186-4, D.1.2.5): private keys lie between 0 and it."""
COORDINATE: Final = 66
"""Bytes of a coordinate."""


def key_id(world: World) -> str:
    """The ``kid`` of the world's key: always the same for a seed."""
    return Ids(world.seed, Undo()).new("verify key")  # ids of their own: asking for it shifts no other id


def signing_key(world: World) -> EllipticCurvePrivateKey:
    """The world's private key on P-521, derived from its seed: no secret, but the same on every machine."""
    return _derived(world.seed)


@lru_cache(maxsize=256)
def _derived(seed: int) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec  # lazy: 28 ms at start-up, and few runs ask for keys

    # 64 bits more than the order has, so that no key is likelier than another.
    drawn = int.from_bytes(shake_256(f"mockserver webhook key {seed}".encode()).digest(COORDINATE + 8), "big")
    return ec.derive_private_key(drawn % (ORDER - 1) + 1, ec.SECP521R1())


@operation("get_jwks")
def get_jwks(world: World, call: Call[None]) -> JsonWebKeySet:  # noqa: ARG001 - an operation takes its call
    numbers = signing_key(world).public_key().public_numbers()
    key = JsonWebKey(kid=key_id(world), kty="EC", crv="P-521", x=_coordinate(numbers.x), y=_coordinate(numbers.y))
    return JsonWebKeySet(keys=(key,))


def _coordinate(number: int) -> str:
    return urlsafe_b64encode(number.to_bytes(COORDINATE, "big")).rstrip(b"=").decode()
