"""Registries refuse at import what would fail silently later: second names, and states or moves that no row has."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.moves import Moved
from mockserver.kernel.stages import STAGES, Stage
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from tests.kernel.lamps import LAMPS, ROWS, Lamp, lamp_life


@pytest.fixture
def life() -> LifeCycle[Lamp]:
    return lamp_life()


def light(world: World, lamp: Lamp) -> None:
    """Carry OFF -> ON out."""


def follow(world: World, lamp: Lamp, moved: Moved) -> None:
    """Follow a lamp."""


Registration = Callable[[LifeCycle[Lamp]], object]

MISTAKES: dict[str, tuple[Registration, str]] = {
    "a doer of a state that is mistyped": (
        lambda life: life.does("OFF", "ONN")(light),
        r"lamps has no row OFF -> ONN \(rows: -> OFF, .*OFF -> ON",
    ),
    "a doer from a state that is mistyped": (lambda life: life.does("OF", "ON")(light), "lamps has no row OF -> ON"),
    "a second doer": (
        lambda life: (life.does("OFF", "ON")(light), life.does("OFF", "ON")(light)),
        "lamps: two functions carry OFF -> ON out",
    ),
    "a follower of a state that is mistyped": (
        lambda life: life.follow("ON", "BROKN", by=[follow]),
        r"no row of lamps leads to 'BROKN' \(states: OFF, ON",
    ),
    "a follower of a state before the move": (
        lambda life: life.follow("BROKN", by=[follow], before=True),
        "no row of lamps leads to 'BROKN'",
    ),
    "an explanation of a state that is mistyped": (
        lambda life: life.explains("BROKN")(lambda *_: None),
        "no row of lamps leads to 'BROKN'",
    ),
    "followers of a state stated twice": (
        lambda life: life.follow("ON", "ON", by=[follow]),
        "the followers of lamps ON are stated twice",
    ),
    "a stage of a move that no row has": (
        lambda life: Stage("lamp.light", life, "OFF", "BROKN"),
        "lamps has no row OFF -> BROKN",
    ),
    "a stage with an option for a move that no row has": (
        lambda life: Stage("lamp.light", life, "OFF", "ON", options={"BROKN": {}}),
        "lamps has no row OFF -> BROKN",
    ),
    "a second stage of a name": (
        lambda life: (Stage("lamp.light", life, "OFF", "ON"), Stage("lamp.light", life, "ON", "OFF")),
        "two stages are named 'lamp.light'",
    ),
    "a second life cycle of a kind": (lambda _: lamp_life(), "lamps has a life cycle already"),
    "a second kind of a name": (lambda _: Kind("lamps"), "two kinds are named 'lamps'"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_registration_that_cannot_be_meant_is_refused(life: LifeCycle[Lamp], mistake: str) -> None:
    register, message = MISTAKES[mistake]
    with pytest.raises(ValueError, match=message):
        register(life)


def test_two_rows_of_one_move_are_refused() -> None:
    with pytest.raises(ValueError, match="lamps has two rows for OFF -> ON"):
        LifeCycle(LAMPS, (*ROWS, Row("OFF", "ON", None, "again", "made up")))


def test_a_refused_stage_is_not_registered(life: LifeCycle[Lamp]) -> None:
    with pytest.raises(ValueError, match="no row"):
        Stage("lamp.light", life, "OFF", "BROKN")
    assert "lamp.light" not in STAGES
    assert life.stages == {}


def test_one_function_may_follow_before_and_after(life: LifeCycle[Lamp]) -> None:
    life.follow("ON", by=[follow], before=True)
    life.follow("ON", by=[follow])
