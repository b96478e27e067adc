"""What happens by the time of day: when, on which days, and that it goes on (portfolios.md §5.5, §6, §8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mockserver.domain import daily_runs
from mockserver.domain.portfolios.strategies import STRATEGIES
from mockserver.domain.valuations import returns, valuations
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, MORNING, Desk
from tests.domain.support.holdings import A, close_at, list_instruments

INTRADAY = {"runs": {"intraday": {"every": "2h", "start": "09:00", "end": "13:00"}}}
ALONE = {"runs": {"valuations": None, "returns": None}}


def times_of(desk: Desk, type_: str) -> list[str]:
    """When events of a type were told, ``MM-DDTHH:MM`` in UTC."""
    return [event.created_at.isoformat()[5:16] for event in desk.world.events if event.type == type_]


# --- Every day ---


def test_valuations_and_returns_come_every_night_at_their_times(open_desk: OpenDesk) -> None:
    desk = open_desk(running=True)
    desk.hold(AT_100, "1")
    desk.advance("2d")
    assert times_of(desk, valuations.EVENT) == ["01-11T00:15", "01-12T00:15"]
    assert times_of(desk, returns.EVENT) == ["01-11T05:15", "01-12T05:15"]


def test_the_times_are_settings(open_desk: OpenDesk) -> None:
    times = {"runs": {"valuations": {"at": "22:00"}, "returns": {"at": "23:30"}}}
    desk = open_desk("sandbox", times, running=True)
    desk.hold(AT_100, "1")
    desk.advance("1d")
    assert times_of(desk, valuations.EVENT) == ["01-10T22:00"]
    assert times_of(desk, returns.EVENT) == ["01-10T23:30"]


def test_a_world_made_at_the_very_time_of_a_run_waits_for_the_next_day(open_desk: OpenDesk) -> None:
    desk = open_desk(now=datetime(2023, 1, 10, 0, 15, tzinfo=UTC), running=True)
    desk.hold(AT_100, "1")
    desk.advance("1d")
    assert times_of(desk, valuations.EVENT) == ["01-11T00:15"]


def test_the_manual_profile_has_its_runs_too_since_moving_the_clock_is_a_command(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", running=True)
    desk.hold(AT_100, "1")
    desk.advance("1d")
    assert len(desk.told(valuations.EVENT)) == len(desk.told(returns.EVENT)) == 1


def test_a_world_with_nothing_but_its_runs_is_idle(open_desk: OpenDesk) -> None:
    settings = {"runs": {**INTRADAY["runs"], "strategies": True}}
    desk = open_desk("sandbox", settings, running=True)
    due = {task.action: task for task in desk.world.clock.upcoming()}
    assert due.keys() == {"run.valuations", "run.returns", "run.intraday", "run.strategies"}
    assert all(task.background and task.reason for task in due.values())
    desk.advance("10d")
    assert desk.world.clock.idle


def test_a_year_of_runs_values_and_tells_every_calendar_day_once(open_desk: OpenDesk) -> None:
    desk = open_desk(running=True)
    desk.hold(AT_100, "1")
    desk.advance("365d")
    wanted = [(MORNING + timedelta(days=number)).date().isoformat() for number in range(365)]
    assert [row["date"][:10] for row in desk.told(returns.EVENT)] == wanted
    nights = [(MORNING + timedelta(days=number + 1)).date().isoformat() for number in range(365)]
    assert [row["valuation_time"][:10] for row in desk.told(valuations.EVENT)] == nights
    assert len(desk.world.clock.upcoming()) == 2  # each run has made itself due again, once


@pytest.mark.rules_fail
def test_a_run_that_fails_one_night_comes_again_the_next(open_desk: OpenDesk) -> None:
    """A rule that fails in a move is recorded; what else is due still happens, the next night's run included."""
    desk = open_desk(running=True)
    list_instruments(desk, A)
    desk.hold(A, "1")
    table = desk.world.store.named("instruments")
    assert table is not None
    (instrument,) = table.by("isin", A)
    table.remove(instrument.id)  # no request can do this: it breaks the valuation of the position
    desk.advance("1d")
    assert [failure.action for failure in desk.world.failures] == ["run.valuations"]
    table.put(instrument)
    desk.advance("1d")
    assert times_of(desk, valuations.EVENT) == ["01-12T00:15"]


