"""The keys that sign a world's deliveries, and ``GET /auth/verify_keys`` that publishes them (concepts.md §7.4).

They rotate: a new key signs from then on, and the older ones are published until they are retired. All are derived from
the world's seed: no secrets, but the same on every machine.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast

from mockserver.kernel.frozen import frozen
from mockserver.kernel.ids import Ids
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.undo import Undo
from mockserver.models.webhooks import JsonWebKey, JsonWebKeySet
from mockserver.protocol.signing.keys import derived
from mockserver.webhooks.refusals import KEY_SIGNS, TOO_MANY_KEYS, UNKNOWN_KEY

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from mockserver.kernel.world import World

PART: Final = "webhook_keys"
"""The name of the keys among the parts of a world."""

MOST_KEYS: Final = 100
"""Keys that a world publishes at once."""

COORDINATE: Final = 66
"""Bytes of a coordinate."""


@frozen
class Key:
    """A key of a world."""

    seed: int
    number: int
    """Counts the keys of a world from 0; the one before, -1, is published in no state of it."""
    created_at: datetime

    @property
    def kid(self) -> str:
        return Ids(self.seed, Undo()).new(f"verify key {self.number}")  # a count of its own: shifts no other id

    @property
    def private(self) -> EllipticCurvePrivateKey:
        """The key itself, on P-521."""
        return derived(f"webhook key {self.seed}/{self.number}")

    @property
    def public(self) -> JsonWebKey:
        """What verifies its signatures."""
        numbers = self.private.public_key().public_numbers()
        return JsonWebKey(kid=self.kid, kty="EC", crv="P-521", x=_coordinate(numbers.x), y=_coordinate(numbers.y))


@frozen
class Ring:
    """The keys of a world at a moment."""

    published: tuple[Key, ...]
    """Oldest first; the last one signs."""
    made: int
    retired: Key
    """The last one that was retired; at first the one before the first, which never was published."""


class Keys:
    """The keys of one world, a part of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ring = Ring((Key(world.seed, 0, world.now),), made=1, retired=Key(world.seed, -1, world.now))

    @property
    def published(self) -> tuple[Key, ...]:
        """What verifies deliveries now, oldest first."""
        return self._ring.published

    @property
    def signing(self) -> Key:
        """The newest."""
        return self._ring.published[-1]

    @property
    def unpublished(self) -> Key:
        """A key that is not published any more."""
        return self._ring.retired

    def rotate(self) -> Key:
        """Make a new key, which signs from now on; the others stay published."""
        ring = self._ring
        if len(ring.published) >= MOST_KEYS:
            raise TOO_MANY_KEYS.refuse(limit=MOST_KEYS)
        key = Key(self._world.seed, ring.made, self._world.now)
        self._set(replace(ring, published=(*ring.published, key), made=ring.made + 1))
        return key

    def retire(self, kid: str) -> Key:
        """Publish a key no more. The one that signs cannot be retired."""
        ring = self._ring
        key = next((each for each in ring.published if each.kid == kid), None)
        if key is None:
            raise UNKNOWN_KEY.refuse(known=", ".join(each.kid for each in ring.published))
        if key is self.signing:
            raise KEY_SIGNS.refuse(kid=kid)
        self._set(replace(ring, published=tuple(each for each in ring.published if each is not key), retired=key))
        return key

    def snapshot(self) -> Ring:
        return self._ring

    def restore(self, state: Ring) -> None:
        self._ring = state

    def _set(self, ring: Ring) -> None:
        self._world.undo.note(self.restore, self._ring)
        self._ring = ring


def keys_of(world: World) -> Keys:
    """The keys of a world; every world with an outbox has them."""
    return cast("Keys", world.parts[PART])


@operation("get_jwks")
def get_jwks(world: World, call: Call[None]) -> JsonWebKeySet:  # noqa: ARG001 - an operation takes its call
    """All published keys, in the order of their making (inferred)."""
    return JsonWebKeySet(keys=tuple(key.public for key in keys_of(world).published))


def _coordinate(number: int) -> str:
    return urlsafe_b64encode(number.to_bytes(COORDINATE, "big")).rstrip(b"=").decode()
