"""Stages: what happens by itself, after how long, with which outcome."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from mockserver.kernel.clock import LATEST
from mockserver.kernel.lifecycle import LifeCycle
from mockserver.kernel.stages import STAGES, Stage
from mockserver.kernel.world import World
from tests.kernel.lamps import LAMPS, START, Lamp, events_of, lamp, lamp_life, make_world

MANY = 1000


@pytest.fixture
def life() -> LifeCycle[Lamp]:
    return lamp_life()


def world_with(**setting: Any) -> World:
    """A world whose profile sets the stage ``lamp.light``."""
    return make_world(stages={"lamp.light": setting})


def make(world: World, life: LifeCycle[Lamp], count: int) -> None:
    for number in range(count):
        life.enter(world, Lamp(str(number)), "test")


def delays(world: World) -> list[timedelta]:
    return [task.due - START for task in world.clock.upcoming(MANY)]


class TestDelay:
    @pytest.fixture(autouse=True)
    def light(self, life: LifeCycle[Lamp]) -> Stage[Lamp]:
        return Stage("lamp.light", life, "OFF", "ON")

    def test_without_a_setting_a_stage_is_due_at_once(self, world: World, life: LifeCycle[Lamp]) -> None:
        life.enter(world, Lamp("desk"), "test")
        assert lamp(world).status == "OFF"
        world.run(START)
        assert lamp(world).status == "ON"

    def test_a_stage_waits_for_its_delay(self, life: LifeCycle[Lamp]) -> None:
        world = world_with(delay="5s")
        life.enter(world, Lamp("desk"), "test")
        world.run(START + timedelta(seconds=4.999))
        assert lamp(world).status == "OFF"
        world.run(START + timedelta(seconds=5))
        assert (lamp(world).status, lamp(world).updated_at) == ("ON", START + timedelta(seconds=5))

    def test_a_stage_that_never_runs_waits_for_a_command(self, life: LifeCycle[Lamp]) -> None:
        world = world_with(delay="never")
        life.enter(world, Lamp("desk"), "test")
        assert world.clock.idle
        world.run(LATEST)
        assert lamp(world).status == "OFF"

    def test_jitter_lies_within_its_bounds(self, life: LifeCycle[Lamp]) -> None:
        world = world_with(delay="5s", jitter="3s")
        make(world, life, MANY)
        assert all(timedelta(seconds=5) <= delay <= timedelta(seconds=8) for delay in delays(world))

    def test_jitter_uses_the_whole_of_its_bounds(self, life: LifeCycle[Lamp]) -> None:
        world = world_with(delay="5s", jitter="3s")
        make(world, life, MANY)
        seconds = Counter(int(delay.total_seconds()) for delay in delays(world))
        assert all(0.8 < seconds[second] / (MANY / 3) < 1.2 for second in (5, 6, 7))

    def test_jitter_comes_from_the_seed(self, life: LifeCycle[Lamp]) -> None:
        found = []
        for seed in (1, 1, 2):
            world = make_world(seed, stages={"lamp.light": {"jitter": "3s"}})
            make(world, life, 10)
            found.append(delays(world))
        assert found[0] == found[1] != found[2]

    def test_without_jitter_nothing_is_drawn(self, life: LifeCycle[Lamp]) -> None:
        world = world_with(delay="5s")
        make(world, life, 3)
        assert "jitter lamp.light" not in world.ids.snapshot()

    def test_the_longest_delay_there_is_is_no_mistake(self, life: LifeCycle[Lamp]) -> None:
        world = world_with(delay="110000d", jitter="110000d")
        life.enter(world, Lamp("desk"), "test")
        world.run(LATEST)
        assert lamp(world).status == "OFF"

    def test_a_stage_says_why_it_is_due(self, world: World, life: LifeCycle[Lamp]) -> None:
        life.enter(world, Lamp("desk"), "test")
        [task] = world.clock.upcoming()
        assert (task.reason, task.args) == ("lamp.light: OFF -> ON", ("lamp.light", "desk"))


class TestOverrides:
    SETTING: dict[str, Any] = {  # noqa: RUF012 - read only
        "delay": "5s",
        "overrides": [
            {"match": {"colour": "red", "id": "1"}, "delay": "1s"},
            {"match": {"colour": "red"}, "delay": "2s"},
            {"match": {"colour": "green"}, "delay": "never"},
            {"match": {"colour": "blue"}, "outcomes": {"ON": 1}},
            {"match": {"colour": "grey"}, "jitter": "1s"},
        ],
    }

    @pytest.fixture(autouse=True)
    def light(self, life: LifeCycle[Lamp]) -> Stage[Lamp]:
        return Stage("lamp.light", life, "OFF", "ON")

    @pytest.mark.parametrize(
        ("made", "seconds"),
        [
            (Lamp("1", colour="red"), [1]),
            (Lamp("2", colour="red"), [2]),
            (Lamp("3", colour="green"), []),
            (Lamp("4", colour="blue"), [5]),
            (Lamp("5", colour="white"), [5]),
        ],
        ids=lambda value: value.colour if isinstance(value, Lamp) else "",
    )
    def test_the_first_that_matches_counts(self, life: LifeCycle[Lamp], made: Lamp, seconds: list[int]) -> None:
        world = world_with(**self.SETTING)
        life.enter(world, made, "test")
        assert delays(world) == [timedelta(seconds=count) for count in seconds]

    def test_jitter_can_be_overridden_alone(self, life: LifeCycle[Lamp]) -> None:
        world = world_with(**self.SETTING)
        life.enter(world, Lamp("5", colour="grey"), "test")
        [delay] = delays(world)
        assert timedelta(seconds=5) < delay <= timedelta(seconds=6)

    def test_a_member_that_the_resource_does_not_have_matches_nothing(self, life: LifeCycle[Lamp]) -> None:
        world = world_with(delay="5s", overrides=[{"match": {"watts": 60}, "delay": "never"}])
        life.enter(world, Lamp("desk"), "test")
        assert delays(world) == [timedelta(seconds=5)]


class TestOutcomes:
    @pytest.fixture
    def fate(self, life: LifeCycle[Lamp]) -> Stage[Lamp]:
        return Stage("lamp.fate", life, "ON", "OFF")

    @staticmethod
    def fates(life: LifeCycle[Lamp], **setting: Any) -> Counter[str]:
        """What became of many lamps that were red (even) and white (odd)."""
        world = make_world(stages={"lamp.fate": setting})
        for number in range(MANY):
            life.enter(world, Lamp(str(number), "ON", ("red", "white")[number % 2]), "test")
        world.run(START)
        return Counter(f"{lamp.colour} {lamp.status}" for lamp in world.table(LAMPS))

    @pytest.mark.usefixtures("fate")
    def test_a_stage_leads_to_its_own_state(self, life: LifeCycle[Lamp]) -> None:
        assert self.fates(life) == {"red OFF": MANY / 2, "white OFF": MANY / 2}

    @pytest.mark.usefixtures("fate")
    def test_a_profile_weighs_the_outcomes(self, life: LifeCycle[Lamp]) -> None:
        found = self.fates(life, outcomes={"OFF": 3, "BROKEN": 1})
        assert 0.2 < (found["red BROKEN"] + found["white BROKEN"]) / MANY < 0.3

    @pytest.mark.usefixtures("fate")
    def test_an_override_weighs_them_for_some(self, life: LifeCycle[Lamp]) -> None:
        found = self.fates(life, overrides=[{"match": {"colour": "red"}, "outcomes": {"BROKEN": 1}}])
        assert found == {"red BROKEN": MANY / 2, "white OFF": MANY / 2}

    @pytest.mark.usefixtures("fate")
    def test_an_override_of_the_delay_alone_keeps_the_outcomes(self, life: LifeCycle[Lamp]) -> None:
        found = self.fates(life, outcomes={"BROKEN": 1}, overrides=[{"match": {"colour": "red"}, "delay": "0s"}])
        assert found == {"red BROKEN": MANY / 2, "white BROKEN": MANY / 2}

    def test_a_stage_may_decide_by_the_resource(self, life: LifeCycle[Lamp]) -> None:
        Stage("lamp.fate", life, "ON", "OFF", outcome=lambda _, lamp: "BROKEN" if lamp.colour == "red" else None)
        assert self.fates(life) == {"red BROKEN": MANY / 2, "white OFF": MANY / 2}

    def test_the_profile_wins_over_the_stage(self, life: LifeCycle[Lamp]) -> None:
        Stage("lamp.fate", life, "ON", "OFF", outcome=lambda *_: "BROKEN")
        assert self.fates(life, outcomes={"OFF": 1}) == {"red OFF": MANY / 2, "white OFF": MANY / 2}

    @pytest.mark.usefixtures("fate")
    def test_an_outcome_that_the_life_cycle_does_not_list_is_a_recorded_failure(self, life: LifeCycle[Lamp]) -> None:
        world = make_world(stages={"lamp.fate": {"outcomes": {"LOST": 1}}})
        life.enter(world, Lamp("desk", "ON"), "test")
        world.run(START)
        [failure] = world.failures
        assert "desk is ON and cannot become LOST (possible: OFF, BROKEN)" in failure.error
        assert lamp(world).status == "ON"


class TestExceptions:
    """A stage for some resources only: the others stay in its state."""

    @pytest.fixture(autouse=True)
    def fail(self, life: LifeCycle[Lamp]) -> Stage[Lamp]:
        return Stage("lamp.fail", life, "ON", "BROKEN", only=lambda _, lamp: lamp.colour == "red")

    @staticmethod
    def become(life: LifeCycle[Lamp], **setting: Any) -> list[str]:
        """What becomes of a red lamp and a white one."""
        world = make_world(stages={"lamp.fail": setting})
        life.enter(world, Lamp("1", "ON", "red"), "test")
        life.enter(world, Lamp("2", "ON", "white"), "test")
        world.run(LATEST)
        assert not world.failures
        return [lamp.status for lamp in world.table(LAMPS)]

    def test_the_stage_is_due_for_these_alone(self, life: LifeCycle[Lamp]) -> None:
        assert self.become(life) == ["BROKEN", "ON"]

    def test_never_keeps_these_too(self, life: LifeCycle[Lamp]) -> None:
        assert self.become(life, delay="never") == ["ON", "ON"]

    def test_outcomes_of_the_profile_are_for_every_resource(self, life: LifeCycle[Lamp]) -> None:
        assert self.become(life, outcomes={"OFF": 1}) == ["OFF", "OFF"]

    def test_the_state_itself_is_an_outcome(self, life: LifeCycle[Lamp], fail: Stage[Lamp]) -> None:
        assert fail.outcomes == ["OFF", "BROKEN", "ON"]
        assert self.become(life, outcomes={"ON": 1}) == ["ON", "ON"]

    def test_an_override_sets_them_for_some(self, life: LifeCycle[Lamp]) -> None:
        white = {"match": {"colour": "white"}, "outcomes": {"OFF": 1}}
        assert self.become(life, overrides=[white]) == ["BROKEN", "OFF"]

    def test_another_stage_has_no_such_outcome(self, life: LifeCycle[Lamp]) -> None:
        stage = Stage("lamp.light", life, "OFF", "ON")
        assert (stage.exceptional, stage.outcomes) == (False, ["ON"])


class TestBranches:
    """Outcomes beside the states: two of them may come to one state, and tell its doer different things."""

    @pytest.fixture(autouse=True)
    def light(self, life: LifeCycle[Lamp]) -> Stage[Lamp]:
        @life.does("OFF", "ON")
        def glow(world: World, lamp: Lamp, *, warmly: bool = False) -> None:
            life.move(world, lamp, "ON", "glows", colour="orange" if warmly else "white")

        warm: dict[str, Any] = {"branches": {"WARM": "ON"}, "options": {"WARM": {"warmly": True}}}
        return Stage("lamp.light", life, "OFF", "ON", outcome=lambda _, lamp: lamp.colour, **warm)

    @staticmethod
    def becomes(life: LifeCycle[Lamp], chosen: str = "", **setting: Any) -> tuple[str, str]:
        """State and colour of a lamp for which the stage's own outcome is ``chosen``."""
        world = make_world(stages={"lamp.light": setting})
        life.enter(world, Lamp("desk", colour=chosen), "test")
        world.run(LATEST)
        assert not world.failures
        return lamp(world).status, lamp(world).colour

    def test_a_branch_comes_to_its_state_with_its_options(self, life: LifeCycle[Lamp]) -> None:
        assert self.becomes(life, "WARM") == ("ON", "orange")
        assert self.becomes(life, "ON") == self.becomes(life) == ("ON", "white")

    def test_a_profile_names_branches_among_the_outcomes(self, life: LifeCycle[Lamp], light: Stage[Lamp]) -> None:
        assert light.outcomes == ["ON", "WARM"]
        assert self.becomes(life, outcomes={"WARM": 1}) == ("ON", "orange")
        assert self.becomes(life, "WARM", outcomes={"ON": 1}) == ("ON", "white")

    def test_a_branch_comes_to_a_state_that_the_life_cycle_has(self, life: LifeCycle[Lamp]) -> None:
        with pytest.raises(ValueError, match="lamps has no row OFF -> LOST"):
            Stage("lamp.lose", life, "OFF", "ON", branches={"STOLEN": "LOST"})


