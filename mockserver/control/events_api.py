"""The command that emits an event which nothing in the world caused, to see how a client takes it."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from mockserver.control.asking import SHOWN, Ask, Asked, Told, command
from mockserver.control.happened import mark
from mockserver.control.recording import Recorded
from mockserver.control.refusals import BAD_EVENT, UNKNOWN_EVENT
from mockserver.control.views import event_view, happened_view
from mockserver.kernel.events import emit
from mockserver.protocol.known_names import unknown_event
from mockserver.webhooks.samples import sample

PATH: Final = "/_mock/worlds/{world}/events"


class Emission(Asked):
    """An event by its type; ``object`` is laid over the contract's example, and ``null`` leaves a member out."""

    type: str
    object: dict[str, Any] = Field(default_factory=dict)


def emitted(ask: Ask, _: Any) -> Recorded:
    """The step that emits the same."""
    return Recorded(({"emit": ask.data},))


@command("POST", PATH, takes=Emission, query=SHOWN, status=201, records=emitted)
def emit_event(ask: Ask) -> Any:
    """Emit an event of any type. No state changes; subscriptions get it as any other, signed, bundled and faultable."""
    asked, world = ask.read(Emission), ask.world
    if (wrong := unknown_event(asked.type, families=False)) is not None:
        raise UNKNOWN_EVENT.refuse(problem=wrong)
    start = mark(world)
    try:
        subject = sample(asked.type, asked.object, id=world.ids.new("emitted object"), now=world.now)
    except ValueError as error:
        raise BAD_EVENT.refuse(type=asked.type, violations=str(error)) from None
    event = emit(world, asked.type, subject)
    content = {"event": event_view(event), **happened_view(start.happened(world), ask.value("limit", 1000))}
    return Told(201, content)
