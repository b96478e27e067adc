"""Worlds: what is due runs at its own instant, whole or not at all; a snapshot brings everything back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from mockserver.kernel.actions import action
from mockserver.kernel.clock import LATEST, ClockError
from mockserver.kernel.events import emit
from mockserver.kernel.holds import Held
from mockserver.kernel.world import World
from tests.kernel.lamps import LAMPS, START, Lamp, events_of, make_world

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
CAP = 100


@pytest.fixture
def ran() -> list[tuple[str, datetime]]:
    return []


@pytest.fixture(autouse=True)
def actions(ran: list[tuple[str, datetime]]) -> None:
    """``test.note`` notes that it ran, ``test.change`` changes everything there is, ``test.fail`` does so and fails."""

    @action("test.note")
    def note(world: World, name: str) -> None:
        ran.append((name, world.now))

    @action("test.change")
    def change(world: World) -> None:
        change_everything(world)

    @action("test.fail")
    def fail(world: World) -> None:
        change_everything(world)
        raise RuntimeError("the rule is wrong")


def change_everything(world: World) -> None:
    lamps = world.table(LAMPS)
    lamps.put(Lamp(world.ids.new("lamp")))
    lamps.put(Lamp("kept", colour="red"))
    lamps.remove("removed")
    emit(world, "LAMP.LIT", lamps["kept"])
    world.holds.pop("lamps", "1")
    world.holds.set("lamps", "kept", Held("stage", "reason", "topic"))
    for task in world.clock.upcoming():
        world.clock.drop(task)
    world.clock.after(HOUR, "test.note", "of the change", reason="test")


def furnish(world: World) -> None:
    """Something of everything that :func:`change_everything` touches."""
    for identity in ("removed", "kept"):
        world.table(LAMPS).put(Lamp(identity))
    for identity in "12":
        world.holds.set("lamps", identity, Held("stage", "reason", "topic"))
    world.clock.after(2 * HOUR, "test.note", "furnished", reason="test")
    world.undo.clear()


def state_of(world: World) -> Any:
    """All that can be seen of a world."""
    lamps = world.table(LAMPS)
    return (
        world.now,
        list(lamps),
        {colour: lamps.by("colour", colour) for colour in ("white", "red")},
        {stream: count for stream, count in world.ids.snapshot().items() if count},
        world.clock.upcoming(),
        world.clock.idle,
        list(world.events),
        list(world.moves),
        world.holds.about("topic"),
    )


def note(world: World, name: str, after: timedelta = timedelta()) -> None:
    world.clock.after(after, "test.note", name, reason=f"{name} is due")


class TestRunning:
    def test_each_task_runs_at_its_own_instant(self, world: World, ran: list[tuple[str, datetime]]) -> None:
        note(world, "later", HOUR)
        note(world, "soon", SECOND)
        assert world.run(START + 2 * HOUR)
        assert ran == [("soon", START + SECOND), ("later", START + HOUR)]

    def test_what_is_due_later_does_not_run(self, world: World, ran: list[tuple[str, datetime]]) -> None:
        note(world, "later", HOUR)
        assert world.run(START + HOUR - SECOND)
        assert ran == []

    def test_what_becomes_due_on_the_way_runs_too(self, world: World, ran: list[tuple[str, datetime]]) -> None:
        @action("test.plan")
        def plan(world: World) -> None:
            note(world, "planned now")
            note(world, "planned later", SECOND)

        world.clock.after(HOUR, "test.plan", reason="test")
        note(world, "same instant", HOUR)
        world.run(LATEST)
        assert ran == [
            ("same instant", START + HOUR),
            ("planned now", START + HOUR),
            ("planned later", START + HOUR + SECOND),
        ]

    def test_running_an_empty_world_is_done_at_once(self, world: World) -> None:
        assert world.run(LATEST)
        assert world.now == START


class TestFailing:
    def test_a_failing_rule_is_recorded_with_its_cause(self, world: World) -> None:
        furnish(world)
        world.clock.after(HOUR, "test.fail", reason="to see it fail")
        world.run(START + HOUR)
        [failure] = world.failures
        assert (failure.at, failure.action, failure.args) == (START + HOUR, "test.fail", ())
        assert (failure.reason, failure.error) == ("to see it fail", "RuntimeError('the rule is wrong')")
        assert 'raise RuntimeError("the rule is wrong")' in failure.trace

    def test_the_others_still_run(self, world: World, ran: list[tuple[str, datetime]]) -> None:
        furnish(world)
        note(world, "before")
        world.clock.at(START, "test.fail", reason="test")
        note(world, "after")
        note(world, "later", HOUR)
        assert world.run(START + HOUR)
        assert [name for name, _ in ran] == ["before", "after", "later"]

    def test_a_failing_rule_is_taken_back_whole(self, world: World) -> None:
        furnish(world)
        before = state_of(world)
        world.clock.at(START, "test.fail", reason="test")
        world.run(START)
        assert len(world.failures) == 1
        assert state_of(world) == before

    def test_what_ran_before_it_at_the_same_instant_stays(self, world: World) -> None:
        @action("test.light")
        def light(world: World) -> None:
            world.table(LAMPS).put(Lamp("lit"))

        furnish(world)
        for name in ("test.light", "test.fail"):
            world.clock.at(START, name, reason="test")
        world.run(START)
        assert [lamp.id for lamp in world.table(LAMPS)] == ["removed", "kept", "lit"]
        assert len(world.failures) == 1

    def test_a_rule_that_fails_in_many_records_is_taken_back_too(self) -> None:
        world = make_world(limits={"kept": 1024})

        @action("test.flood")
        def flood(world: World) -> None:
            for _ in range(5000):
                emit(world, "LAMP.LIT", Lamp("desk"))
            raise RuntimeError("too much")

        emit(world, "LAMP.MADE", Lamp("desk"))
        world.clock.at(START, "test.flood", reason="test")
        assert world.run(START)
        assert events_of(world) == ["LAMP.MADE"]

    def test_an_unknown_action_is_a_recorded_failure(self, world: World) -> None:
        world.clock.at(START, "test.misspelt", reason="test")
        world.run(START)
        assert [failure.error for failure in world.failures] == ["KeyError('test.misspelt')"]

    def test_what_the_clock_did_is_not_taken_back_by_who_comes_next(self, world: World) -> None:
        furnish(world)
        world.clock.at(START, "test.change", reason="test")
        world.run(START)
        after = state_of(world)
        world.undo.roll_back()
        assert state_of(world) == after

    def test_a_recorded_failure_stays_recorded(self, world: World) -> None:
        world.clock.at(START, "test.fail", reason="test")
        world.run(START)
        world.undo.roll_back()
        assert len(world.failures) == 1


class TestRunaway:
    @pytest.fixture
    def capped(self) -> World:
        return make_world(limits={"tasks_at_one_instant": CAP})

    @staticmethod
    def runaway(world: World) -> None:
        @action("test.again")
        def again(world: World) -> None:
            world.table(LAMPS).put(Lamp(world.ids.new("lamp")))
            world.clock.at(world.now, "test.again", reason="once more")

        world.clock.after(HOUR, "test.again", reason="it begins")

    def test_a_rule_that_makes_itself_due_again_and_again_is_stopped(self, capped: World) -> None:
        self.runaway(capped)
        with pytest.raises(
            ClockError, match=r"more than 100 tasks were due at 2023-01-10T09:00:00\+00:00; .* test.again \(once more\)"
        ):
            capped.run(LATEST)

    def test_the_world_stays_consistent(self, capped: World, ran: list[tuple[str, datetime]]) -> None:
        self.runaway(capped)
        with pytest.raises(ClockError):
            capped.run(LATEST)
        assert capped.now == START + HOUR
        assert len(capped.table(LAMPS)) == capped.ids.snapshot()["lamp"] == CAP + 1
        [again] = capped.clock.upcoming()
        capped.clock.drop(again)
        note(capped, "afterwards", HOUR)
        assert capped.run(LATEST)
        assert ran == [("afterwards", START + 2 * HOUR)]

    def test_as_many_tasks_as_allowed_are_no_runaway(self, capped: World, ran: list[tuple[str, datetime]]) -> None:
        for number in range(CAP):
            note(capped, str(number))
        assert capped.run(START)
        assert len(ran) == CAP

    def test_each_instant_counts_on_its_own(self, capped: World, ran: list[tuple[str, datetime]]) -> None:
        for seconds in range(3):
            for number in range(CAP):
                note(capped, str(number), seconds * SECOND)
        assert capped.run(LATEST)
        assert len(ran) == 3 * CAP


class TestInterruption:
    @pytest.fixture
    def sending(self, world: World) -> Callable[[bool], None]:
        """Whether the shell has something to do."""
        wanted = [False]

        def say(wants: bool) -> None:
            wanted[0] = wants

        @action("test.send")
        def send(world: World) -> None:
            say(True)

        world.interrupted = lambda: wanted[0]
        return say

    def test_the_clock_stops_at_the_instant_and_goes_on_from_there(
        self, world: World, ran: list[tuple[str, datetime]], sending: Callable[[bool], None]
    ) -> None:
        world.clock.after(HOUR, "test.send", reason="test")
        note(world, "later", 2 * HOUR)
        assert not world.run(LATEST)
        assert (world.now, ran) == (START + HOUR, [])
        sending(False)
        assert world.run(LATEST)
        assert ran == [("later", START + 2 * HOUR)]

    @pytest.mark.usefixtures("sending")
    def test_what_is_due_at_the_instant_runs_first(self, world: World, ran: list[tuple[str, datetime]]) -> None:
        world.clock.after(HOUR, "test.send", reason="test")
        note(world, "same instant", HOUR)
        note(world, "later", 2 * HOUR)
        assert not world.run(LATEST)
        assert ran == [("same instant", START + HOUR)]

    def test_the_clock_does_not_pass_the_instant_while_the_shell_is_busy(
        self, world: World, ran: list[tuple[str, datetime]], sending: Callable[[bool], None]
    ) -> None:
        note(world, "later", HOUR)
        sending(True)
        for _ in range(3):
            assert not world.run(LATEST)
        assert (world.now, ran) == (START, [])

    def test_what_the_shell_made_due_at_the_instant_still_runs_there(
        self, world: World, ran: list[tuple[str, datetime]], sending: Callable[[bool], None]
    ) -> None:
        world.clock.after(HOUR, "test.send", reason="test")
        world.run(LATEST)
        note(world, "from the shell")
        sending(False)
        assert world.run(LATEST)
        assert ran == [("from the shell", START + HOUR)]


class TestSnapshots:
    def test_a_world_comes_back_whole(self, world: World) -> None:
        furnish(world)
        before = state_of(world)
        snapshot = world.snapshot()
        for _ in range(2):
            change_everything(world)
            world.run(LATEST)
            world.restore(snapshot)
            assert state_of(world) == before

    def test_failures_are_part_of_it(self, world: World) -> None:
        snapshot = world.snapshot()
        world.clock.at(START, "test.fail", reason="test")
        world.run(START)
        world.restore(snapshot)
        assert len(world.failures) == 0

    def test_it_goes_on_as_it_would_have(self, world: World) -> None:
        furnish(world)
        snapshot = world.snapshot()
        ends = []
        for _ in range(3):
            change_everything(world)
            world.run(LATEST)
            ends.append(state_of(world))
            world.restore(snapshot)
        assert ends[0] == ends[1] == ends[2]

    def test_either_branch_can_be_gone_back_to(self, world: World) -> None:
        furnish(world)
        trunk = world.snapshot()
        change_everything(world)
        left, left_state = world.snapshot(), state_of(world)
        world.restore(trunk)
        world.run(LATEST)
        right, right_state = world.snapshot(), state_of(world)
        for snapshot, expected in ((left, left_state), (right, right_state), (left, left_state)):
            world.restore(snapshot)
            assert state_of(world) == expected

    def test_after_a_restore_there_is_nothing_to_take_back(self, world: World) -> None:
        furnish(world)
        snapshot = world.snapshot()
        change_everything(world)
        world.restore(snapshot)
        before = state_of(world)
        world.undo.roll_back()
        assert state_of(world) == before

    def test_a_snapshot_says_when_it_was_taken(self, world: World) -> None:
        world.clock.reach(START + HOUR)
        assert world.snapshot().taken_at == START + HOUR

    def test_a_part_of_a_domain_is_covered_too(self, world: World) -> None:
        class Counter:
            count = 0

            def snapshot(self) -> int:
                return self.count

            def restore(self, state: int) -> None:
                self.count = state

        counter = world.parts["counter"] = Counter()
        snapshot = world.snapshot()
        counter.count = 5
        world.restore(snapshot)
        assert counter.count == 0


class TestTenants:
    def test_worlds_share_nothing(self) -> None:
        left, right = make_world(), make_world()
        before = state_of(right)
        furnish(left)
        change_everything(left)
        left.run(LATEST)
        assert state_of(right) == before

    def test_the_same_seed_and_the_same_doings_make_the_same_world(self) -> None:
        worlds = [make_world(seed) for seed in (3, 3, 4)]
        for world in worlds:
            furnish(world)
            change_everything(world)
            world.run(LATEST)
        assert state_of(worlds[0]) == state_of(worlds[1]) != state_of(worlds[2])
