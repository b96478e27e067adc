"""``…/nonces``: ending the time of the nonces of signatures, so that each may be used again."""

from __future__ import annotations

from typing import Any, Literal

from mockserver.control.commands import CommandRequest, CommandResponse, LeftOut, RequestBody, command


class ExpiredNonces(RequestBody):
    """All nonces. A body without members means the same."""

    all: Literal[True] = True


@command(
    "POST",
    "/_mock/worlds/{world}/nonces/expire",
    takes=ExpiredNonces,
    records=LeftOut("the steps of a replay have no signatures"),
)
def expire_nonces(request: CommandRequest) -> Any:
    """Forget the nonces of signatures, so that each may be used again; answers how many were remembered."""
    request.read(ExpiredNonces)
    nonces = request.tenant.nonces
    return CommandResponse(200, {"expired": len(nonces)}, then=nonces.expire)
