"""``…/idempotency_keys``: the keys whose answers are kept, and ending their time, to see what a late repeat does.

Their time is wall time, so no move of a world's clock ends it.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import ConfigDict, model_validator

from mockserver.control.bodies import all_or_one, check_all_or_one
from mockserver.control.commands import SHOWN, CommandRequest, CommandResponse, RequestBody, command
from mockserver.control.refusals import UNKNOWN_KEY
from mockserver.hosting.command_log import Recorded
from mockserver.kernel import system
from mockserver.kernel.events import stamp
from mockserver.models.base import dashed
from mockserver.protocol.idempotency import Sent

PATH = "/_mock/worlds/{world}/idempotency_keys"


class ExpiredKeys(RequestBody):
    """All idempotency keys, or one. A body without members means all."""

    model_config = ConfigDict(json_schema_extra=all_or_one(all={"const": True}, key={"type": "string"}))

    all: Literal[True] | None = None
    key: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        check_all_or_one(self, '{"key": "…"}')
        return self


@command("GET", PATH, query=SHOWN)
def list_idempotency_keys(request: CommandRequest) -> Any:
    """The idempotency keys whose answers are kept, in the order of their requests."""
    kept = list(request.tenant.replies)
    limit = request.value("limit", 100)
    shown = kept[max(0, len(kept) - limit) :]
    return {"total_count": len(kept), "idempotency_keys": [view(key, sent) for key, sent in shown]}


def expired(request: CommandRequest, _: Any) -> Recorded:
    """The step that ends their time."""
    key = request.read(ExpiredKeys).key
    return Recorded(({"expire": "idempotency_keys" if key is None else {"idempotency_key": dashed(key)}},))


@command("POST", f"{PATH}/expire", takes=ExpiredKeys, records=expired)
def expire_idempotency_keys(request: CommandRequest) -> Any:
    """End the time of idempotency keys, so that a repeat is a new request; answers how many were valid until now."""
    asked, replies, now = request.read(ExpiredKeys), request.tenant.replies, system.wall_now()
    keys = {key: sent for key, sent in replies if asked.key is None or key == dashed(asked.key)}
    if asked.key is not None and not keys:
        raise UNKNOWN_KEY.refuse(key=asked.key)

    def end() -> None:
        for key in keys:
            replies.expire(key)

    return CommandResponse(200, {"expired": sum(sent.until > now for sent in keys.values())}, then=end)


def view(key: str, sent: Sent) -> dict[str, Any]:
    return {
        "idempotency_key": key,
        "operation": sent.operation,
        "path": sent.path,
        "status": sent.status,
        "expires_at": stamp(sent.until),
    }
