"""The signature of a delivery: HTTP message signatures, versions 6 and 15 (concepts.md §2 and §7.4).

Version 6 is what the vendor sends [D]; the profile's ``webhooks.signature`` switches to 15 or to none. Each attempt is
signed anew, with wall time (docs/clock.md), so that a retry is not out of date.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from yarl import URL

from mockserver.kernel import system
from mockserver.kernel.frozen import frozen
from mockserver.protocol.signing.base import encoded, lines_of, written
from mockserver.protocol.signing.digests import digest_of
from mockserver.protocol.signing.message import Message
from mockserver.protocol.signing.versions import BY_HEADER, HEADER, V15
from mockserver.webhooks.keys import keys_of
from mockserver.webhooks.signature_faults import Fault, faults_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

    from mockserver.kernel.world import World

LABEL: Final = "sig1"
"""The label of all published examples (concepts.md §2.2)."""

COVERED: Final = ("@method", "@path", "@query", "content-type", "content-length", "digest")
"""What is covered, in this order; ``@query`` only where there is one, and the digest under its version's name. Not
published for deliveries [U]: inferred from what concepts.md §2.2 requires of requests with a body."""

LIFETIME: Final = timedelta(seconds=60)
"""From ``created`` to ``expires``; not published [U]: the longest of the vendor's own clients (concepts.md §2.2)."""


@frozen
class Signature:
    """How an attempt was signed. Without its times, nonce and bytes: records of equal replays are equal."""

    version: int
    kid: str
    fault: Fault | None = None
    """What was wrong with it on purpose."""


class Signed(NamedTuple):
    """The headers to add to a request, and what there is to say about them; ``None``: it is not signed."""

    headers: Mapping[str, str]
    signature: Signature | None
    base: str | None = None
    """The signature base that the receiver has to compute."""


UNSIGNED: Final = Signed({}, None)


def sign(world: World, url: URL, headers: Mapping[str, str], body: bytes) -> Signed:
    """Sign the posting of ``body`` to ``url`` as the world's profile says, spoiled if its faults say so."""
    chosen = world.profile.webhooks.signature
    if chosen == "none":
        return UNSIGNED
    version, fault, keys = BY_HEADER[chosen], faults_of(world).take(), keys_of(world)
    key = keys.unpublished if fault is Fault.EXPIRED_KEY else keys.signing
    added = {version.digest_header: digest_of(body, version)}
    sent = {**headers, **added, "content-length": str(len(body))}
    message = Message("POST", url.raw_path, url.raw_query_string, sent)
    names = (version.digest_header if name == "digest" else name for name in COVERED)
    covered = [name for name in names if message.value(name) is not None]
    params = _params(covered, key.kid)
    base = written(lines_of(message, covered, params), version)
    signed = encoded(base)
    if fault is Fault.WRONG_SIGNATURE:
        signed += b"\nand what was never sent"
    made = b64encode(key.private.sign(signed, _algorithm())).decode()
    added |= {"signature-input": f"{LABEL}={params}", "signature": f"{LABEL}=:{made}:"}
    if version is V15:
        added[HEADER] = chosen
    return Signed(added, Signature(version.number, key.kid, fault), base)


def _params(covered: list[str], kid: str) -> str:
    """``signature-input`` after its label; the parameters in the order of the published example (concepts.md §2.2)."""
    created = int(system.wall_now().timestamp())
    expires = created + int(LIFETIME.total_seconds())
    names = " ".join(f'"{name}"' for name in covered)
    return f'({names});keyid="{kid}";created={created};expires={expires};nonce="{system.unique_id()}"'


@cache
def _algorithm() -> ECDSA:
    # lazy: 28 ms at start-up, and only worlds with webhooks sign
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        return ec.ECDSA(hashes.SHA512(), deterministic_signing=True)  # RFC 6979: needs no randomness
    except UnsupportedAlgorithm:  # OpenSSL before 3.2: as good, but other bytes each time
        return ec.ECDSA(hashes.SHA512())