class TestBegunByARule:
    """A stage that nothing makes due but the rule that says who is ready."""

    @pytest.fixture(autouse=True)
    def light(self, life: LifeCycle[Lamp]) -> Stage[Lamp]:
        return Stage("lamp.light", life, "OFF", "ON", ready=lambda *_: True)

    def test_coming_to_the_state_makes_nothing_due(self, life: LifeCycle[Lamp]) -> None:
        world = world_with(delay="5s")
        life.enter(world, Lamp("desk"), "test")
        assert world.clock.idle

    def test_the_delay_counts_from_then_on(self, life: LifeCycle[Lamp], light: Stage[Lamp]) -> None:
        world = world_with(delay="5s")
        life.enter(world, Lamp("desk"), "test")
        world.clock.reach(START + timedelta(hours=1))
        light.schedule(world, lamp(world))
        assert [delay - timedelta(hours=1) for delay in delays(world)] == [timedelta(seconds=5)]

    def test_never_is_never(self, life: LifeCycle[Lamp], light: Stage[Lamp]) -> None:
        world = world_with(delay="never")
        life.enter(world, Lamp("desk"), "test")
        light.schedule(world, lamp(world))
        assert world.clock.idle


class TestTiming:
    def test_a_stage_may_name_its_instant(self, life: LifeCycle[Lamp]) -> None:
        midnight = datetime(2023, 1, 11, tzinfo=START.tzinfo)
        Stage("lamp.light", life, "OFF", "ON", when=lambda *_: midnight)
        world = world_with(delay="5s")
        life.enter(world, Lamp("desk"), "test")
        world.run(LATEST)
        assert lamp(world).updated_at == midnight

    def test_a_stage_that_names_none_waits_for_its_delay(self, life: LifeCycle[Lamp]) -> None:
        Stage("lamp.light", life, "OFF", "ON", when=lambda *_: None)
        world = world_with(delay="5s")
        life.enter(world, Lamp("desk"), "test")
        assert delays(world) == [timedelta(seconds=5)]

    def test_never_wins_over_the_instant(self, life: LifeCycle[Lamp]) -> None:
        Stage("lamp.light", life, "OFF", "ON", when=lambda *_: START)
        world = world_with(delay="never")
        life.enter(world, Lamp("desk"), "test")
        assert delays(world) == []


