"""Moves that were made, and the cause of what happens in a world: a request, a command, a due task, another move."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from mockserver.kernel.clock import Task
from mockserver.kernel.frozen import frozen

if TYPE_CHECKING:
    from mockserver.kernel.world import World

REQUEST: Final = "request"
COMMAND: Final = "command"
DUE: Final = "due"
MOVE: Final = "move"

STAGE: Final = "stage"
"""The action of the clock that runs the stage named by its first argument."""


class Cause(NamedTuple):
    """What made something happen."""

    kind: str
    number: int
    """The number of the request, the command, the task or the move."""
    name: str = ""
    """The stage or the action that was due; the method and path of the command."""


UnderWay = Task | Cause | int | None
"""What a world is doing: a task, a command, the move of that number; ``None``: the request that is answered now."""


def cause_of(world: World) -> Cause | None:
    """The cause of what is done now; ``None`` while a world is put together.

    Made when something happens, and not for each request and task: most reads cause nothing.
    """
    under_way = world.under_way
    if type(under_way) is Cause:
        return under_way
    if under_way is None:
        return None if world.answering is None else Cause(REQUEST, world.answering())
    if isinstance(under_way, Task):
        made = Cause(DUE, under_way.number, under_way.args[0] if under_way.action == STAGE else under_way.action)
    else:
        assert isinstance(under_way, int)
        made = Cause(MOVE, under_way)
    world.under_way = made
    return made


@frozen
class Moved:
    """A move that was made."""

    at: datetime
    resource: str
    id: str
    source: str | None
    to: str
    cause: str
    """Why, in words."""
    by: Cause | None = field(default=None, compare=False)
    """What made it; ``None`` where the world was made with it."""
    number: int = field(default=0, compare=False)
    """The moves of a world count from 1."""
