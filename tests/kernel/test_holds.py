"""Holds: what cannot go on yet waits, keeps nothing half done, and looks again at its instant or when stirred."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from mockserver.kernel.actions import action
from mockserver.kernel.clock import LATEST
from mockserver.kernel.events import emit
from mockserver.kernel.holds import Held
from mockserver.kernel.lifecycle import Hold, LifeCycle, Row
from mockserver.kernel.stages import Stage, stir
from mockserver.kernel.world import World
from tests.kernel.lamps import LAMPS, START, Lamp, events_of, lamp, lamp_life, make_world

OPENING = START + timedelta(hours=1)
POWER = "power"


class Plant:
    """Lamps light by themselves, if there is power; ``looks`` says which looked, and when."""

    def __init__(self) -> None:
        self.life: LifeCycle[Lamp] = lamp_life()
        self.stage = Stage("lamp.light", self.life, "OFF", "ON")
        self.hold: Hold | None = Hold("no power", topic=POWER)
        self.looks: list[tuple[str, datetime]] = []
        self.switch: Callable[[World, Lamp], None] = self.light
        self.life.does("OFF", "ON")(self.do)

    def do(self, world: World, lamp: Lamp) -> None:
        self.switch(world, lamp)

    def light(self, world: World, lamp: Lamp) -> None:
        self.looks.append((lamp.id, world.now))
        if self.hold is not None:
            raise self.hold
        self.life.move(world, lamp, "ON", "there is power")

    def looked(self) -> list[str]:
        return [identity for identity, _ in self.looks]


@pytest.fixture
def plant() -> Plant:
    return Plant()


def waiting(world: World, plant: Plant, *ids: str) -> None:
    for identity in ids or ("desk",):
        plant.life.enter(world, Lamp(identity), "test")
    world.run(START)
    plant.looks.clear()


class TestWaiting:
    def test_a_resource_that_waits_stays_and_says_why(self, world: World, plant: Plant) -> None:
        waiting(world, plant)
        assert lamp(world).status == "OFF"
        assert world.holds.get("lamps", "desk") == Held("lamp.light", "no power", POWER)

    def test_waiting_is_no_failure(self, world: World, plant: Plant) -> None:
        waiting(world, plant)
        assert list(world.failures) == []

    def test_a_resource_that_waits_for_a_topic_leaves_the_world_idle(self, world: World, plant: Plant) -> None:
        waiting(world, plant)
        assert world.clock.idle

    def test_a_resource_that_does_not_wait_is_not_held(self, world: World, plant: Plant) -> None:
        plant.hold = None
        waiting(world, plant)
        assert lamp(world).status == "ON"
        assert world.holds.get("lamps", "desk") is None

    def test_what_the_doer_did_before_it_held_is_taken_back(self, world: World, plant: Plant) -> None:
        def half_done(world: World, lamp: Lamp) -> None:
            world.table(LAMPS).put(lamp.evolve(colour="red"))
            emit(world, "HALF.DONE", lamp)
            world.clock.at(OPENING, "half done", reason="half done")
            world.ids.new("half done")
            raise Hold("no power", topic=POWER)

        plant.switch = half_done
        waiting(world, plant)
        assert lamp(world).colour == "white"
        assert events_of(world) == ["LAMP.MADE"]
        assert world.clock.upcoming() == []
        assert world.ids.new("half done") == make_world().ids.new("half done")
        assert world.holds.get("lamps", "desk") is not None

    def test_an_outcome_that_waits_is_drawn_once(self, plant: Plant) -> None:
        # Else what happens would depend on how often a resource looked.
        plant.life.rows["OFF", "BROKEN"] = Row("OFF", "BROKEN", None, "burnt out", "made up")
        plant.life.does("OFF", "BROKEN")(plant.light)
        patient, nervous = (make_world(stages={"lamp.light": {"outcomes": {"ON": 1, "BROKEN": 1}}}) for _ in range(2))
        for world in (patient, nervous):
            waiting(world, plant)
        for _ in range(3):
            stir(nervous, POWER)
            nervous.run(START)
        assert patient.ids.snapshot() == nervous.ids.snapshot()

    def test_a_failure_after_a_hold_leaves_the_hold_as_it_was(self, world: World, plant: Plant) -> None:
        @action("test.fail")
        def fail(world: World) -> None:
            stir(world, POWER)
            raise RuntimeError("after all")

        waiting(world, plant, "1", "2", "3")
        world.clock.at(START, "test.fail", reason="test")
        world.run(START)
        assert plant.looks == []
        stir(world, POWER)
        world.run(START)
        assert plant.looked() == ["1", "2", "3"]


class TestStirring:
    def test_what_waits_for_a_topic_looks_again_when_it_is_stirred(self, world: World, plant: Plant) -> None:
        waiting(world, plant)
        world.clock.reach(OPENING)
        plant.hold = None
        stir(world, POWER)
        assert lamp(world).status == "OFF"  # it looks when its turn comes, not in the middle of another rule
        world.run(OPENING)
        assert (lamp(world).status, lamp(world).updated_at) == ("ON", OPENING)
        assert world.holds.get("lamps", "desk") is None

    def test_another_topic_leaves_it_alone(self, world: World, plant: Plant) -> None:
        waiting(world, plant)
        stir(world, "water")
        assert world.clock.idle

    def test_a_topic_that_nobody_waits_for_stirs_nobody(self, world: World) -> None:
        stir(world, POWER)
        assert world.clock.idle

    def test_they_look_in_the_order_in_which_they_began_to_wait(self, world: World, plant: Plant) -> None:
        waiting(world, plant, "3", "1", "2")
        stir(world, POWER)
        world.run(START)
        assert plant.looked() == ["3", "1", "2"]

    def test_those_that_must_wait_on_keep_their_order(self, world: World, plant: Plant) -> None:
        waiting(world, plant, "3", "1", "2")
        for _ in range(3):
            plant.looks.clear()
            stir(world, POWER)
            world.run(START)
            assert plant.looked() == ["3", "1", "2"]

    def test_each_looks_once_however_often_it_is_stirred(self, world: World, plant: Plant) -> None:
        waiting(world, plant)
        stir(world, POWER)
        stir(world, POWER)
        world.run(START)
        assert plant.looked() == ["desk"]

    def test_one_that_was_moved_by_hand_waits_no_more(self, world: World, plant: Plant) -> None:
        waiting(world, plant)
        plant.life.move(world, lamp(world), "ON", "by hand")
        assert world.holds.get("lamps", "desk") is None
        stir(world, POWER)
        world.run(LATEST)
        assert plant.looks == []

    def test_one_that_is_gone_is_left_alone(self, world: World, plant: Plant) -> None:
        waiting(world, plant)
        world.table(LAMPS).remove("desk")
        stir(world, POWER)
        world.run(LATEST)
        assert (plant.looks, len(world.failures)) == ([], 0)

    def test_one_may_wait_for_another_topic_next(self, world: World, plant: Plant) -> None:
        waiting(world, plant)
        plant.hold = Hold("no switch", topic="switch")
        stir(world, POWER)
        world.run(START)
        assert world.holds.about(POWER) == []
        assert world.holds.about("switch") == [("lamps", "desk")]


class TestUntil:
    @pytest.fixture(autouse=True)
    def closed(self, plant: Plant) -> None:
        plant.hold = Hold("closed", until=OPENING, topic=POWER)

    def test_a_resource_looks_again_at_the_instant(self, world: World, plant: Plant) -> None:
        waiting(world, plant)
        plant.hold = None
        world.run(LATEST)
        assert plant.looks == [("desk", OPENING)]
        assert lamp(world).status == "ON"

    def test_what_waits_for_an_instant_keeps_the_world_from_being_idle(self, world: World, plant: Plant) -> None:
        waiting(world, plant)
        assert (world.clock.idle, world.clock.next_due) == (False, OPENING)

    def test_one_that_was_moved_by_hand_is_not_due_any_more(self, world: World, plant: Plant) -> None:
        waiting(world, plant)
        plant.life.move(world, lamp(world), "ON", "by hand")
        assert world.clock.idle

    def test_one_that_was_stirred_is_due_at_the_instant_once(self, world: World, plant: Plant) -> None:
        waiting(world, plant)
        for _ in range(3):
            stir(world, POWER)
            world.run(START)
        assert [task.due for task in world.clock.upcoming()] == [OPENING]

    def test_a_stir_that_is_taken_back_leaves_the_instant_due(self, world: World, plant: Plant) -> None:
        waiting(world, plant)
        world.undo.clear()
        stir(world, POWER)
        world.undo.roll_back()
        assert [task.due for task in world.clock.upcoming()] == [OPENING]
        assert world.holds.about(POWER) == [("lamps", "desk")]


class TestTwoTopics:
    GAS = "gas"

    @pytest.mark.parametrize("topic", [POWER, GAS])
    def test_either_of_two_topics_makes_it_look_once(self, world: World, plant: Plant, topic: str) -> None:
        plant.hold = Hold("neither power nor gas", topic=POWER, also=self.GAS)
        waiting(world, plant)
        plant.hold = None
        stir(world, topic)
        world.run(START)
        assert plant.looked() == ["desk"]
        assert world.holds.about(POWER) == world.holds.about(self.GAS) == []

    def test_both_come_back_with_a_snapshot(self, world: World, plant: Plant) -> None:
        plant.hold = Hold("neither power nor gas", topic=POWER, also=self.GAS)
        waiting(world, plant)
        snapshot = world.snapshot()
        stir(world, POWER)
        world.restore(snapshot)
        assert world.holds.about(POWER) == world.holds.about(self.GAS) == [("lamps", "desk")]


class TestPlaces:
    """Who waits on for a topic keeps its place among those who do, whatever made it look meanwhile."""

    GAS = "gas"

    def test_looking_for_another_reason_costs_no_place(self, world: World, plant: Plant) -> None:
        plant.hold = Hold("neither power nor gas", topic=POWER, also=self.GAS)
        waiting(world, plant, "1")
        plant.hold = Hold("no power", topic=POWER)
        waiting(world, plant, "2")
        plant.looks.clear()
        stir(world, self.GAS)
        world.run(START)
        assert plant.looked() == ["1"]
        assert [identity for _, identity in world.holds.about(POWER)] == ["1", "2"]

    def test_waiting_for_something_else_first_does(self, world: World, plant: Plant) -> None:
        waiting(world, plant, "1", "2")
        plant.hold = Hold("no switch", topic="switch")
        world.clock.at(START, "stage", "lamp.light", "1", reason="test")
        world.run(START)
        plant.hold = Hold("no power", topic=POWER)
        stir(world, "switch")
        world.run(START)
        assert [identity for _, identity in world.holds.about(POWER)] == ["2", "1"]

    def test_several_topics_stir_all_who_wait_for_any_in_order_of_arrival(self, world: World, plant: Plant) -> None:
        for identity, topic in (("3", POWER), ("1", self.GAS), ("2", POWER)):
            plant.hold = Hold("wait", topic=topic)
            waiting(world, plant, identity)
        plant.hold = None
        plant.looks.clear()
        stir(world, self.GAS, POWER)
        world.run(START)
        assert plant.looked() == ["3", "1", "2"]

    def test_stirring_again_costs_nothing_while_they_look(self, world: World, plant: Plant) -> None:
        waiting(world, plant, "1", "2")
        stir(world, POWER)
        assert world.holds.about(POWER) == []
        due = world.clock.upcoming()
        stir(world, POWER)
        assert world.clock.upcoming() == due
        world.run(START)
        assert [identity for _, identity in world.holds.about(POWER)] == ["1", "2"]

    def test_a_snapshot_of_those_who_look_brings_them_back_in_their_places(self, world: World, plant: Plant) -> None:
        waiting(world, plant, "2", "1")
        stir(world, POWER)
        world.restore(world.snapshot())
        plant.looks.clear()
        world.run(START)
        assert plant.looked() == ["2", "1"]
        assert [identity for _, identity in world.holds.about(POWER)] == ["2", "1"]


class TestSnapshots:
    def test_holds_come_back_in_their_order(self, world: World, plant: Plant) -> None:
        waiting(world, plant, "3", "1", "2")
        snapshot = world.snapshot()
        plant.hold = None
        stir(world, POWER)
        world.run(START)
        for _ in range(2):
            world.restore(snapshot)
            plant.looks.clear()
            assert world.holds.get("lamps", "1") == Held("lamp.light", "no power", POWER)
            stir(world, POWER)
            world.run(START)
            assert plant.looked() == ["3", "1", "2"]

    def test_who_begins_to_wait_after_a_restore_comes_last(self, world: World, plant: Plant) -> None:
        waiting(world, plant, "3", "1")
        world.restore(world.snapshot())
        waiting(world, plant, "2")
        assert [identity for _, identity in world.holds.about(POWER)] == ["3", "1", "2"]

    def test_a_snapshot_does_not_see_who_begins_to_wait_later(self, world: World, plant: Plant) -> None:
        snapshot = world.snapshot()
        waiting(world, plant)
        world.restore(snapshot)
        assert world.holds.about(POWER) == []
        assert world.holds.get("lamps", "desk") is None

    def test_an_instant_comes_back_with_its_hold(self, world: World, plant: Plant) -> None:
        plant.hold = Hold("closed", until=OPENING)
        waiting(world, plant)
        snapshot = world.snapshot()
        plant.hold = None
        world.run(OPENING)
        world.restore(snapshot)
        plant.life.move(world, lamp(world), "ON", "by hand")
        assert world.clock.idle
