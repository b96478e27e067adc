"""``…/keys``: the public keys that the client's signatures may be made with."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from mockserver.control.commands import CommandRequest, CommandResponse, LeftOut, RequestBody, command
from mockserver.control.refusals import BAD_KEY, NO_KEY
from mockserver.kernel.quoting import quoted, shortened
from mockserver.protocol.signing.algorithms import PublicKey
from mockserver.protocol.signing.keys import Keys


class NewKey(RequestBody):
    """What ``PUT …/keys/{key_id}`` takes."""

    public_key: str = Field(max_length=10_000)


@command("GET", "/_mock/worlds/{world}/keys")
def list_keys(request: CommandRequest) -> Any:
    """The keys that signatures may be made with; of the world's own test key the private half too, it is no secret."""
    keys = request.tenant.keys
    own = keys.test_key
    test_key = {"id": own.id, "private_key": own.private_pem} if own.id in keys else None
    return {"test_key": test_key, "keys": [_view(keys, key_id) for key_id in keys.ids]}


@command(
    "PUT",
    "/_mock/worlds/{world}/keys/{key_id}",
    takes=NewKey,
    records=LeftOut("the steps of a replay have no signatures"),
)
def put_key(request: CommandRequest) -> CommandResponse:
    """Register a public key, or replace the one of that id."""
    keys, key_id = request.tenant.keys, request.path["key_id"]
    request.world.undo.note(keys.restore, keys.snapshot())
    status = 200 if key_id in keys else 201
    try:
        keys.put(key_id, request.read(NewKey).public_key)
    except ValueError as error:
        raise BAD_KEY.refuse(problem=error) from None
    return CommandResponse(status, _view(keys, key_id))


@command(
    "DELETE",
    "/_mock/worlds/{world}/keys/{key_id}",
    status=204,
    records=LeftOut("the steps of a replay have no signatures"),
)
def remove_key(request: CommandRequest) -> CommandResponse:
    """Forget a key; what it signs is refused from now on."""
    keys, key_id = request.tenant.keys, request.path["key_id"]
    request.world.undo.note(keys.restore, keys.snapshot())
    if not keys.remove(key_id):
        raise NO_KEY.refuse(key=quoted(key_id), known=shortened(", ".join(keys.ids), 500) or "none")
    return CommandResponse(204)


def _view(keys: Keys, key_id: str) -> dict[str, Any]:
    key: PublicKey | None = keys.find(key_id)
    assert key is not None
    return {"id": key_id, "kind": key.kind, "public_key": key.pem}
