"""Faults with dates in a world's queue: when each begins to act and when it has ended, to see and to go to.

The dates themselves are read when a request or a delivery is met: nothing is done here.
"""

from __future__ import annotations

from typing import Final

from mockserver.kernel.actions import action
from mockserver.kernel.world import World
from mockserver.protocol.matching_counts import Window

BEGINS: Final = "fault.begins"
ENDS: Final = "fault.ends"


def schedule(world: World, fault_id: str, window: Window) -> None:
    """Put the dates of a fault that lie ahead into the queue, in place of those it had."""
    forget(world, fault_id)
    for name, instant, words in (
        (BEGINS, window.from_, "begins to act"),
        (ENDS, window.until, "acts no more"),
    ):
        if instant is not None and instant > world.now:
            world.clock.first(instant, name, fault_id, reason=f"fault {fault_id} {words}")


def forget(world: World, fault_id: str | None) -> None:
    """Take the dates of a fault out of the queue, or those of all."""
    for name in (BEGINS, ENDS):
        for task in world.clock.pending(name):
            if fault_id in (None, task.args[0]):
                world.clock.drop(task)


@action(BEGINS)
@action(ENDS)
def _come(world: World, fault_id: str) -> None:
    """A date of a fault has come."""
