"""The clock: an order that never varies, a hand that only moves forward, copies that share nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kernel.clock import EARLIEST, LATEST, Clock, ClockError, Task
from mockserver.kernel.undo import Undo
from tests.kernel.lamps import START

FOREVER = LATEST
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock(undo: Undo) -> Clock:
    return Clock(START, undo)


def due(clock: Clock, name: str, after: timedelta = HOUR, *, background: bool = False) -> Task:
    return clock.after(after, name, reason=f"{name} is due", background=background)


def taken(clock: Clock, until: datetime = FOREVER) -> list[str]:
    """The names of what is taken one after the other."""
    names = []
    while (task := clock.take(until)) is not None:
        names.append(task.action)
    return names


def upcoming(clock: Clock) -> list[str]:
    return [task.action for task in clock.upcoming()]


class TestOrder:
    def test_tasks_of_one_instant_come_in_the_order_of_their_scheduling(self, clock: Clock) -> None:
        for name in ("zebra", "ant", "moose"):
            due(clock, name)
        assert taken(clock) == ["zebra", "ant", "moose"]

    def test_the_earlier_comes_first_whenever_it_was_scheduled(self, clock: Clock) -> None:
        due(clock, "late", 2 * HOUR)
        due(clock, "early", HOUR)
        assert taken(clock) == ["early", "late"]

    def test_what_was_due_in_the_past_is_due_now_and_after_what_was_due_already(self, clock: Clock) -> None:
        due(clock, "now", timedelta())
        assert due(clock, "past", -HOUR).due == START
        assert taken(clock) == ["now", "past"]

    @given(st.lists(st.tuples(st.integers(0, 5), st.booleans())))
    def test_the_order_is_that_of_instant_and_scheduling(self, plans: list[tuple[int, bool]]) -> None:
        clock = Clock(START, Undo())
        tasks = [due(clock, str(number), hours * HOUR) for number, (hours, _) in enumerate(plans)]
        for task, (_, dropped) in zip(tasks, plans, strict=True):
            if dropped:
                clock.drop(task)
        kept = [(hours, number) for number, (hours, dropped) in enumerate(plans) if not dropped]
        expected = [str(number) for _, number in sorted(kept)]
        assert upcoming(clock) == expected
        assert taken(clock) == expected


class TestTaking:
    def test_the_hand_moves_to_what_is_taken(self, clock: Clock) -> None:
        due(clock, "task", HOUR)
        clock.take(FOREVER)
        assert clock.now == START + HOUR

    def test_what_is_due_later_is_left_and_the_hand_stands(self, clock: Clock) -> None:
        due(clock, "task", HOUR)
        assert clock.take(START + HOUR - SECOND) is None
        assert clock.now == START

    def test_what_is_due_at_the_very_end_is_taken(self, clock: Clock) -> None:
        due(clock, "task", HOUR)
        assert taken(clock, START + HOUR) == ["task"]

    def test_a_task_keeps_its_arguments_and_its_reason(self, clock: Clock) -> None:
        clock.at(START, "greet", "Ada", "Erika", reason="they came in")
        task = clock.take(FOREVER)
        assert task is not None
        assert (task.action, task.args, task.reason) == ("greet", ("Ada", "Erika"), "they came in")

    def test_nothing_is_taken_from_an_empty_clock(self, clock: Clock) -> None:
        assert clock.take(FOREVER) is None

    def test_reaching_moves_the_hand(self, clock: Clock) -> None:
        clock.reach(START + HOUR)
        assert clock.now == START + HOUR

    def test_reaching_never_moves_the_hand_back(self, clock: Clock) -> None:
        clock.reach(START - HOUR)
        assert clock.now == START


class TestDropping:
    def test_what_was_dropped_is_not_taken(self, clock: Clock) -> None:
        dropped = due(clock, "dropped")
        due(clock, "kept")
        clock.drop(dropped)
        assert taken(clock) == ["kept"]

    def test_the_hand_does_not_move_to_what_was_dropped(self, clock: Clock) -> None:
        clock.drop(due(clock, "dropped"))
        clock.take(FOREVER)
        assert clock.now == START

    def test_dropping_twice_is_dropping_once(self, clock: Clock) -> None:
        due(clock, "kept")
        dropped = due(clock, "dropped")
        clock.drop(dropped)
        clock.drop(dropped)
        assert not clock.idle

    def test_dropping_what_has_run_changes_nothing(self, clock: Clock) -> None:
        ran = due(clock, "ran", SECOND)
        due(clock, "kept")
        clock.take(START + SECOND)
        clock.drop(ran)
        assert not clock.idle
        assert upcoming(clock) == ["kept"]


class TestLookingAhead:
    def test_a_new_clock_is_idle(self, clock: Clock) -> None:
        assert clock.idle
        assert clock.next_due is None

    def test_standing_runs_leave_a_clock_idle(self, clock: Clock) -> None:
        due(clock, "end of day", background=True)
        assert clock.idle
        assert clock.next_due == START + HOUR

    def test_a_clock_is_idle_once_its_tasks_ran_or_were_dropped(self, clock: Clock) -> None:
        due(clock, "ran")
        dropped = due(clock, "dropped")
        assert not clock.idle
        clock.take(FOREVER)
        clock.drop(dropped)
        assert clock.idle

    def test_a_dropped_standing_run_leaves_the_rest_due(self, clock: Clock) -> None:
        due(clock, "task")
        clock.drop(due(clock, "end of day", background=True))
        assert not clock.idle

    def test_next_due_passes_over_what_was_dropped(self, clock: Clock) -> None:
        clock.drop(due(clock, "dropped", HOUR))
        due(clock, "kept", 2 * HOUR)
        assert clock.next_due == START + 2 * HOUR

    def test_upcoming_gives_the_first_ones_in_order_and_takes_none(self, clock: Clock) -> None:
        for hours in (3, 1, 2):
            due(clock, f"after {hours}", hours * HOUR)
        assert [task.action for task in clock.upcoming(2)] == ["after 1", "after 2"]
        assert len(clock.upcoming()) == 3

    def test_upcoming_leaves_out_what_was_dropped(self, clock: Clock) -> None:
        clock.drop(due(clock, "dropped"))
        due(clock, "kept")
        assert upcoming(clock) == ["kept"]


class TestRefusing:
    def test_a_clock_may_stay_where_it_is(self, clock: Clock) -> None:
        assert clock.check_forward(START) == START

    def test_a_clock_does_not_go_back(self, clock: Clock) -> None:
        with pytest.raises(ClockError, match=r"stands at 2023-01-10T08:00:00\+00:00 .* restore a snapshot"):
            clock.check_forward(START - SECOND)

    def test_a_time_without_zone_is_refused(self, clock: Clock) -> None:
        with pytest.raises(ClockError, match="no time zone: write for example"):
            clock.check_forward(datetime(2024, 1, 1))  # noqa: DTZ001

    @pytest.mark.parametrize(
        "absurd",
        [
            EARLIEST - SECOND,
            LATEST + SECOND,
            datetime.min.replace(tzinfo=UTC),
            datetime.max.replace(tzinfo=UTC),
            datetime.min.replace(tzinfo=timezone(HOUR)),
            datetime.max.replace(tzinfo=timezone(-HOUR)),
        ],
        ids=str,
    )
    def test_a_time_out_of_bounds_is_refused(self, clock: Clock, absurd: datetime) -> None:
        with pytest.raises(ClockError, match="outside 1900 to 2200"):
            clock.check_forward(absurd)
        with pytest.raises(ClockError, match="outside 1900 to 2200"):
            Clock(absurd, Undo())

    def test_a_world_begins_at_a_time_with_a_zone(self) -> None:
        with pytest.raises(ClockError, match="no time zone"):
            Clock(datetime(2024, 1, 1), Undo())  # noqa: DTZ001

    def test_nothing_is_due_at_a_time_without_zone(self, clock: Clock) -> None:
        with pytest.raises(ClockError, match="no time zone"):
            clock.at(datetime(2024, 1, 1), "task", reason="")  # noqa: DTZ001
        assert clock.idle


class TestZones:
    BERLIN = datetime(2023, 7, 10, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    SAME = datetime(2023, 7, 10, 7, tzinfo=UTC)

    def test_a_clock_shows_utc_wherever_its_time_was_given(self) -> None:
        assert Clock(self.BERLIN, Undo()).now.isoformat() == self.SAME.isoformat()

    def test_a_target_becomes_utc(self, clock: Clock) -> None:
        assert clock.check_forward(self.BERLIN).isoformat() == self.SAME.isoformat()

    def test_the_hand_shows_utc_at_a_task_of_local_time(self, clock: Clock) -> None:
        clock.at(self.BERLIN, "task", reason="")
        clock.take(FOREVER)
        assert clock.now.isoformat() == self.SAME.isoformat()


class TestSnapshots:
    def test_a_clock_comes_back_from_mid_flight(self, clock: Clock) -> None:
        due(clock, "before", SECOND)
        due(clock, "after", HOUR)
        clock.take(FOREVER)
        state = clock.snapshot()
        taken(clock)
        clock.restore(state)
        assert clock.now == START + SECOND
        assert not clock.idle
        assert taken(clock) == ["after"]

    def test_a_snapshot_can_be_restored_again_and_again(self, clock: Clock) -> None:
        due(clock, "task")
        state = clock.snapshot()
        for _ in range(2):
            clock.restore(state)
            assert taken(clock) == ["task"]

    def test_what_was_dropped_before_stays_dropped_and_what_is_dropped_after_comes_back(self, clock: Clock) -> None:
        before, after = due(clock, "before"), due(clock, "after")
        clock.drop(before)
        state = clock.snapshot()
        clock.drop(after)
        clock.restore(state)
        assert upcoming(clock) == ["after"]

    def test_either_branch_can_be_gone_back_to(self, clock: Clock) -> None:
        due(clock, "trunk")
        trunk = clock.snapshot()
        due(clock, "left", 2 * HOUR)
        left = clock.snapshot()
        clock.restore(trunk)
        due(clock, "right", 2 * HOUR)
        right = clock.snapshot()
        ways: Sequence[tuple[object, list[str]]] = (
            (left, ["trunk", "left"]),
            (right, ["trunk", "right"]),
            (trunk, ["trunk"]),
            (left, ["trunk", "left"]),
        )
        for state, expected in ways:
            clock.restore(state)  # type: ignore[arg-type]
            assert taken(clock) == expected

    def test_the_order_goes_on_as_it_would_have(self, clock: Clock) -> None:
        due(clock, "first")
        state = clock.snapshot()
        due(clock, "forgotten")
        clock.restore(state)
        due(clock, "second")
        assert taken(clock) == ["first", "second"]


class TestTakingBack:
    def test_scheduling(self, clock: Clock, undo: Undo) -> None:
        due(clock, "task")
        undo.roll_back()
        assert clock.idle
        assert taken(clock) == []

    def test_dropping(self, clock: Clock, undo: Undo) -> None:
        task = due(clock, "task")
        undo.clear()
        clock.drop(task)
        undo.roll_back()
        assert not clock.idle
        assert taken(clock) == ["task"]

    def test_dropping_what_has_left_the_queue_since(self, clock: Clock, undo: Undo) -> None:
        first, _ = due(clock, "first", SECOND), due(clock, "second", HOUR)
        undo.clear()
        clock.drop(first)
        assert clock.next_due == START + HOUR
        undo.roll_back()
        assert clock.next_due == START + SECOND
        assert taken(clock) == ["first", "second"]

    def test_scheduling_and_dropping_the_same(self, clock: Clock, undo: Undo) -> None:
        clock.drop(due(clock, "task"))
        undo.roll_back()
        assert clock.idle
        assert taken(clock) == []

    def test_a_task_dropped_and_put_back_still_runs_once(self, clock: Clock, undo: Undo) -> None:
        task = due(clock, "task")
        for _ in range(3):
            undo.clear()
            clock.drop(task)
            undo.roll_back()
        assert taken(clock) == ["task"]
        assert clock.idle

    def test_a_standing_run(self, clock: Clock, undo: Undo) -> None:
        task = due(clock, "end of day", background=True)
        undo.clear()
        clock.drop(task)
        undo.roll_back()
        assert clock.idle
        assert upcoming(clock) == ["end of day"]
