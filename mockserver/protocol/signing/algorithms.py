"""Public keys and what they verify: ECDSA on P-256, P-384 and P-521 with SHA-512 in DER, and Ed25519.

concepts.md §2.3: the documentation names P-521 and Ed25519, the vendor's own README makes a P-256 key; accepting any of
the three curves is inferred.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

CURVES: Final[dict[str, tuple[str, int]]] = {
    # the library's name: ours, bytes of a coordinate
    "secp256r1": ("P-256", 32),
    "secp384r1": ("P-384", 48),
    "secp521r1": ("P-521", 66),
}
ED25519: Final = "Ed25519"
LONGEST_PEM: Final = 10_000

Hash = Literal["sha512", "sha384", "sha256"]


class KeyFormatError(ValueError):
    """A text is no public key that signatures can be checked with; the message says what would pass."""


class PublicKey:
    """One key, loaded."""

    __slots__ = ("_curve", "_edwards", "_wrong", "kind", "pem", "size")

    def __init__(self, key: EllipticCurvePublicKey | Ed25519PublicKey) -> None:
        # lazy: 20 ms at the first use, and only worlds that check signatures need it
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        self._wrong = (InvalidSignature, ValueError)
        self._curve: EllipticCurvePublicKey | None = None
        self._edwards: Ed25519PublicKey | None = None
        if isinstance(key, EllipticCurvePublicKey):
            if key.curve.name not in CURVES:
                raise KeyFormatError(f"the curve {key.curve.name} is none of P-256, P-384 and P-521")
            self.kind, self.size = CURVES[key.curve.name]
            self._curve = key
        else:
            self.kind, self.size = ED25519, 32
            self._edwards = key
        self.pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def elliptic(self) -> bool:
        """Whether its signatures are ECDSA, in DER."""
        return self._curve is not None

    def verify(self, signature: bytes, data: bytes, hash_name: Hash = "sha512") -> bool:
        """Whether ``signature`` is that of ``data``; whatever else it is, it is not."""
        try:
            if self._curve is not None:
                self._curve.verify(signature, data, _ecdsa(hash_name))
            elif self._edwards is not None:
                self._edwards.verify(signature, data)
        except self._wrong:
            return False
        return True


def load_public_key(pem: str | bytes) -> PublicKey:
    """The key of a PEM text; raises :class:`KeyFormatError`."""
    # lazy: 20 ms at the first use, and only worlds that check signatures need it
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    content = pem.encode("utf-8", "replace") if isinstance(pem, str) else pem
    if b"PRIVATE KEY-----" in content:
        raise KeyFormatError("this is a private key: give its public half (openssl pkey -in FILE -pubout)")
    if len(content) > LONGEST_PEM:
        raise KeyFormatError(f"no public key has more than {LONGEST_PEM} bytes")
    try:
        key = load_pem_public_key(content.strip())
    except (ValueError, UnsupportedAlgorithm):
        wanted = "PEM text of a public key: -----BEGIN PUBLIC KEY----- …"
        raise KeyFormatError(f"this cannot be read; it has to be the {wanted}") from None
    if not isinstance(key, EllipticCurvePublicKey | Ed25519PublicKey):
        kind = type(key).__name__.lstrip("_").removesuffix("PublicKey")
        raise KeyFormatError(
            f"a key of the kind {kind} does not do: make one on P-521, P-384, P-256, or an Ed25519 one"
        )
    return PublicKey(key)


@cache
def _ecdsa(hash_name: Hash) -> ECDSA:
    # lazy: 20 ms at the first use, and only worlds that check signatures need it
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

    kinds: dict[Hash, hashes.HashAlgorithm] = {
        "sha512": hashes.SHA512(),
        "sha384": hashes.SHA384(),
        "sha256": hashes.SHA256(),
    }
    return ECDSA(kinds[hash_name])


def in_der(raw: bytes) -> bytes:
    """The DER form of a signature that is r and s one after the other."""
    # lazy: 20 ms at the first use, and only worlds that check signatures need it
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    half = len(raw) // 2
    return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
