"""``…/moves``: the moves that were made, and moves of life cycles made now."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from mockserver.control import move_options
from mockserver.control.commands import SHOWN, TEXT, CommandRequest, RequestBody, command
from mockserver.control.pages import PAGED, numbered, page
from mockserver.control.refusals import (
    BAD_OPTIONS,
    CANNOT_BEGIN,
    ILLEGAL_MOVE,
    NO_LIFE_CYCLE,
    WAITS,
)
from mockserver.control.resources import object_of
from mockserver.control.views import (
    Shown,
    happened_view,
    move_view,
    state_view,
)
from mockserver.hosting.command_log import Recorded
from mockserver.hosting.outcome import mark
from mockserver.kernel.lifecycle import CYCLES, Hold, IllegalMoveError, LifeCycle
from mockserver.kernel.quoting import quoted, shortened
from mockserver.kernel.world import World


class Move(RequestBody):
    resource: str
    id: str
    to: str
    with_: dict[str, Any] = Field({}, alias="with")
    """Options of the move, or members to change with it."""


def moved_again(request: CommandRequest, _: Any) -> Recorded:
    """The step that makes the same move."""
    return Recorded(({"move": request.data},))


@command("POST", "/_mock/worlds/{world}/moves", takes=Move, query=SHOWN, records=moved_again)
def move(request: CommandRequest) -> Any:
    """Force a legal move, with all that belongs to it. What it makes due happens when the clock is next moved.

    A resource that commands may begin need not exist: ``direct_debit_returns`` with the id of a direct debit.
    """
    asked, world = request.read(Move), request.world
    cycle = CYCLES.get(asked.resource)
    if cycle is None:
        raise NO_LIFE_CYCLE.refuse(resource=quoted(asked.resource), known=", ".join(sorted(CYCLES)))
    start = mark(world)
    begun = _begun(world, cycle, asked)
    if begun is None or cycle.state_of(begun) != asked.to or asked.with_:
        carry(world, cycle, begun or object_of(world, asked.resource, asked.id), asked)
    moved = world.table(cycle.kind).get(asked.id)
    return {
        "object": None if moved is None else state_view(moved),
        **happened_view(start.happened(world), request.value("limit", 1000)),
    }


def _begun(world: World, cycle: LifeCycle[Any], asked: Move) -> Any:
    """What the command begins: a resource that did not exist; ``None`` where it moves one that does, or may not."""
    if asked.id in world.table(cycle.kind):
        return None
    try:
        return cycle.open(world, asked.id)
    except LookupError as error:
        raise CANNOT_BEGIN.refuse(resource=asked.resource, id=quoted(asked.id), problem=error) from None
    except IllegalMoveError as error:
        raise ILLEGAL_MOVE.refuse(problem=shortened(str(error), 500)) from None


def carry(world: World, cycle: LifeCycle[Any], resource: Any, asked: Move) -> None:
    """Make the move, or a refusal that says why it cannot be made."""
    try:
        row = cycle.row(resource, asked.to)
        cycle.carry(world, resource, asked.to, **move_options.read(cycle, resource, row, asked.with_))
        moved = world.table(cycle.kind).get(asked.id)
        if asked.with_ and moved is not None:
            move_options.check_sound(moved)
    except IllegalMoveError as error:
        raise ILLEGAL_MOVE.refuse(problem=shortened(str(error), 500)) from None
    except Hold as hold:
        raise WAITS.refuse(resource=asked.resource, id=asked.id, to=quoted(asked.to), reason=hold.reason) from None
    except Exception as error:
        if not asked.with_:
            raise
        raise BAD_OPTIONS.refuse(problem=shortened(str(error), 500)) from None


@command("GET", "/_mock/worlds/{world}/moves", query={"resource": TEXT, "id": TEXT, "to": TEXT, **PAGED})
def moves(request: CommandRequest) -> Any:
    """The last moves of all life cycles, in their order, each with its cause; of one object with ``id``.

    With ``since`` (the ``next`` of an earlier answer) the first after that number, so that a reader who comes back with
    ``next`` misses none; with ``before`` the last before that number.
    """
    log = request.world.moves
    found = numbered(request, log)
    chosen = {"resource": request.value("resource"), "id": request.value("id"), "to": request.value("to")}
    for name, wanted in chosen.items():
        if wanted is not None:
            found = [each for each in found if getattr(each[1], name) == wanted]
    shown = page(request, found, log.end)
    views = Shown(shown.entries, lambda each: move_view(each[1]))
    return {"next": shown.next, "total_count": len(found), "moves": views}
