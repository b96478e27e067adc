"""What waits for a command since its stage says ``never`` goes on by itself once a change gives the stage a delay."""

from __future__ import annotations

from typing import Final

import pytest

import mockserver.domain  # noqa: F401 - fills STAGES
from mockserver.domain.profile_changes import change
from mockserver.kernel.stages import STAGES
from tests.control.reaching import SETTINGS, Builder, builder_for
from tests.control.reaching_corporate_actions import late_booking
from tests.control.test_every_move import EMPTY
from tests.domain.support import fees
from tests.domain.support.desk import open_desk

ORDINARY = [name for name, stage in STAGES.items() if not stage.exceptional]

READY: Final[dict[str, Builder]] = {
    "fee_collection.collect": lambda desk: str(fees.collect(desk, "1").id),
    "corporate_action_booking.book": late_booking,
}
"""Where not every object in the state is ready to go on: one that is."""


def delayed(name: str, delay: str) -> dict[str, object]:
    return {"stages": {name: {"delay": delay}}}


@pytest.mark.parametrize("name", ORDINARY)
def test_every_stage_is_released(name: str) -> None:
    stage = STAGES[name]
    resource = stage.cycle.kind.name
    desk = open_desk("manual", SETTINGS, cash="0" if resource in EMPTY else "10000")
    identity = READY.get(name, builder_for(resource, stage.state))(desk)
    desk.world.undo.clear()

    def due() -> list[tuple[str, ...]]:
        return [task.args for task in desk.world.clock.pending("stage") if task.args == (name, identity)]

    assert due() == []
    change(desk.world, delayed(name, "1h"), "test")
    assert due() == [(name, identity)]
    change(desk.world, delayed(name, "never"), "test")
    change(desk.world, delayed(name, "2h"), "test")
    assert due() == [(name, identity)], "what is on the clock keeps its instant, and is due once"
