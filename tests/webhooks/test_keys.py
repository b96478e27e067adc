"""The key of a world, and how it is published (concepts.md §7.4)."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from mockserver.webhooks.keys import ORDER, key_id, signing_key
from tests.contract.examples import validator
from tests.webhooks.tenants import Tenant, tenant

PRIME = 2**521 - 1


def published(tenant: Tenant) -> dict[str, Any]:
    answer = orjson.loads(tenant.call("get_jwks").wire)
    validator("JsonWebKeySet").validate(answer)
    [key] = answer["keys"]
    return dict(key)


def number(text: str) -> int:
    """A coordinate: 66 bytes in base64url without padding (RFC 7518 §6.2.1.2)."""
    assert len(text) == 88
    return int.from_bytes(urlsafe_b64decode(text), "big")


def test_the_order_is_that_of_the_curve() -> None:
    """The last point before the order's multiple is the mirror image of the first."""
    first, last = (ec.derive_private_key(k, ec.SECP521R1()).public_key().public_numbers() for k in (1, ORDER - 1))
    assert (first.x, first.y) == (last.x, PRIME - last.y)


def test_the_published_key_verifies_what_the_world_signs(tenant: Tenant) -> None:
    key = published(tenant)
    assert (key["kty"], key["crv"], key["kid"]) == ("EC", "P-521", key_id(tenant.world))
    public = ec.EllipticCurvePublicNumbers(number(key["x"]), number(key["y"]), ec.SECP521R1()).public_key()
    signed = signing_key(tenant.world).sign(b"body", ec.ECDSA(hashes.SHA512()))
    public.verify(signed, b"body", ec.ECDSA(hashes.SHA512()))


def test_a_seed_has_one_key_at_every_run() -> None:
    assert published(tenant(seed=5)) == published(tenant(seed=5))
    assert len({published(tenant(seed=seed))["x"] for seed in range(5)}) == 5
    assert len({published(tenant(seed=seed))["kid"] for seed in range(5)}) == 5


def test_asking_for_keys_changes_nothing(tenant: Tenant) -> None:
    before = tenant.world.ids.snapshot()
    first = published(tenant)
    assert published(tenant) == first
    assert tenant.world.ids.snapshot() == before
