"""Life cycles: legal moves only, each stamped, recorded, told and watched in one order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mockserver.kernel.events import emit
from mockserver.kernel.lifecycle import CYCLES, Hold, IllegalMoveError, LifeCycle, Row
from mockserver.kernel.moves import Moved
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from tests.kernel.lamps import LAMPS, ROWS, START, Lamp, events_of, lamp, lamp_life

LATER = START + timedelta(hours=1)


@pytest.fixture
def life() -> LifeCycle[Lamp]:
    return lamp_life()


@pytest.fixture
def desk(world: World, life: LifeCycle[Lamp]) -> Lamp:
    """A lamp that was made an hour ago."""
    made = life.enter(world, Lamp("desk"), "a test wants it")
    world.clock.reach(LATER)
    return made


class TestEntering:
    def test_a_resource_is_put_told_and_recorded(self, world: World, life: LifeCycle[Lamp]) -> None:
        made = life.enter(world, Lamp("desk"), "a test wants it")
        assert lamp(world) is made
        assert events_of(world) == ["LAMP.MADE"]
        assert list(world.moves) == [Moved(START, "lamps", "desk", None, "OFF", "a test wants it")]

    def test_a_resource_may_begin_in_any_state_listed(self, world: World, life: LifeCycle[Lamp]) -> None:
        assert life.enter(world, Lamp("desk", "ON"), "test").status == "ON"

    def test_a_resource_cannot_begin_in_another(self, world: World, life: LifeCycle[Lamp]) -> None:
        with pytest.raises(IllegalMoveError, match="lamps cannot begin as BROKEN"):
            life.enter(world, Lamp("desk", "BROKEN"), "test")
        assert len(world.table(LAMPS)) == len(world.moves) == len(world.events) == 0

    def test_a_resource_keeps_the_stamp_it_was_made_with(self, world: World, life: LifeCycle[Lamp]) -> None:
        assert life.enter(world, Lamp("desk"), "test").updated_at is None


class TestMoving:
    def test_a_move_makes_a_new_version(self, world: World, life: LifeCycle[Lamp], desk: Lamp) -> None:
        lit = life.move(world, desk, "ON", "a switch")
        assert lamp(world) is lit
        assert (desk.status, lit.status) == ("OFF", "ON")

    def test_a_move_stamps_the_instant(self, world: World, life: LifeCycle[Lamp], desk: Lamp) -> None:
        assert life.move(world, desk, "ON", "a switch").updated_at == LATER

    def test_a_life_cycle_may_be_without_stamps(self, world: World) -> None:
        life = lamp_life(stamped=False)
        made = life.enter(world, Lamp("desk"), "test")
        assert life.move(world, made, "ON", "a switch").updated_at is None

    def test_a_move_changes_other_members_with_it(self, world: World, life: LifeCycle[Lamp], desk: Lamp) -> None:
        assert life.move(world, desk, "ON", "a switch", colour="red").colour == "red"
        assert world.table(LAMPS).count("colour", "red") == 1

    def test_a_move_is_recorded_with_its_cause(self, world: World, life: LifeCycle[Lamp], desk: Lamp) -> None:
        life.move(world, desk, "ON", "a switch")
        assert world.moves.since(1) == [Moved(LATER, "lamps", "desk", "OFF", "ON", "a switch")]

    def test_moves_tell_their_events_in_order(self, world: World, life: LifeCycle[Lamp], desk: Lamp) -> None:
        lit = life.move(world, desk, "ON", "a switch")
        life.move(world, lit, "BROKEN", "age")
        assert events_of(world) == ["LAMP.MADE", "LAMP.LIT", "LAMP.BROKEN"]
        assert [event.object.status for event in world.events] == ["OFF", "ON", "BROKEN"]  # type: ignore[attr-defined]

    def test_a_move_without_an_event_tells_nothing(self, world: World, life: LifeCycle[Lamp], desk: Lamp) -> None:
        lit = life.move(world, desk, "ON", "a switch")
        life.move(world, lit, "OFF", "a switch")
        assert events_of(world) == ["LAMP.MADE", "LAMP.LIT"]

    @pytest.mark.parametrize("to", ["BROKEN", "OFF", "MISSPELT"])
    def test_an_illegal_move_is_refused_and_changes_nothing(
        self, world: World, life: LifeCycle[Lamp], desk: Lamp, to: str
    ) -> None:
        with pytest.raises(IllegalMoveError):
            life.move(world, desk, to, "test")
        with pytest.raises(IllegalMoveError):
            life.carry(world, desk, to)
        assert lamp(world) is desk
        assert (len(world.moves), events_of(world)) == (1, ["LAMP.MADE"])

    def test_the_state_may_go_by_another_name(self, world: World) -> None:
        life = LifeCycle(LAMPS, (Row(None, "white", None, "", ""), Row("white", "red", None, "", "")), "colour")
        made = life.enter(world, Lamp("desk"), "test")
        assert life.move(world, made, "red", "paint").colour == "red"


class TestExplaining:
    def test_why_not_names_the_state_and_the_possible_moves(self, life: LifeCycle[Lamp]) -> None:
        assert life.why_not(Lamp("desk", "ON"), "LOST") == (
            "lamps desk is ON and cannot become LOST (possible: OFF, BROKEN)"
        )

    def test_why_not_says_when_a_state_is_final(self, life: LifeCycle[Lamp]) -> None:
        assert life.why_not(Lamp("desk", "BROKEN"), "ON") == (
            "lamps desk is BROKEN and cannot become ON (possible: none: it is final)"
        )

    def test_the_refusal_says_why_not(self, world: World, life: LifeCycle[Lamp], desk: Lamp) -> None:
        with pytest.raises(IllegalMoveError) as refused:
            life.move(world, desk, "BROKEN", "test")
        assert str(refused.value) == life.why_not(desk, "BROKEN")

    def test_possible_lists_the_rows_in_their_order(self, life: LifeCycle[Lamp]) -> None:
        assert life.possible("ON") == [ROWS[3], ROWS[4]]
        assert life.possible("BROKEN") == []

    def test_a_life_cycle_is_found_by_the_name_of_its_kind(self, life: LifeCycle[Lamp]) -> None:
        assert CYCLES["lamps"] is life


class TestFollowing:
    def test_followers_are_called_around_the_event(self, world: World, life: LifeCycle[Lamp], desk: Lamp) -> None:
        seen: list[tuple[str, str, str]] = []

        def before(world: World, old: Lamp, moved: Moved) -> None:
            seen.append(("before", old.status, lamp(world).status))
            emit(world, "BEFORE", old)

        def after(world: World, new: Lamp, moved: Moved) -> None:
            seen.append(("after", new.status, lamp(world).status))
            emit(world, "AFTER", new)

        life.follow("ON", by=[before], before=True)
        life.follow("ON", by=[after])
        life.move(world, desk, "ON", "a switch")
        assert seen == [("before", "OFF", "OFF"), ("after", "ON", "ON")]
        assert events_of(world) == ["LAMP.MADE", "BEFORE", "LAMP.LIT", "AFTER"]

    def test_followers_are_told_the_move(self, world: World, life: LifeCycle[Lamp], desk: Lamp) -> None:
        seen: list[Moved] = []
        life.follow("ON", by=[lambda *told: seen.append(told[-1])], before=True)
        life.follow("ON", by=[lambda *told: seen.append(told[-1])])
        life.move(world, desk, "ON", "a switch")
        assert seen == [Moved(LATER, "lamps", "desk", "OFF", "ON", "a switch")] * 2

    def test_followers_of_other_states_are_left_alone(self, world: World, life: LifeCycle[Lamp], desk: Lamp) -> None:
        seen: list[str] = []
        life.follow("OFF", "BROKEN", by=[lambda *told: seen.append(told[-1].to)])
        lit = life.move(world, desk, "ON", "a switch")
        assert seen == []
        life.move(world, lit, "BROKEN", "age")
        assert seen == ["BROKEN"]

    def test_followers_see_what_is_created(self, world: World, life: LifeCycle[Lamp]) -> None:
        seen: list[str | None] = []
        life.follow("OFF", by=[lambda *told: seen.append(told[-1].source)])
        life.enter(world, Lamp("desk"), "test")
        assert seen == [None]

    def test_followers_are_called_in_the_order_in_which_they_are_stated(
        self, world: World, life: LifeCycle[Lamp], desk: Lamp
    ) -> None:
        seen: list[int] = []
        life.follow("ON", by=[lambda *_, number=number: seen.append(number) for number in range(3)])
        life.move(world, desk, "ON", "a switch")
        assert seen == [0, 1, 2]


class TestCarrying:
    def test_without_a_doer_the_move_itself_is_made(self, world: World, life: LifeCycle[Lamp], desk: Lamp) -> None:
        life.carry(world, desk, "ON", colour="red")
        assert (lamp(world).status, lamp(world).colour) == ("ON", "red")
        assert world.moves.since(1)[0].cause == "switched on"

    def test_a_doer_is_called_in_place_of_the_move(self, world: World, life: LifeCycle[Lamp], desk: Lamp) -> None:
        asked: list[dict[str, Any]] = []

        @life.does("OFF", "ON")
        def light(world: World, lamp: Lamp, **options: Any) -> None:
            asked.append(options)
            life.move(world, lamp, "ON", "by the doer")

        life.carry(world, desk, "ON", gently=True)
        assert asked == [{"gently": True}]
        assert world.moves.since(1)[0].cause == "by the doer"

    def test_a_doer_carries_only_its_own_move(self, world: World, life: LifeCycle[Lamp], desk: Lamp) -> None:
        life.does("ON", "BROKEN")(lambda *_: None)
        life.carry(world, desk, "ON")
        assert lamp(world).status == "ON"

    def test_a_doer_that_cannot_go_on_yet_tells_its_caller(
        self, world: World, life: LifeCycle[Lamp], desk: Lamp
    ) -> None:
        @life.does("OFF", "ON")
        def light(world: World, lamp: Lamp) -> None:
            raise Hold("no power", until=LATER, topic="power")

        with pytest.raises(Hold, match="no power") as hold:
            life.carry(world, desk, "ON")
        assert (hold.value.reason, hold.value.until, hold.value.topic) == ("no power", LATER, "power")
        assert lamp(world) is desk


class TestOpening:
    """What a command begins: resources that nothing else need begin."""

    def test_only_where_a_function_opens_it(self, world: World, life: LifeCycle[Lamp]) -> None:
        assert life.open(world, "desk") is None
        assert len(world.table(LAMPS)) == 0

    def test_the_resource_is_entered_by_the_function(self, world: World, life: LifeCycle[Lamp]) -> None:
        life.opens(lambda world, identity: life.enter(world, Lamp(identity), "by command"))
        assert life.open(world, "desk") is lamp(world)

    def test_a_command_may_then_name_the_states_it_begins_in(self, life: LifeCycle[Lamp]) -> None:
        assert life.targets() == ["ON", "OFF", "BROKEN"]
        life.opens(lambda *_: None)
        assert life.targets() == ["OFF", "ON", "BROKEN"]

    def test_two_functions_are_a_mistake(self, life: LifeCycle[Lamp]) -> None:
        life.opens(lambda *_: None)
        with pytest.raises(ValueError, match="two functions open lamps"):
            life.opens(lambda *_: None)


def test_a_kind_may_identify_its_resources_otherwise(world: World) -> None:
    shades: Kind[Lamp] = Kind("shades", identify=lambda lamp: lamp.colour)
    life = LifeCycle(shades, ROWS)
    life.enter(world, Lamp("desk", colour="red"), "test")
    assert next(iter(world.moves)).id == "red"
    assert "red is OFF" in life.why_not(Lamp("desk", colour="red"), "LOST")
