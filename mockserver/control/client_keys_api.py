"""Commands about what a client signs with: its keys, and the explanations of signatures that were refused."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from mockserver.control.asking import Ask, Asked, Told, command
from mockserver.control.recording import LeftOut
from mockserver.control.refusals import BAD_KEY, NO_EXPLANATION, NO_KEY
from mockserver.kernel.quoting import quoted, shortened
from mockserver.protocol.signing.algorithms import PublicKey
from mockserver.protocol.signing.explanation import MOST_EXPLANATIONS
from mockserver.protocol.signing.keys import Keys


class NewKey(Asked):
    """What ``PUT …/keys/{key_id}`` takes."""

    public_key: str = Field(max_length=10_000)


@command("GET", "/_mock/worlds/{world}/keys")
def list_keys(ask: Ask) -> Any:
    """The keys that signatures may be made with; of the world's own test key the private half too, it is no secret."""
    keys = ask.tenant.keys
    own = keys.test_key
    test_key = {"id": own.id, "private_key": own.private_pem} if own.id in keys else None
    return {"test_key": test_key, "keys": [_view(keys, key_id) for key_id in keys.ids]}


@command(
    "PUT",
    "/_mock/worlds/{world}/keys/{key_id}",
    takes=NewKey,
    records=LeftOut("the steps of a replay have no signatures"),
)
def put_key(ask: Ask) -> Told:
    """Register a public key, or replace the one of that id."""
    keys, key_id = ask.tenant.keys, ask.path["key_id"]
    ask.world.undo.note(keys.restore, keys.snapshot())
    status = 200 if key_id in keys else 201
    try:
        keys.put(key_id, ask.read(NewKey).public_key)
    except ValueError as error:
        raise BAD_KEY.refuse(problem=error) from None
    return Told(status, _view(keys, key_id))


@command(
    "DELETE",
    "/_mock/worlds/{world}/keys/{key_id}",
    status=204,
    records=LeftOut("the steps of a replay have no signatures"),
)
def remove_key(ask: Ask) -> Told:
    """Forget a key; what it signs is refused from now on."""
    keys, key_id = ask.tenant.keys, ask.path["key_id"]
    ask.world.undo.note(keys.restore, keys.snapshot())
    if not keys.remove(key_id):
        raise NO_KEY.refuse(key=quoted(key_id), known=shortened(", ".join(keys.ids), 500) or "none")
    return Told(204)


@command("GET", "/_mock/worlds/{world}/explanations/{request_id}")
def explanation(ask: Ask) -> Any:
    """Why the signature of a request was refused."""
    request_id = ask.path["request_id"]
    found = ask.tenant.explanations.get(request_id)
    if found is None:
        raise NO_EXPLANATION.refuse(id=quoted(request_id), limit=MOST_EXPLANATIONS)
    return {"request_id": request_id, **found.view()}


def _view(keys: Keys, key_id: str) -> dict[str, Any]:
    key: PublicKey | None = keys.find(key_id)
    assert key is not None
    return {"id": key_id, "kind": key.kind, "public_key": key.pem}