class TestRunning:
    def test_a_resource_that_has_moved_meanwhile_is_left_alone(self, life: LifeCycle[Lamp]) -> None:
        Stage("lamp.light", life, "OFF", "ON")
        Stage("lamp.fail", life, "ON", "BROKEN")
        world = make_world(stages={"lamp.light": {"delay": "5s"}, "lamp.fail": {"delay": "1h"}})
        made = life.enter(world, Lamp("desk"), "test")
        life.move(world, made, "ON", "by hand")
        world.run(START + timedelta(seconds=5))
        assert [moved.cause for moved in world.moves] == ["test", "by hand"]
        assert len(world.failures) == 0

    def test_a_resource_that_is_gone_is_left_alone(self, world: World, life: LifeCycle[Lamp]) -> None:
        Stage("lamp.light", life, "OFF", "ON")
        life.enter(world, Lamp("desk"), "test")
        world.table(LAMPS).remove("desk")
        world.run(START)
        assert (len(world.table(LAMPS)), len(world.failures)) == (0, 0)

    def test_stages_follow_each_other(self, life: LifeCycle[Lamp]) -> None:
        Stage("lamp.light", life, "OFF", "ON")
        Stage("lamp.fail", life, "ON", "BROKEN")
        world = make_world(stages={"lamp.light": {"delay": "1s"}, "lamp.fail": {"delay": "1h"}})
        life.enter(world, Lamp("desk"), "test")
        world.run(LATEST)
        assert events_of(world) == ["LAMP.MADE", "LAMP.LIT", "LAMP.BROKEN"]
        assert [moved.at - START for moved in world.moves] == [
            timedelta(),
            timedelta(seconds=1),
            timedelta(hours=1, seconds=1),
        ]

    def test_the_first_of_two_stages_of_a_state_wins(self, life: LifeCycle[Lamp]) -> None:
        Stage("lamp.fail", life, "ON", "BROKEN")
        Stage("lamp.dim", life, "ON", "OFF")
        world = make_world(stages={"lamp.fail": {"delay": "2s"}, "lamp.dim": {"delay": "1s"}})
        life.enter(world, Lamp("desk", "ON"), "test")
        world.run(LATEST)
        assert lamp(world).status == "OFF"

    def test_a_step_may_come_before_the_move(self, world: World, life: LifeCycle[Lamp]) -> None:
        def warm_up(world: World, lamp: Lamp) -> None:
            world.table(LAMPS).put(lamp.evolve(colour="orange"))

        Stage("lamp.light", life, "OFF", "ON", runs=warm_up)
        life.enter(world, Lamp("desk"), "test")
        world.run(START)
        assert (lamp(world).status, lamp(world).colour) == ("OFF", "orange")

    def test_a_stage_is_found_by_its_name(self, life: LifeCycle[Lamp]) -> None:
        stage = Stage("lamp.light", life, "OFF", "ON")
        assert STAGES["lamp.light"] is stage
        assert life.stages["OFF"] == [stage]
