"""Every move and event knows what made it: a request, a command, a due task, another move."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mockserver.kernel.actions import ACTIONS
from mockserver.kernel.events import emit
from mockserver.kernel.lifecycle import LifeCycle
from mockserver.kernel.moves import COMMAND, DUE, MOVE, REQUEST, Cause, Moved
from mockserver.kernel.stages import Stage
from mockserver.kernel.world import World
from tests.kernel.lamps import LAMPS, START, Lamp, lamp, lamp_life, make_world


@pytest.fixture
def life(registries: None) -> LifeCycle[Lamp]:
    return lamp_life()


@pytest.fixture
def world() -> World:
    return make_world(stages={})


def causes(world: World) -> list[tuple[str, str, Cause | None]]:
    return [(moved.id, moved.to, moved.by) for moved in world.moves]


def test_what_a_world_is_made_with_has_no_cause(world: World, life: LifeCycle[Lamp]) -> None:
    life.enter(world, Lamp("desk"), "made")
    (moved,), (event,) = world.moves, world.events
    assert (moved.by, moved.number) == (None, 1)
    assert (event.by, event.number) == (Cause(MOVE, 1), 1)


def test_a_request_is_a_cause_by_its_number(world: World, life: LifeCycle[Lamp]) -> None:
    world.answering = lambda: 7
    life.enter(world, Lamp("desk"), "made")
    emit(world, "LAMP.SEEN", lamp(world))
    assert causes(world) == [("desk", "OFF", Cause(REQUEST, 7))]
    assert [event.by for event in world.events] == [Cause(MOVE, 1), Cause(REQUEST, 7)]


def test_a_due_stage_is_a_cause_by_its_name(world: World, life: LifeCycle[Lamp]) -> None:
    world.answering = lambda: 1
    Stage("lamps.switch", life, "OFF", "ON", when=lambda world, _: world.now + timedelta(hours=1))
    life.enter(world, Lamp("desk"), "made")
    task = world.clock.upcoming()[0]
    world.run(START + timedelta(hours=1))
    assert causes(world)[1:] == [("desk", "ON", Cause(DUE, task.number, "lamps.switch"))]
    life.move(world, lamp(world), "BROKEN", "by hand")
    assert causes(world)[2:] == [("desk", "BROKEN", Cause(REQUEST, 1))], "the task is over"


def test_a_task_is_no_cause_any_more_once_it_failed(world: World, life: LifeCycle[Lamp], registries: None) -> None:
    def fails(world: World) -> None:
        life.enter(world, Lamp("desk"), "made")
        raise RuntimeError("on purpose")

    ACTIONS["lamps.fail"] = fails
    world.clock.at(START, "lamps.fail", reason="a test")
    world.run(START)
    world.answering = lambda: 3
    life.enter(world, Lamp("desk"), "made")
    assert causes(world) == [("desk", "OFF", Cause(REQUEST, 3))]
    assert [type(entry).__name__ for _, entry in world.feed.since(0)] == ["Failure", "Moved", "Event"]


def test_a_move_is_the_cause_of_what_its_followers_do(world: World, life: LifeCycle[Lamp]) -> None:
    def pair(world: World, made: Lamp, _: Moved) -> None:
        if made.id == "desk":
            life.move(world, life.enter(world, Lamp("other"), "a pair"), "ON", "a pair")

    life.follow("ON", by=[pair])
    world.under_way = Cause(COMMAND, 4, "POST …/moves")
    life.move(world, life.enter(world, Lamp("desk"), "made"), "ON", "a switch")
    life.enter(world, Lamp("third"), "made")
    assert causes(world) == [
        ("desk", "OFF", Cause(COMMAND, 4, "POST …/moves")),
        ("desk", "ON", Cause(COMMAND, 4, "POST …/moves")),
        ("other", "OFF", Cause(MOVE, 2)),
        ("other", "ON", Cause(MOVE, 2)),
        ("third", "OFF", Cause(COMMAND, 4, "POST …/moves")),
    ]


def test_a_move_is_no_cause_any_more_once_a_follower_failed(world: World, life: LifeCycle[Lamp]) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("on purpose")

    life.follow("ON", by=[fails])
    command = world.under_way = Cause(COMMAND, 1)
    desk = life.enter(world, Lamp("desk"), "made")
    with pytest.raises(RuntimeError), world.transaction():
        life.move(world, desk, "ON", "a switch")
    assert world.under_way == command
    assert len(world.moves) == 1


def test_moves_are_numbered_in_their_order_whatever_comes_before_them(world: World, life: LifeCycle[Lamp]) -> None:
    def first(world: World, old: Lamp, _: Moved) -> None:
        if old.id == "desk":
            life.enter(world, Lamp("before"), "it has to be there first")

    life.follow("ON", by=[first], before=True)
    life.move(world, life.enter(world, Lamp("desk"), "made"), "ON", "a switch")
    assert [(moved.id, moved.to, moved.number) for moved in world.moves] == [
        ("desk", "OFF", 1),
        ("before", "OFF", 2),
        ("desk", "ON", 3),
    ]


def test_numbers_go_back_with_a_snapshot(world: World, life: LifeCycle[Lamp]) -> None:
    life.enter(world, Lamp("desk"), "made")
    snapshot = world.snapshot()
    life.move(world, lamp(world), "ON", "a switch")
    world.restore(snapshot)
    life.move(world, lamp(world), "ON", "a switch")
    assert [moved.number for moved in world.moves] == [1, 2]
    assert world.table(LAMPS)["desk"].status == "ON"
    assert world.feed.end == 6, "the feed counts what was taken back, too"
