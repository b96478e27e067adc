"""The keys of a world: how they are published, rotated and retired (concepts.md §7.4)."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from mockserver.kernel.rules import Refusal
from mockserver.protocol.signing.keys import ORDER
from mockserver.webhooks.keys import MOST_KEYS, Key, keys_of
from tests.conformance import component_validator
from tests.webhooks.tenants import MORNING, Tenant, tenant

PRIME = 2**521 - 1


def published(tenant: Tenant) -> list[dict[str, Any]]:
    answer = orjson.loads(tenant.call("get_jwks").wire)
    component_validator("JsonWebKeySet").validate(answer)
    return list(answer["keys"])


def kids(tenant: Tenant) -> list[str]:
    return [key["kid"] for key in published(tenant)]


def number(text: str) -> int:
    """A coordinate: 66 bytes in base64url without padding (RFC 7518 §6.2.1.2)."""
    assert len(text) == 88
    return int.from_bytes(urlsafe_b64decode(text), "big")


def test_the_order_is_that_of_the_curve() -> None:
    """The last point before the order's multiple is the mirror image of the first."""
    first, last = (ec.derive_private_key(k, ec.SECP521R1()).public_key().public_numbers() for k in (1, ORDER - 1))
    assert (first.x, first.y) == (last.x, PRIME - last.y)


def test_the_published_key_verifies_what_the_world_signs(tenant: Tenant) -> None:
    [key] = published(tenant)
    signing = keys_of(tenant.world).signing
    assert (key["kty"], key["crv"], key["kid"]) == ("EC", "P-521", signing.kid)
    public = ec.EllipticCurvePublicNumbers(number(key["x"]), number(key["y"]), ec.SECP521R1()).public_key()
    signed = signing.private.sign(b"body", ec.ECDSA(hashes.SHA512()))
    public.verify(signed, b"body", ec.ECDSA(hashes.SHA512()))


def test_a_seed_has_the_same_keys_at_every_run() -> None:
    def rotated(seed: int) -> list[dict[str, Any]]:
        world = tenant(seed=seed)
        keys_of(world.world).rotate()
        return published(world)

    assert rotated(5) == rotated(5)
    everything = [key for seed in range(5) for key in rotated(seed)]
    assert len({key["x"] for key in everything}) == len({key["kid"] for key in everything}) == 10


def test_asking_for_keys_changes_nothing(tenant: Tenant) -> None:
    before = tenant.world.ids.snapshot()
    first = published(tenant)
    keys_of(tenant.world).rotate()
    assert published(tenant)[:1] == first
    assert tenant.world.ids.snapshot() == before


def test_a_new_key_signs_and_the_old_one_stays_published(tenant: Tenant) -> None:
    keys = keys_of(tenant.world)
    old = keys.signing
    tenant.advance("1h")
    new = keys.rotate()
    assert keys.signing is new
    assert kids(tenant) == [old.kid, new.kid]
    assert (old.created_at, new.created_at) == (MORNING, tenant.world.now)


def test_a_retired_key_is_published_no_more(tenant: Tenant) -> None:
    keys = keys_of(tenant.world)
    old, new = keys.signing, keys.rotate()
    keys.retire(old.kid)
    assert kids(tenant) == [new.kid]
    assert keys.unpublished is old


def test_a_retired_key_does_not_come_back(tenant: Tenant) -> None:
    keys = keys_of(tenant.world)
    old = keys.signing
    keys.rotate()
    keys.retire(old.kid)
    assert keys.rotate().kid not in {old.kid, keys.published[0].kid}


def test_before_any_is_retired_the_unpublished_key_is_one_that_never_was(tenant: Tenant) -> None:
    assert keys_of(tenant.world).unpublished.kid not in kids(tenant)


def test_the_key_that_signs_cannot_be_retired(tenant: Tenant) -> None:
    keys = keys_of(tenant.world)
    keys.rotate()
    with pytest.raises(Refusal, match="rotate first") as refusal:
        keys.retire(keys.signing.kid)
    assert refusal.value.rule.status == 409


def test_an_unknown_key_cannot_be_retired(tenant: Tenant) -> None:
    with pytest.raises(Refusal, match=keys_of(tenant.world).signing.kid) as refusal:
        keys_of(tenant.world).retire("none")
    assert refusal.value.rule.status == 404


def test_the_number_of_keys_is_bounded(tenant: Tenant) -> None:
    keys = keys_of(tenant.world)
    for _ in range(MOST_KEYS - 1):
        keys.rotate()
    with pytest.raises(Refusal, match="100 keys already"):
        keys.rotate()
    keys.retire(keys.published[0].kid)
    keys.rotate()
    assert len(kids(tenant)) == MOST_KEYS


def test_a_snapshot_covers_the_keys(tenant: Tenant) -> None:
    keys = keys_of(tenant.world)
    old = keys.signing
    new = keys.rotate()
    before = tenant.world.snapshot()
    keys.retire(old.kid)
    keys.rotate()
    tenant.world.restore(before)
    assert keys.published == (old, new)
    third = keys.rotate()
    assert third == Key(tenant.world.seed, 2, MORNING)


def test_a_rule_that_fails_leaves_the_keys_alone(tenant: Tenant) -> None:
    keys = keys_of(tenant.world)
    tenant.world.undo.clear()
    old = keys.signing
    keys.rotate()
    keys.retire(old.kid)
    tenant.world.undo.roll_back()
    assert keys.published == (old,)
