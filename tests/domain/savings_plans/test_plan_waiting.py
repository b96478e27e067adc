"""payments.md §9.3: what an execution waits for on its day, and what cancels it at the close of the market."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain.instruments.instruments import find
from mockserver.domain.instruments.prices import set_price
from mockserver.domain.savings_plans.executions import PlanExecution
from mockserver.kernel.lifecycle import Hold
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, Desk
from tests.domain.support.plans import PLACED, create, executions, now, story, to, waits, why

GIVEN_UP = ["SAVINGS_PLAN_EXECUTION.CANCELLED", "SAVINGS_PLAN_EXECUTION.NEW"]
DONE = [("2023-01-16", "SETTLED"), ("2023-02-16", "NEW")]
MISSED = [("2023-01-16", "CANCELLED"), ("2023-02-16", "NEW")]


def first(desk: Desk, plan: Any) -> PlanExecution:
    return executions(desk, plan.id)[0]


def test_missing_cash_waits_until_the_close_and_cancels_the_execution_alone(open_desk: OpenDesk) -> None:
    """17:30 in Frankfurt is 16:30 UTC in winter."""
    desk = open_desk(cash="99.99")
    plan = create(desk)
    to(desk, "2023-01-16 16:29")
    assert (story(desk, plan.id)[0][1], waits(desk, first(desk, plan))) == ("NEW", "not enough cash")
    assert desk.advance("1m") == GIVEN_UP
    assert story(desk, plan.id) == MISSED
    assert why(first(desk, plan)) == ("CANCELLED_BY_UPVEST", "Insufficient funds")
    assert (first(desk, plan).order_id, now(desk, plan.id).status) == (None, "ACTIVE")
    assert desk.cash()["locked_for_trading"] == "0"


def test_the_close_is_that_of_the_market(open_desk: OpenDesk) -> None:
    hours = {"calendar": {"hours": {"open": "08:00", "close": "20:00"}}}
    desk = open_desk(overrides=hours, cash="0")
    create(desk)
    to(desk, "2023-01-16 18:59")
    assert desk.advance("1m") == GIVEN_UP


@pytest.mark.parametrize("at", ["08:00", "12:00", "16:29"])
def test_cash_that_arrives_before_the_close_lets_it_go(open_desk: OpenDesk, at: str) -> None:
    desk = open_desk(cash="99.99")
    plan = create(desk)
    to(desk, f"2023-01-16 {at}")
    desk.fund("0.01")
    assert desk.advance("0s")[: len(PLACED)] == PLACED
    desk.advance()
    assert story(desk, plan.id) == DONE


def test_cash_that_arrives_later_is_for_the_next_date(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    plan = create(desk)
    to(desk, "2023-01-16 16:30")
    desk.fund("100")
    to(desk, "2023-02-16 09:00")
    assert story(desk, plan.id) == [("2023-01-16", "CANCELLED"), ("2023-02-16", "SETTLED"), ("2023-03-16", "NEW")]


def test_the_transaction_tax_has_to_be_there_too(open_desk: OpenDesk) -> None:
    """A tax of 0.3 % on 100 EUR: 100.30 are locked."""
    desk = open_desk(cash="100.29")
    isin = desk.instrument("FR0000120271", "100", buy_tax=Decimal("0.003"))
    plan = create(desk, instrument_id=isin)
    to(desk, "2023-01-16 08:00")
    assert waits(desk, first(desk, plan)) == "not enough cash"
    desk.fund("0.01")
    desk.advance("0s")
    assert desk.cash()["locked_for_trading"] == "100.30"
    desk.advance()
    assert (story(desk, plan.id), desk.cash()["balance"]) == (DONE, "0")


def test_unsettled_proceeds_count(open_desk: OpenDesk) -> None:
    """What is available for trading decides, not what is available for withdrawal."""
    desk = open_desk("live", cash="0")
    desk.hold(AT_85, "10")
    plan = create(desk)
    to(desk, "2023-01-13 12:00")
    desk.place("SELL", AT_85, quantity="10")  # settles on Tuesday
    to(desk, "2023-01-16 08:01")
    assert story(desk, plan.id)[0] == ("2023-01-16", "FILLED")


def test_the_older_of_two_plans_gets_the_cash_of_both(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="150")
    older, younger = create(desk), create(desk, cash_amount="80")
    to(desk, "2023-01-16 09:00")
    assert (story(desk, older.id), story(desk, younger.id)) == (DONE, [("2023-01-16", "NEW")])
    desk.fund("30")
    desk.advance()
    assert (story(desk, younger.id), desk.cash()["balance"]) == (DONE, "0")


def test_those_that_wait_are_served_as_they_came_and_as_they_fit(open_desk: OpenDesk) -> None:
    """30 EUR do not buy for the older plan, but for the younger."""
    desk = open_desk(cash="0")
    older, younger = create(desk), create(desk, cash_amount="30")
    to(desk, "2023-01-16 08:00")
    desk.fund("30")
    desk.advance()
    assert (story(desk, older.id)[0][1], story(desk, younger.id)[0][1]) == ("NEW", "SETTLED")


def test_a_profile_may_cancel_at_once(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"savings_plans": {"funding": "at_once"}}, cash="99.99")
    plan = create(desk)
    assert to(desk, "2023-01-16 08:00")[-2:] == GIVEN_UP
    assert why(first(desk, plan)) == ("CANCELLED_BY_UPVEST", "Insufficient funds")


@pytest.mark.parametrize(
    ("what", "details"), [("accounts", "Account is locked"), ("account_groups", "Account group is locked")]
)
def test_a_locked_account_keeps_its_plan_and_misses_the_date(open_desk: OpenDesk, what: str, details: str) -> None:
    desk = open_desk(overrides={"savings_plans": {"funding": "at_once"}})  # which is about cash alone
    plan = create(desk)
    desk.move(what, plan.account_id if what == "accounts" else desk.group_id, "LOCKED")
    to(desk, "2023-01-16 16:29")
    assert story(desk, plan.id) == [("2023-01-16", "NEW")]
    assert desk.advance("1m") == GIVEN_UP
    assert why(first(desk, plan)) == ("CANCELLED_BY_UPVEST", details)
    assert now(desk, plan.id).status == "ACTIVE"


def test_an_account_that_is_unlocked_before_the_close_is_served(desk: Desk) -> None:
    plan = create(desk)
    desk.move("accounts", plan.account_id, "LOCKED")
    to(desk, "2023-01-16 12:00")
    desk.move("accounts", plan.account_id, "ACTIVE")
    desk.advance()
    assert story(desk, plan.id) == DONE


def test_an_instrument_that_is_suspended_waits_and_misses_the_date(desk: Desk) -> None:
    plan = create(desk)
    instrument = find(desk.world, AT_100)
    assert instrument is not None
    desk.move("instruments", instrument.id, "INACTIVE")
    to(desk, "2023-01-16 12:00")
    assert waits(desk, first(desk, plan)) == f"instrument {AT_100} is not tradable now"
    to(desk, "2023-01-16 16:30")
    assert why(first(desk, plan)) == ("CANCELLED_BY_UPVEST", "Instrument is not tradable")


def test_an_instrument_that_trades_again_before_the_close_is_bought(desk: Desk) -> None:
    plan = create(desk)
    instrument = find(desk.world, AT_100)
    assert instrument is not None
    desk.move("instruments", instrument.id, "INACTIVE")
    to(desk, "2023-01-16 12:00")
    desk.move("instruments", instrument.id, "ACTIVE")
    desk.advance()
    assert story(desk, plan.id) == DONE


def test_an_order_that_waits_for_a_price_keeps_the_series_until_it_ends(open_desk: OpenDesk) -> None:
    """Placed in January and filled in March: the date of February was skipped."""
    desk = open_desk()
    isin = desk.instrument("DE000A0D8Q49")
    plan = create(desk, instrument_id=isin)
    to(desk, "2023-03-01 12:00")
    assert story(desk, plan.id) == [("2023-01-16", "PROCESSING")]
    set_price(desk.world, instrument=isin, bid=Decimal(100), ask=Decimal(100))
    desk.advance()
    assert story(desk, plan.id) == [("2023-01-16", "SETTLED"), ("2023-03-16", "NEW")]


def test_a_waiting_execution_is_given_up_when_only_a_command_places_it(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"stages": {"savings_plan_execution.place": {"delay": "never"}}})
    plan = create(desk)
    to(desk, "2023-01-16 16:30")
    assert why(first(desk, plan)) == ("CANCELLED_BY_UPVEST", "Not placed on its day")


def test_a_forced_move_places_it_only_with_its_cash(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="99.99")
    plan = create(desk)
    with pytest.raises(Hold, match="not enough cash"):
        desk.move("savings_plan_executions", first(desk, plan).id, "PROCESSING")
    assert story(desk, plan.id) == [("2023-01-16", "NEW")]
