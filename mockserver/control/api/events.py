"""``…/events``: the events that were emitted, and emitting one that nothing in the world caused."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from mockserver.control.commands import (
    SHOWN,
    TEXT,
    CommandRequest,
    CommandResponse,
    RequestBody,
    command,
)
from mockserver.control.pages import PAGED, event_type, numbered, page
from mockserver.control.refusals import BAD_EVENT, UNKNOWN_EVENT
from mockserver.control.views import (
    Shown,
    event_view,
    happened_view,
)
from mockserver.hosting.command_log import Recorded
from mockserver.hosting.outcome import mark
from mockserver.kernel.events import emit
from mockserver.protocol.known_names import unknown_event
from mockserver.webhooks.samples import sample

PATH: Final = "/_mock/worlds/{world}/events"


class Emission(RequestBody):
    """An event by its type; ``object`` is laid over the contract's example, and ``null`` leaves a member out."""

    type: str
    object: dict[str, Any] = Field(default_factory=dict)


def emitted(request: CommandRequest, _: Any) -> Recorded:
    """The step that emits the same."""
    return Recorded(({"emit": request.data},))


@command("POST", PATH, takes=Emission, query=SHOWN, status=201, records=emitted)
def emit_event(request: CommandRequest) -> Any:
    """Emit an event of any type. No state changes; subscriptions get it as any other, signed, bundled and faultable."""
    asked, world = request.read(Emission), request.world
    if (wrong := unknown_event(asked.type, families=False)) is not None:
        raise UNKNOWN_EVENT.refuse(problem=wrong)
    start = mark(world)
    try:
        subject = sample(asked.type, asked.object, id=world.ids.new("emitted object"), now=world.now)
    except ValueError as error:
        raise BAD_EVENT.refuse(type=asked.type, violations=str(error)) from None
    event = emit(world, asked.type, subject)
    content = {"event": event_view(event), **happened_view(start.happened(world), request.value("limit", 1000))}
    return CommandResponse(201, content)


@command("GET", PATH, query={"type": TEXT, **PAGED})
def events(request: CommandRequest) -> Any:
    """What was emitted; ``type`` is an event type or a family of the API, else the command is refused.

    The last of them, or with ``since`` (the ``next`` of an earlier answer) the first from there on, so that a reader
    who comes back with ``next`` misses none; with ``before`` the last before that number.
    """
    log, wanted = request.world.events, event_type(request.value("type"))
    found = numbered(request, log)
    if wanted is not None:
        found = [each for each in found if wanted in (each[1].type, each[1].family)]
    shown = page(request, found, log.end)
    views = Shown(shown.entries, lambda each: event_view(each[1]))
    return {"next": shown.next, "total_count": len(found), "events": views}
