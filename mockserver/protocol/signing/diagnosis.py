"""Why a signature was refused: the causes that can be proven, else the likely ones. Loaded at the first refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.kernel.quoting import shortened
from mockserver.protocol.signing import body_variants, component_causes, misreadings
from mockserver.protocol.signing.algorithms import PublicKey
from mockserver.protocol.signing.base import encoded, lines_of, written
from mockserver.protocol.signing.explanation import Cause
from mockserver.protocol.signing.inputs import Signed
from mockserver.protocol.signing.lifetimes import time_causes
from mockserver.protocol.signing.message import Message
from mockserver.protocol.signing.refusals import DIGEST, MISMATCH, Failed
from mockserver.protocol.signing.versions import Version

if TYPE_CHECKING:
    from mockserver.protocol.clients import Client


def causes_of(
    failure: Failed,
    client: Client,
    message: Message,
    version: Version | None,
    signed: Signed | None,
    key_id: str | None,
    key: PublicKey | None,
) -> tuple[Cause, ...]:
    """The causes of a failure; ``None`` for whatever the check had not read yet."""
    if signed is None or version is None:
        return () if version is None else body_variants.mixed_up(message, version)
    if key is None or key_id is None:
        return _key_causes(client, key_id)
    lines = lines_of(message, signed.components, signed.text)
    case = misreadings.Case(message, version, lines, signed.label, signed.signature, key_id, key, client.keys)
    if failure.check is MISMATCH:
        return misreadings.causes_of(case)
    if failure.check is DIGEST:
        causes = body_variants.causes_of(message, version)
        if key.verify(signed.signature, encoded(written(lines, version))):
            text = "The signature itself is right: only the body is not the one that was signed."
            return (*causes, Cause("body-only", text, True))
        return causes
    if failure.check in component_causes.CHECKS and (found := component_causes.causes_of(case, failure.check)):
        return found
    return time_causes(failure, signed.parameters) or body_variants.mixed_up(message, version)


def _key_causes(client: Client, key_id: str | None) -> tuple[Cause, ...]:
    if key_id is None:
        return ()
    if key_id == client.client_id:
        text = (
            "keyid is the client id: it has to be the id of the key, which GET /_mock/worlds/{world} shows as key_id."
        )
        return (Cause("client-id-as-key-id", text, True),)
    if key_id.lower() in client.keys:
        return (Cause("key-id-case", f"The id is written {key_id.lower()}.", True),)
    text = (
        f"The key belongs to another client or was never registered: PUT /_mock/worlds/{client.client_id}/keys/"
        f"{shortened(key_id)} takes its public half."
    )
    return (Cause("unknown-key", text, False),)