# --- On command ---


def test_the_runs_can_be_asked_for_by_name(desk: Desk) -> None:
    desk.hold(AT_100, "1")
    position = desk.world.events.end
    for name in ("intraday", "valuations", "returns", "strategies"):
        daily_runs.RUNS[name](desk.world)
    assert desk.types_since(position) == [
        "INTRADAY_ACCOUNT_VALUATION.CREATED",
        "ACCOUNT_VALUATION.CREATED",
        "ACCOUNT_RETURNS.CREATED",
    ]


def test_a_run_on_command_leaves_the_standing_ones_as_they_are(open_desk: OpenDesk) -> None:
    desk = open_desk(running=True)
    before = desk.world.clock.upcoming()
    for run in daily_runs.RUNS.values():
        run(desk.world)
    assert desk.world.clock.upcoming() == before


def test_a_return_is_told_once_however_often_it_is_asked_for(desk: Desk) -> None:
    desk.hold(AT_100, "1")
    daily_runs.RUNS["valuations"](desk.world)
    for _ in range(2):
        daily_runs.RUNS["returns"](desk.world)
    assert len(desk.told(returns.EVENT)) == 1


# --- Intraday, if switched on ---


def test_intraday_valuations_are_off_unless_switched_on(open_desk: OpenDesk) -> None:
    desk = open_desk(running=True)
    desk.hold(AT_100, "1")
    desk.advance("1d")
    assert not desk.told(valuations.INTRADAY_EVENT)


def test_intraday_valuations_keep_to_their_hours_in_local_time(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", INTRADAY, now=datetime(2023, 1, 10, 6, tzinfo=UTC), running=True)
    desk.hold(AT_100, "1")
    desk.advance("1d")
    # 9, 11 and 13 o'clock in Frankfurt, an hour ahead of UTC in winter
    assert times_of(desk, valuations.INTRADAY_EVENT) == ["01-10T08:00", "01-10T10:00", "01-10T12:00"]


def test_intraday_valuations_begin_with_the_next_step_of_a_day_under_way(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", INTRADAY, now=datetime(2023, 1, 10, 10, 0, 1, tzinfo=UTC), running=True)
    desk.hold(AT_100, "1")
    desk.advance("22h")
    assert times_of(desk, valuations.INTRADAY_EVENT) == ["01-10T12:00", "01-11T08:00"]


def test_intraday_valuations_leave_out_weekends(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", INTRADAY, now=datetime(2023, 1, 6, 13, tzinfo=UTC), running=True)  # Friday afternoon
    desk.hold(AT_100, "1")
    desk.advance("2d20h")
    assert times_of(desk, valuations.INTRADAY_EVENT) == ["01-09T08:00"]


def test_intraday_valuations_follow_the_clocks_into_summer(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", INTRADAY, now=datetime(2023, 3, 24, 13, tzinfo=UTC), running=True)  # before the change
    desk.hold(AT_100, "1")
    desk.advance("3d")
    assert times_of(desk, valuations.INTRADAY_EVENT) == ["03-27T07:00", "03-27T09:00", "03-27T11:00"]


# --- Strategies, if switched on (the conditions: test_strategies.py) ---


def test_strategies_fire_only_if_switched_on(open_desk: OpenDesk) -> None:
    for switched_on in (False, True):
        desk = open_desk("sandbox", {"runs": {"strategies": switched_on}}, running=True)
        desk.hold(AT_100, "10")
        conditions = [{"name": "drift", "type": "DRIFT", "value": "1.0"}]
        body = {"name": "One percent", "conditions": conditions}
        strategy = desk.call("create_portfolios_rebalancing_strategy", body=body)
        assert strategy.id in desk.world.table(STRATEGIES)
        change = {"rebalancing_strategy_ids": [strategy.id]}
        desk.call("update_portfolios_configuration", {"account_id": desk.account_id}, body=change)
        fired = "REBALANCING_EXECUTION_ORDER.NEW" in desk.advance("1d")
        assert fired is switched_on


def test_a_missing_price_does_not_stop_the_run(open_desk: OpenDesk) -> None:
    desk = open_desk(running=True)
    list_instruments(desk, A, price=None)
    desk.hold(A, "1")
    close_at(desk, A, "2023-01-10", None)
    desk.advance("1d")
    assert len(desk.told(valuations.EVENT)) == 1
