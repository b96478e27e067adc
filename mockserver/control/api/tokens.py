"""``…/tokens``: the access tokens there are, and ending their time, to see how a client takes a 401.

A token's time is wall time, so no move of a world's clock ends it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import ConfigDict, model_validator

from mockserver.control.bodies import all_or_one, check_all_or_one
from mockserver.control.commands import SHOWN, CommandRequest, CommandResponse, LeftOut, RequestBody, command
from mockserver.control.refusals import UNKNOWN_TOKEN
from mockserver.kernel import system
from mockserver.kernel.events import stamp
from mockserver.protocol.masking import masked_token
from mockserver.protocol.tokens import Token


class Expiry(RequestBody):
    """All tokens, or one: as it was issued, or as the list shows it. A body without members means all."""

    model_config = ConfigDict(json_schema_extra=all_or_one(all={"const": True}, token={"type": "string"}))

    all: Literal[True] | None = None
    token: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        check_all_or_one(self, '{"token": "ory_at_…"}')
        return self


@command("GET", "/_mock/worlds/{world}/tokens", query=SHOWN)
def list_tokens(request: CommandRequest) -> Any:
    """The tokens of the client, masked, in the order of their issue; expired ones too while they are remembered."""
    now, tokens = system.wall_now(), list(request.tenant.tokens)
    limit = request.value("limit", 100)
    shown = tokens[max(0, len(tokens) - limit) :]
    return {"total_count": len(tokens), "tokens": [view(value, token, now) for value, token in shown]}


@command(
    "POST",
    "/_mock/worlds/{world}/tokens/expire",
    takes=Expiry,
    records=LeftOut("a replay has a token of its own and gets a new one; the refused requests are left out too"),
)
def expire_tokens(request: CommandRequest) -> Any:
    """End the time of tokens; answers how many were valid until now."""
    asked, tenant, now = request.read(Expiry), request.tenant, system.wall_now()
    values = [value for value, _ in tenant.tokens]
    if asked.token is not None:
        whole = tenant.tokens.get(asked.token) is not None
        values = [asked.token] if whole else [value for value in values if masked_token(value) == asked.token]
        if not values:
            raise UNKNOWN_TOKEN.refuse(client_id=tenant.client_id)
    valid = [value for value, token in tenant.tokens if value in values and token.expires > now]

    def end() -> None:
        for value in valid:
            tenant.tokens.expire(value, now)

    return CommandResponse(200, {"expired": len(valid)}, then=end)


def view(value: str, token: Token, now: datetime) -> dict[str, Any]:
    return {
        "token": masked_token(value),
        "scopes": token.scopes,
        "issued_at": stamp(token.issued),
        "expires_at": stamp(token.expires),
        "expired": token.expires <= now,
    }
