"""payments.md §9.3: another date for one execution (``SAVINGS_PLAN_EXECUTION.DATA_CHANGED``)."""

from __future__ import annotations

from datetime import date

import pytest

from mockserver.domain import profile_changes
from mockserver.domain.savings_plans.date_changes import DateError, change_date
from mockserver.domain.savings_plans.executions import PLAN_EXECUTIONS
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import Desk
from tests.domain.support.plans import PLACED, create, executions, story, to

CHANGED = "SAVINGS_PLAN_EXECUTION.DATA_CHANGED"
REMINDER = "SAVINGS_PLAN_EXECUTION.REMINDER"


def change(desk: Desk, plan_id: str, day: str) -> list[str]:
    """Move the last execution of a plan; the types emitted."""
    position = desk.world.events.end
    desk.world.undo.clear()
    change_date(desk.world, executions(desk, plan_id)[-1], date.fromisoformat(day))
    return desk.types_since(position)


def test_a_later_date_takes_the_reminder_and_the_purchase_along(desk: Desk) -> None:
    plan = create(desk)
    assert change(desk, plan.id, "2023-01-18") == [CHANGED]
    (told,) = desk.told(CHANGED)
    assert (told["execution_date"], told["status"]) == ("2023-01-18", "NEW")
    assert to(desk, "2023-01-16 08:00") == [REMINDER]  # when it would have been placed
    assert to(desk, "2023-01-18 07:59") == []
    assert desk.advance("1m")[: len(PLACED)] == PLACED


def test_the_dates_after_it_stay_as_they_are(desk: Desk) -> None:
    plan = create(desk)
    change(desk, plan.id, "2023-01-20")
    to(desk, "2023-01-20 09:00")
    assert story(desk, plan.id) == [("2023-01-20", "SETTLED"), ("2023-02-16", "NEW")]


def test_an_earlier_date_is_not_carried_out_again(desk: Desk) -> None:
    plan = create(desk)
    change(desk, plan.id, "2023-01-11")
    to(desk, "2023-01-17 09:00")
    assert story(desk, plan.id) == [("2023-01-11", "SETTLED"), ("2023-02-16", "NEW")]


def test_a_date_behind_the_next_of_the_series_costs_that_one(desk: Desk) -> None:
    plan = create(desk)
    change(desk, plan.id, "2023-02-20")
    to(desk, "2023-02-20 09:00")
    assert story(desk, plan.id) == [("2023-02-20", "SETTLED"), ("2023-03-16", "NEW")]


def test_an_execution_that_waits_for_cash_waits_no_more(open_desk: OpenDesk) -> None:
    """Given another day at noon, it is neither placed with the cash of that day nor given up at its close."""
    desk = open_desk(cash="0")
    plan = create(desk)
    to(desk, "2023-01-16 11:00")
    assert change(desk, plan.id, "2023-01-18") == [CHANGED]
    desk.fund("100")
    assert to(desk, "2023-01-18 07:59") == []
    assert story(desk, plan.id) == [("2023-01-18", "NEW")]
    to(desk, "2023-01-18 09:00")
    assert story(desk, plan.id)[0] == ("2023-01-18", "SETTLED")


def test_today_after_the_opening_is_at_once(desk: Desk) -> None:
    plan = create(desk)
    change(desk, plan.id, "2023-01-10")
    assert desk.advance("0s") == PLACED


def test_nothing_more_is_due_on_the_old_date(desk: Desk) -> None:
    plan = create(desk)
    change(desk, plan.id, "2023-01-25")
    (execution,) = executions(desk, plan.id)
    due = [str(task.due.date()) for task in desk.world.clock.upcoming() if execution.id in task.args]
    assert due == ["2023-01-23", "2023-01-25", "2023-01-25"]


def test_the_same_date_changes_nothing(desk: Desk) -> None:
    plan = create(desk)
    assert change(desk, plan.id, "2023-01-16") == []


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2023-01-21", "2023-01-21 is not a trading day; 2023-01-23 would pass"),
        ("2023-01-09", "lies in the past; today (2023-01-10) or a later date would pass"),
        ("3000-01-02", "lies after 2999"),
    ],
)
def test_a_day_that_an_execution_cannot_have_is_refused(desk: Desk, day: str, reason: str) -> None:
    plan = create(desk)
    with pytest.raises(DateError) as raised:
        change(desk, plan.id, day)
    assert reason in str(raised.value)
    assert story(desk, plan.id) == [("2023-01-16", "NEW")]


def test_dates_ascend(desk: Desk) -> None:
    plan = create(desk)
    to(desk, "2023-01-16 09:00")
    with pytest.raises(DateError, match="not later than the execution before, on 2023-01-16"):
        change(desk, plan.id, "2023-01-16")
    change(desk, plan.id, "2023-01-17")


def test_only_what_is_new_can_have_another_date(desk: Desk) -> None:
    plan = create(desk)
    to(desk, "2023-01-16 09:00")
    first = desk.world.table(PLAN_EXECUTIONS)[executions(desk, plan.id)[0].id]
    with pytest.raises(DateError, match="is SETTLED: only one that is NEW"):
        change_date(desk.world, first, date(2023, 1, 20))


def close(desk: Desk, *days: str) -> list[str]:
    """Close days of the market from now on; the types emitted."""
    position = desk.world.events.end
    desk.world.undo.clear()
    profile_changes.change(desk.world, {"calendar": {"closed": list(days)}}, "a test")
    return desk.types_since(position)


def test_a_day_that_the_market_closes_moves_to_the_next_trading_day(desk: Desk) -> None:
    plan, other = create(desk), create(desk, start_date="2023-01-18")
    assert close(desk, "2023-01-16") == [CHANGED]
    to(desk, "2023-01-18 09:00")
    assert (story(desk, plan.id)[0], story(desk, other.id)[0]) == (("2023-01-17", "SETTLED"), ("2023-01-18", "SETTLED"))


def test_an_execution_that_waits_on_a_day_that_is_closed_goes_on_to_wait_on_the_next(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    plan = create(desk)
    to(desk, "2023-01-16 11:00")
    assert close(desk, "2023-01-16", "2023-01-17") == [CHANGED]
    assert to(desk, "2023-01-18 16:29") == []
    assert story(desk, plan.id) == [("2023-01-18", "NEW")]
    assert desk.advance("1m")[0] == "SAVINGS_PLAN_EXECUTION.CANCELLED"


def test_another_holiday_leaves_the_dates_alone(desk: Desk) -> None:
    create(desk)
    assert close(desk, "2023-01-20") == []
