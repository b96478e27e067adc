"""A profile changes in a world's life: what is on the clock keeps its instant, the rest follows the new settings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mockserver.domain.orders.orders import ORDERS
from mockserver.domain.orders.trades import EXECUTIONS
from mockserver.domain.profile_changes import change, take_back
from mockserver.kernel.world import World
from mockserver.models.orders import OrderStatus
from tests.domain.conftest import OpenDesk
from tests.domain.support import plans
from tests.domain.support.desk import AT_100, MORNING, Desk

T_PLUS_ONE = {"settlement": {"sell": 1}}
CANCELS = {"stages": {"order.execute": {"outcomes": {"CANCELLED": 1}}}}


@pytest.fixture
def live(open_desk: OpenDesk) -> Desk:
    """In the live profile on a Tuesday at 10:00 in Frankfurt, with units to sell and the standing runs due."""
    desk = open_desk("live", running=True)
    desk.hold(AT_100, "10")
    return desk


@pytest.fixture
def world(live: Desk) -> World:
    return live.world


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2023-01-{text}+00:00")


def sold(desk: Desk) -> Any:
    """The execution of a sell that is placed now."""
    order = desk.place("SELL", AT_100, quantity="1")
    desk.advance("1m")
    (execution,) = desk.world.table(EXECUTIONS).by("order", order.id)
    return execution


def due(world: World, action: str) -> list[datetime]:
    return [task.due for task in world.clock.pending(action)]


class TestWhatIsUnderWay:
    def test_a_trade_settles_by_the_cycle_of_its_day(self, live: Desk, world: World) -> None:
        change(world, T_PLUS_ONE, "test", begins=at("11 00:00"))
        before = sold(live)
        live.advance("24h")
        after = sold(live)
        assert [str(each.value_day) for each in (before, after)] == ["2023-01-12"] * 2  # Tuesday + 2, Wednesday + 1
        live.advance("48h")
        settled = [world.table(EXECUTIONS)[each.id].settlement_date for each in (before, after)]
        assert settled == ["2023-01-12"] * 2

    def test_what_is_due_keeps_its_instant(self, live: Desk, world: World) -> None:
        order = live.place("SELL", AT_100, quantity="1")
        scheduled = due(world, "stage")
        change(world, {"stages": {"order.start": {"delay": "never"}}}, "test")
        assert due(world, "stage") == scheduled
        live.advance("1m")
        assert world.table(ORDERS)[order.id].status == OrderStatus.FILLED

    def test_outcomes_are_decided_when_they_happen(self, live: Desk, world: World) -> None:
        order = live.place("SELL", AT_100, quantity="1")
        change(world, CANCELS, "test")
        live.advance("1m")
        assert world.table(ORDERS)[order.id].status == OrderStatus.CANCELLED

    def test_a_change_comes_before_what_else_is_due_then(self, live: Desk, world: World) -> None:
        order = live.place("SELL", AT_100, quantity="1")
        live.advance("2s")
        (execute,) = due(world, "stage")  # scheduled before the change
        change(world, CANCELS, "test", begins=execute)
        live.advance("1m")
        assert world.table(ORDERS)[order.id].status == OrderStatus.CANCELLED

    def test_an_outage_ends(self, live: Desk, world: World) -> None:
        change(world, CANCELS, "test", begins=at("10 10:00"), ends=at("10 11:00"))
        found = []
        for _ in range(3):
            order = live.place("SELL", AT_100, quantity="1")
            live.advance("1h")
            found.append(str(world.table(ORDERS)[order.id].status))
        assert found == ["FILLED", "CANCELLED", "FILLED"]  # at 9, 10 and 11

    def test_a_closed_market_that_opens_is_noticed_at_once(self, open_desk: OpenDesk) -> None:
        desk = open_desk("live", now=at("10 07:00"))  # 8:00 in Frankfurt
        order = desk.place("BUY", AT_100, amount="100")
        desk.advance("5m")
        assert desk.world.table(ORDERS)[order.id].status == OrderStatus.NEW
        change(desk.world, {"calendar": {"hours": {"open": "08:00"}}}, "test")
        desk.advance("1m")
        assert desk.world.table(ORDERS)[order.id].status == OrderStatus.FILLED

    def test_a_market_that_closes_later_keeps_who_waits_waiting(self, open_desk: OpenDesk) -> None:
        desk = open_desk("live", now=at("10 07:00"))
        order = desk.place("BUY", AT_100, amount="100")
        desk.advance("5m")
        change(desk.world, {"calendar": {"closed": ["2023-01-10"]}}, "test")
        desk.advance("12h")
        held = desk.world.holds.get("orders", order.id)
        assert held is not None
        assert held.retry is not None
        assert held.retry.due == at("11 08:00")  # Wednesday, 9:00 in Frankfurt

    def test_who_waits_for_cash_is_cancelled_where_the_rule_says_so_now(self, open_desk: OpenDesk) -> None:
        desk = open_desk()
        order = desk.place("BUY", AT_100, amount="20000")
        desk.advance()
        assert desk.world.table(ORDERS)[order.id].status == OrderStatus.NEW
        change(desk.world, {"behaviour": {"funding": "cancel"}}, "test")
        desk.advance()
        assert desk.world.table(ORDERS)[order.id].status == OrderStatus.CANCELLED


class TestRuns:
    @pytest.mark.parametrize(
        ("changed_at", "time", "expected"),
        [
            ("10 12:00", "00:30", "11 00:30"),  # later than the 00:15 of before
            ("10 12:00", "00:05", "11 00:05"),
            ("11 00:10", "00:30", "11 00:30"),  # between the two: not at 00:15, too
            ("11 00:10", "00:05", "11 00:10"),  # the time is past: the run of that day comes at once
            ("11 00:20", "00:30", "12 00:30"),  # that day had its run
        ],
    )
    def test_a_daily_run_keeps_its_day(
        self, live: Desk, world: World, changed_at: str, time: str, expected: str
    ) -> None:
        span = at(changed_at) - world.now
        live.advance(f"{span // timedelta(minutes=1)}m")
        change(world, {"runs": {"valuations": {"at": time}}}, "test")
        assert due(world, "run.valuations") == [at(expected)]

    def test_a_change_at_the_very_instant_of_a_run_loses_none(self, live: Desk, world: World) -> None:
        change(world, {"runs": {"valuations": {"at": "00:30"}}}, "test", begins=at("11 00:15"))
        live.advance("16h")
        runs = [event for event in world.events if event.type == "ACCOUNT_VALUATION.CREATED"]
        assert len(runs) == 1
        assert due(world, "run.valuations") == [at("12 00:30")]

    def test_a_run_may_end_and_begin(self, world: World) -> None:
        change(world, {"runs": {"returns": None, "strategies": True}}, "test")
        assert due(world, "run.returns") == []
        assert due(world, "run.strategies") == [at("11 08:00")]
        take_back(world)
        assert due(world, "run.returns") == [at("11 05:15")]
        assert due(world, "run.strategies") == []

    def test_an_interval_is_taken_up_at_once(self, world: World) -> None:
        change(world, {"runs": {"intraday": {"every": "1h"}}}, "test")
        assert due(world, "run.intraday") == [at("10 10:00")]  # 10:00 in Frankfurt is now: after that
        change(world, {"runs": {"intraday": {"every": "15m"}}}, "test")
        assert due(world, "run.intraday") == [at("10 09:15")]

    def test_other_settings_leave_the_runs_alone(self, world: World) -> None:
        before = world.clock.upcoming()
        change(world, T_PLUS_ONE, "test")
        assert world.clock.upcoming() == before


class TestPlans:
    """A purchase on Monday the 16th: placed at 9:00, of which one is reminded two trading days before."""

    def test_a_purchase_keeps_its_day_and_gets_its_new_hours(self, live: Desk, world: World) -> None:
        plans.create(live)
        change(world, {"calendar": {"hours": {"open": "08:00", "close": "12:00"}}}, "test")
        assert [task.due for task in world.clock.upcoming() if task.args[0:1] == ("savings_plan_execution.place",)] == [
            at("16 07:00")
        ]
        change(world, {"savings_plans": {"reminder": 1}}, "test")
        assert due(world, "savings_plan_execution.remind") == [at("13 08:00")]  # Friday

    def test_nothing_is_due_for_it_after_its_end(self, live: Desk, world: World) -> None:
        before = world.clock.upcoming()
        plan = plans.create(live)
        change(world, {"calendar": {"hours": {"open": "08:00"}}}, "test")
        plans.delete(live, plan.id)
        assert world.clock.upcoming() == before


class TestLayers:
    def test_an_end_takes_its_own_settings_back_and_no_other(self, live: Desk, world: World) -> None:
        change(world, {"settlement": {"sell": 5}}, "test", ends=at("10 10:00"))
        change(world, {"settlement": {"buy": 7}}, "test")
        live.advance("1h")
        assert (world.profile.settlement.buy, world.profile.settlement.sell) == (7, 2)

    def test_the_later_one_wins_while_both_hold(self, live: Desk, world: World) -> None:
        change(world, {"settlement": {"sell": 5}}, "test", begins=at("10 10:00"), ends=at("10 11:00"))
        change(world, {"settlement": {"sell": 6}}, "test")
        seen = [world.profile.settlement.sell]
        for _ in range(2):
            live.advance("1h")
            seen.append(world.profile.settlement.sell)
        assert seen == [6, 5, 6]

    def test_null_is_a_value(self, world: World) -> None:
        change(world, {"calendar": {"hours": None}}, "test")
        assert world.calendar.is_open(at("15 03:00"))  # a Sunday night

    def test_each_change_is_among_the_moves(self, live: Desk, world: World) -> None:
        position = world.moves.end
        change(world, T_PLUS_ONE, "by hand", begins=at("10 10:00"), ends=at("10 11:00"))
        live.advance("3h")
        moves = [move for move in world.moves.since(position) if move.resource == "profile"]
        assert [(move.source, move.to, move.at) for move in moves] == [
            (None, "planned", MORNING),
            ("planned", "in force", at("10 10:00")),
            ("in force", "over", at("10 11:00")),
        ]
        assert moves[1].cause == "profile: settlement.sell 1: by hand"

    def test_which_settings_were_changed_is_known(self, world: World) -> None:
        change(world, {"runs": {"blocks": {"every": "5m"}}, **T_PLUS_ONE}, "first")
        change(world, {"runs": {"blocks": None}}, "second")
        assert [(each.name, each.value, each.change.by) for each in world.changes.changed()] == [
            ("settlement.sell", 1, "first"),
            ("runs.blocks", None, "second"),
        ]


class TestTakingBack:
    def test_what_was_planned_is_no_longer_due(self, world: World) -> None:
        before = world.clock.upcoming()
        change(world, T_PLUS_ONE, "test")
        change(world, CANCELS, "test", begins=at("11 00:00"), ends=at("12 00:00"))
        assert len(world.clock.upcoming()) == len(before) + 2
        assert [each.id for each in take_back(world)] == ["c1", "c2"]
        assert (world.clock.upcoming(), world.profile.settlement.sell) == (before, 2)

    def test_what_the_scenario_says_stays(self, live: Desk, world: World) -> None:
        change(world, T_PLUS_ONE, "the scenario", begins=at("10 10:00"), of_scenario=True)
        change(world, {"settlement": {"sell": 9}}, "test", begins=at("10 10:00"))
        take_back(world)
        live.advance("1h")
        assert world.profile.settlement.sell == 1

    def test_a_command_that_fails_has_changed_nothing(self, world: World) -> None:
        before = world.clock.upcoming(), world.profile, world.changes.snapshot(), world.moves.end

        def fail_in_the_middle() -> None:
            with world.transaction():
                change(world, {"calendar": {"hours": None}, "runs": {"valuations": {"at": "03:00"}}}, "test")
                change(world, CANCELS, "test", begins=at("11 00:00"))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_in_the_middle()
        assert (world.clock.upcoming(), world.profile, world.changes.snapshot(), world.moves.end) == before
        assert not world.calendar.is_open(at("15 03:00"))

    def test_a_snapshot_has_settings_and_dates(self, live: Desk, world: World) -> None:
        change(world, {"calendar": {"hours": None}}, "test")
        change(world, T_PLUS_ONE, "test", begins=at("10 10:00"), ends=at("10 11:00"))
        snapshot = world.snapshot()
        live.advance("90m")
        assert world.profile.settlement.sell == 1
        take_back(world)
        world.restore(snapshot)
        assert world.calendar.is_open(at("15 03:00"))
        seen = []
        for _ in range(3):
            seen.append(world.profile.settlement.sell)
            live.advance("1h")
        assert seen == [2, 1, 2]


def test_two_worlds_of_the_same_changes_are_the_same(open_desk: OpenDesk) -> None:
    def told() -> list[bytes]:
        desk = open_desk("live", running=True)
        desk.hold(AT_100, "10")
        change(desk.world, {"stages": {"order.execute": {"jitter": "1m"}}}, "test", begins=at("10 10:00"))
        for _ in range(5):
            desk.place("SELL", AT_100, quantity="1")
            desk.advance("30m")
        return [event.object.wire for event in desk.world.events]

    assert told() == told()


def test_times_are_of_utc() -> None:
    assert at("10 09:00") == MORNING
    assert at("10 09:00").tzinfo == UTC
