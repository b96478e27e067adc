"""The keys of one client: a test key of its own, made when first needed, and those that its user brings."""

from __future__ import annotations

from functools import lru_cache
from hashlib import shake_256
from typing import TYPE_CHECKING, Final

from mockserver.kernel.ids import Ids
from mockserver.kernel.undo import Undo
from mockserver.protocol.signing.algorithms import PublicKey, load_public_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

PASSPHRASE: Final = "mockserver"
"""Of the encrypted file of a test key. It is no secret, and neither is the key: the seed and the client id give it."""

MOST_KEYS: Final = 100
LONGEST_ID: Final = 200

ORDER: Final = int(f"1{65 * 'f'}a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409", 16)
"""The number of points of P-521 (FIPS 186-4, D.1.2.5): private keys lie between 0 and it."""


class TestKey:
    """A P-521 pair that depends on nothing but the world's seed and the client id."""

    __test__ = False  # for pytest: it is no test

    def __init__(self, seed: int, client_id: str) -> None:
        self._of = (seed, client_id)
        self.id = Ids(seed, Undo()).new(f"client key {client_id}")  # ids of their own: it shifts no other id

    @property
    def public(self) -> PublicKey:
        return _public(*self._of)

    @property
    def private_pem(self) -> str:
        """The private key as a plain PEM text (SEC 1, ``BEGIN EC PRIVATE KEY``)."""
        return _pem(_private(*self._of), None)

    @property
    def encrypted_pem(self) -> str:
        """The same as ``openssl ec -aes256`` writes it; the passphrase is :data:`PASSPHRASE`."""
        return _pem(_private(*self._of), PASSPHRASE)


class Keys:
    """The public keys of one client by their ids. They are no part of the world: a reset leaves them."""

    def __init__(self, seed: int, client_id: str) -> None:
        self.test_key = TestKey(seed, client_id)
        self._known: dict[str, PublicKey | None] = {self.test_key.id: None}  # None: the test key, not made yet

    def __contains__(self, key_id: str) -> bool:
        return key_id in self._known

    def __len__(self) -> int:
        return len(self._known)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._known)

    def find(self, key_id: str) -> PublicKey | None:
        """The key of that id."""
        key = self._known.get(key_id)
        if key is None and key_id in self._known:
            key = self._known[key_id] = self.test_key.public
        return key

    def put(self, key_id: str, pem: str) -> PublicKey:
        """Take a public key in, or replace the one of that id; raises ``ValueError`` for a text that is none."""
        if not 0 < len(key_id) <= LONGEST_ID or not key_id.isascii() or not key_id.isprintable():
            raise ValueError(f"a key id is printable ASCII, at most {LONGEST_ID} characters")
        if key_id not in self._known and len(self._known) >= MOST_KEYS:
            raise ValueError(f"there are {MOST_KEYS} keys already: delete some")
        key = self._known[key_id] = load_public_key(pem)
        return key

    def snapshot(self) -> dict[str, PublicKey | None]:
        """The keys as they are, for :meth:`restore`."""
        return dict(self._known)

    def restore(self, state: dict[str, PublicKey | None]) -> None:
        self._known = state

    def remove(self, key_id: str) -> bool:
        """Forget a key, the test key too; whether there was one."""
        if key_id not in self._known:
            return False
        del self._known[key_id]
        return True


@lru_cache(maxsize=256)
def derived(purpose: str) -> EllipticCurvePrivateKey:
    """The P-521 key of a purpose: the same text, the same key, on every machine."""
    # lazy: 20 ms at the first use, and only worlds that check or make signatures need it
    from cryptography.hazmat.primitives.asymmetric import ec

    # 64 bits more than the order has, so that no key is likelier than another.
    drawn = int.from_bytes(shake_256(f"mockserver {purpose}".encode()).digest(74), "big")
    return ec.derive_private_key(drawn % (ORDER - 1) + 1, ec.SECP521R1())


@lru_cache(maxsize=256)
def _public(seed: int, client_id: str) -> PublicKey:
    return PublicKey(_private(seed, client_id).public_key())


def _private(seed: int, client_id: str) -> EllipticCurvePrivateKey:
    return derived(f"client key {seed} {client_id}")


def _pem(key: EllipticCurvePrivateKey, passphrase: str | None) -> str:
    # lazy: 20 ms at the first use, and only worlds that check signatures need it
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    encryption = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, encryption).decode()
