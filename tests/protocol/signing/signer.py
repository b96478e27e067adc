"""A client that signs as the documentation says, and wrongly on demand: everything of a signature can be set."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256, sha512
from itertools import count
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mockserver.hosting.modes import MANUAL
from mockserver.hosting.registry import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.world import World
from mockserver.protocol.clients import Auth
from mockserver.protocol.signing.message import Message
from mockserver.protocol.tokens import all_scopes
from mockserver.webhooks.sender import Sender

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
SECOND = int(NOW.timestamp())
KEY_ID = "8d4997a8-8a5b-4c1f-9d2e-0c1d2e3f4a5b"
TOKEN = "ory_at_0123456789abcdef0123456789abcdef"
KINDS = ("P-521", "P-384", "P-256", "Ed25519")

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
CURVES: dict[str, type[ec.EllipticCurve]] = {"P-521": ec.SECP521R1, "P-384": ec.SECP384R1, "P-256": ec.SECP256R1}
_nonces = count(1)


@cache
def private_key(kind: str, number: int = 1) -> PrivateKey:
    """The same keys at every run."""
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))
    return ec.derive_private_key(1_000_003 * number, CURVES[kind]())


def public_pem(key: PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def sign(key: PrivateKey, data: bytes, hash_: hashes.HashAlgorithm | None = None) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    return key.sign(data, ec.ECDSA(hash_ or hashes.SHA512()))


def tenant_of(world: World, kind: str = "P-521") -> Tenant:
    """A client with one key of its own beside the test key."""
    tenant = Tenant(
        DEFAULT_CLIENT_ID,
        DEFAULT_CLIENT_SECRET,
        world,
        Sender(),
        scopes=all_scopes(),
        auth=Auth.STRICT,
        mode=MANUAL,
    )
    tenant.keys.put(KEY_ID, public_pem(private_key(kind)))
    return tenant


@dataclass(frozen=True)
class Request:
    """A request that is signed when :meth:`message` is asked for. What is ``None`` is as the documentation says."""

    method: str = "GET"
    path: str = "/accounts"
    query: str = ""
    headers: Mapping[str, str] = field(
        default_factory=lambda: {
            "accept": "application/json",
            "authorization": f"Bearer {TOKEN}",
            "upvest-client-id": DEFAULT_CLIENT_ID,
        }
    )
    body: bytes = b""
    version: int = 15
    kind: str = "P-521"
    key: PrivateKey | None = None
    key_id: str = KEY_ID
    label: str = "sig1"
    covered: Sequence[str] | None = None
    left_out: Sequence[str] = ()
    also: Sequence[str] = ()
    created: Any = SECOND
    expires: Any = SECOND + 10
    nonce: str | None = None
    parameters: str | None = None
    digest: str | None = None
    without_digest: bool = False
    input: str | None = None
    """The text after the label, whatever it is."""
    base: Callable[[str], str] = str
    """Changes the base before it is signed."""
    signature: Callable[[bytes], bytes] = bytes
    """Changes the signature before it is encoded."""
    hash: hashes.HashAlgorithm | None = None
    after: Mapping[str, str | None] = field(default_factory=dict)
    """Headers that are changed after signing; ``None``: removed."""
    body_after: bytes | None = None

    def but(self, **changes: Any) -> Request:
        return replace(self, **changes)

    def message(self) -> Message:
        headers = dict(self.headers)
        if self.body:
            headers |= {"content-length": str(len(self.body))}
            headers.setdefault("content-type", "application/json")
            if not self.without_digest:
                headers |= self._digest()
        values = self._values(headers)
        names = self.covered if self.covered is not None else [*values, *self.also]
        names = [name for name in names if name not in self.left_out]
        text = self.input if self.input is not None else self._input(names)
        base = self.base(self._base(names, values, text))
        made = self.signature(sign(self.key or private_key(self.kind), base.encode(), self.hash))
        headers["signature-input"] = f"{self.label}={text}"
        headers["signature"] = f"{self.label}=:{b64encode(made).decode()}:"
        if self.version == 15:
            headers["upvest-signature-version"] = "15"
        for name, value in self.after.items():
            headers.pop(name, None)
            if value is not None:
                headers[name] = value
        body = self.body if self.body_after is None else self.body_after
        return Message(self.method, self.path, self.query, headers, body)

    def _digest(self) -> dict[str, str]:
        if self.version == 15:
            text = f"sha-512=:{b64encode(sha512(self.body).digest()).decode()}:"
            return {"content-digest": self.digest or text}
        return {"digest": self.digest or f"SHA-256={b64encode(sha256(self.body).digest()).decode()}"}

    def _values(self, headers: Mapping[str, str]) -> dict[str, str]:
        query = {"@query": f"?{self.query}"} if self.query else {}
        return {"@method": self.method, "@path": self.path, **query, **headers}

    def _input(self, names: Sequence[str]) -> str:
        if self.parameters is not None:
            parameters = self.parameters
        else:
            nonce = f"n{next(_nonces)}" if self.nonce is None else self.nonce
            parameters = f';keyid="{self.key_id}";created={self.created};nonce="{nonce}"'
            parameters += "" if self.expires is None else f";expires={self.expires}"
        return f"({' '.join(f'{chr(34)}{name}{chr(34)}' for name in names)}){parameters}"

    def _base(self, names: Sequence[str], values: Mapping[str, str], text: str) -> str:
        quote = '"' if self.version == 15 else ""
        lines = [f"{quote}{name}{quote}: {values.get(name, '')}" for name in names]
        return "\n".join([*lines, f"{quote}@signature-params{quote}: {text}"])


GET = Request()
QUERY = Request(query="limit=1&offset=0")
POST = Request(
    method="POST",
    path="/portfolios/allocations",
    body=b'{"hello": "world"}',
)
