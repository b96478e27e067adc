"""``…/webhook_keys``: showing, rotating and retiring the keys that sign deliveries; wrong signatures on demand."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from pydantic import ConfigDict, Field, model_validator

from mockserver.control.commands import CommandRequest, CommandResponse, RequestBody, command
from mockserver.hosting.command_log import Recorded
from mockserver.kernel.events import stamp
from mockserver.kernel.integers import Whole
from mockserver.kernel.world import World
from mockserver.webhooks.keys import keys_of
from mockserver.webhooks.signature_faults import Fault, Plan, faults_of


class Spoil(RequestBody):
    """What is to be wrong with the next ``count`` signatures, or with all until this is changed; ``null``: nothing."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"properties": {"fault": {"type": "string"}}}, {"properties": {"count": {"type": "null"}}}]
        }
    )

    fault: Fault | None
    count: Annotated[int, Field(ge=1, le=1_000_000), Whole] | None = None

    @model_validator(mode="after")
    def _counts_something(self) -> Spoil:
        if self.fault is None and self.count is not None:
            raise ValueError("a count needs a fault")
        return self


@command("GET", "/_mock/worlds/{world}/webhook_keys")
def show(request: CommandRequest) -> Any:
    """The published keys, oldest first, and what is wrong with the signatures."""
    return view(request.world)


def rotated(_: CommandRequest, __: Any) -> Recorded:
    """The step that makes a new key."""
    return Recorded(({"webhook_keys": "rotate"},))


@command("POST", "/_mock/worlds/{world}/webhook_keys/rotate", status=201, records=rotated)
def rotate(request: CommandRequest) -> CommandResponse:
    """Make a new key, which signs from now on. The others are published until they are deleted."""
    world = request.world
    keys_of(world).rotate()
    return CommandResponse(201, view(world))


def spoiled(request: CommandRequest, _: Any) -> Recorded:
    """The step that spoils them alike."""
    return Recorded(({"webhook_keys": request.data},))


@command("PUT", "/_mock/worlds/{world}/webhook_keys/fault", takes=Spoil, records=spoiled)
def spoil(request: CommandRequest) -> Any:
    """Make signatures wrong, or right again."""
    asked, world = request.read(Spoil), request.world
    faults = faults_of(world)
    world.undo.note(faults.restore, faults.plan)
    faults.plan = Plan(asked.fault, asked.count)
    return view(world)


def retired(request: CommandRequest, _: Any) -> Recorded:
    """The step that retires the same key: it is made from the seed."""
    return Recorded(({"webhook_keys": {"retire": request.path["kid"]}},))


@command("DELETE", "/_mock/worlds/{world}/webhook_keys/{kid}", status=204, records=retired)
def retire(request: CommandRequest) -> CommandResponse:
    """Publish a key no more. The one that signs stays."""
    world = request.world
    keys_of(world).retire(request.path["kid"])
    return CommandResponse(204)


def view(world: World) -> dict[str, Any]:
    """The keys of a world as the control API shows them; ``jwk`` is what ``GET /auth/verify_keys`` has."""
    keys, plan = keys_of(world), faults_of(world).plan
    return {
        "signature": world.profile.webhooks.signature,
        "fault": plan.fault,
        "count": plan.left,
        "keys": [
            {
                "kid": key.kid,
                "created_at": stamp(key.created_at),
                "signs": key is keys.signing,
                "jwk": orjson.Fragment(key.public.wire),
            }
            for key in keys.published
        ],
    }
