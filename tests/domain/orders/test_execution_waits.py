"""trading.md §10.1, §10.6: what an order waits for, hours of the market and of funds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.holders import members
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, Desk
from tests.domain.support.outcomes import executed, order_of, status

OWN = "XS0000000709"
"""An instrument of the test's own."""


# --- Waiting in NEW (§10.1, §10.6) ---


def test_an_order_waits_for_a_price_and_goes_on_when_it_comes(desk: Desk) -> None:
    desk.instrument(OWN)
    order = desk.place("BUY", OWN, amount="100")
    assert desk.advance("1d") == []
    seeding.price(desk.world, instrument=OWN, bid=Decimal(50))
    desk.advance()
    assert [each.share_quantity for each in order_of(desk, order.id).executions] == ["2"]


@pytest.mark.parametrize("side", ["BUY", "SELL"])
@pytest.mark.parametrize("size", [{"amount": "100"}, {"quantity": "2"}])
def test_any_order_waits_for_a_price_and_locks_nothing_that_it_cannot_estimate(
    desk: Desk, side: str, size: dict[str, str]
) -> None:
    desk.instrument(OWN)
    desk.hold(OWN, "10")
    order = desk.place(side, OWN, **size)
    assert desk.advance("1d") == []
    # A nominal buy locks its amount, a unit sell its units: neither needs a price for that.
    assert desk.cash()["locked_for_trading"] == ("100" if (side, *size) == ("BUY", "amount") else "0")
    assert desk.position(OWN)["locked_for_trading"] == ("2" if (side, *size) == ("SELL", "quantity") else "0")
    seeding.price(desk.world, instrument=OWN, bid=Decimal(50))
    desk.advance()
    assert executed(desk, order.id) == ["100"]


def test_an_order_waits_for_a_locked_account(desk: Desk) -> None:
    desk.move("accounts", desk.account_id, "LOCKED")
    order = desk.place("BUY", AT_85, amount="100")
    assert desk.advance("1d") == []
    desk.move("accounts", desk.account_id, "ACTIVE")
    desk.advance()
    assert status(desk, order.id) == "FILLED"


def test_an_order_waits_for_a_locked_account_group(desk: Desk) -> None:
    desk.move("account_groups", desk.group_id, "LOCKED")
    order = desk.place("BUY", AT_85, amount="100")
    assert desk.advance("1d") == []
    desk.move("account_groups", desk.group_id, "ACTIVE")
    desk.advance()
    assert status(desk, order.id) == "FILLED"


def test_an_order_that_waits_for_its_group_is_cancelled_when_that_closes(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"stages": {"account_group.approve": {"delay": "never"}}})
    group = seeding.account_group(desk.world, status="PENDING_APPROVAL")
    account = seeding.account(desk.world, account_group_id=group.id)
    seeding.configuration(desk.world, account_id=account.id, allocation_id=desk.allocation_id)
    placed = desk.order("BUY", "100", account_id=account.id, user_id=members(group)[0].id)
    assert desk.advance("1d") == []
    told = desk.move("account_groups", group.id, "CLOSING")
    assert told == ["ACCOUNT_GROUP.CLOSING_INITIATED", "PORTFOLIO_ORDER.CANCELLED"]
    assert desk.portfolio_order(placed.id).cancellation_details == "Account group is being closed."
    assert desk.advance("1d") == []


def test_an_order_waits_for_an_instrument_that_is_not_tradable(desk: Desk) -> None:
    desk.instrument(OWN, "100", trading_status="INACTIVE")
    order = desk.place("BUY", OWN, amount="100")
    assert desk.advance("1d") == []
    desk.instrument(OWN, "100", trading_status="ACTIVE")
    desk.advance()
    assert status(desk, order.id) == "FILLED"


def test_an_order_in_a_currency_that_the_venue_lacks_is_not_executed(desk: Desk) -> None:
    desk.instrument(OWN, "100", currency="GBP")
    order = desk.place("BUY", OWN, amount="100")
    assert desk.advance("30d") == []
    assert status(desk, order.id) == "NEW"


@pytest.mark.parametrize(("to", "side"), [("CLOSING", "BUY"), ("CLOSED", "BUY"), ("CLOSED", "SELL")])
def test_an_order_of_a_closing_account_is_cancelled_by_the_platform(desk: Desk, to: str, side: str) -> None:
    desk.hold(AT_85, "10")
    desk.move("accounts", desk.account_id, "CLOSING")
    if to == "CLOSED":
        desk.move("accounts", desk.account_id, "CLOSED")
    order = desk.place(side, AT_85, quantity="1")
    desk.advance()
    assert order_of(desk, order.id).cancellation_reason == "CANCELLED_BY_UPVEST_PLATFORM"


def test_a_waiting_order_says_why(desk: Desk) -> None:
    desk.instrument(OWN)
    order = desk.place("BUY", OWN, amount="100")
    desk.advance()
    held = desk.world.holds.get("orders", order.id)
    assert held is not None
    assert held.reason == f"instrument {OWN} has no price"


# --- Trading hours: 09:00 to 17:30 in Frankfurt on Xetra's days ---


@pytest.mark.parametrize(
    ("placed", "dealt_on"),
    [
        (datetime(2023, 1, 10, 6, 0, tzinfo=UTC), "2023-01-10 08:00"),  # Tuesday before the opening
        (datetime(2023, 1, 10, 20, 0, tzinfo=UTC), "2023-01-11 08:00"),  # Tuesday evening
        (datetime(2023, 1, 13, 16, 30, tzinfo=UTC), "2023-01-16 08:00"),  # Friday at the close
        (datetime(2023, 1, 14, 12, 0, tzinfo=UTC), "2023-01-16 08:00"),  # Saturday
        (datetime(2023, 4, 6, 20, 0, tzinfo=UTC), "2023-04-11 07:00"),  # before Easter, in summer time
    ],
)
def test_an_order_outside_trading_hours_waits_for_the_opening(
    open_desk: OpenDesk, placed: datetime, dealt_on: str
) -> None:
    desk = open_desk("live", now=placed)
    order = desk.place("BUY", AT_85, amount="100")
    desk.advance("6d")
    (told,) = desk.told("ORDER.PROCESSING")
    assert told["updated_at"].replace("T", " ").startswith(dealt_on)
    assert status(desk, order.id) == "FILLED"


def test_an_order_is_new_while_the_market_is_closed(open_desk: OpenDesk) -> None:
    desk = open_desk("live", now=datetime(2023, 1, 10, 20, tzinfo=UTC))
    order = desk.place("BUY", AT_85, amount="100")
    desk.advance("11h")
    assert status(desk, order.id) == "NEW"
    assert desk.cash()["locked_for_trading"] == "100"


def test_an_order_that_the_close_catches_is_executed_the_next_morning(open_desk: OpenDesk) -> None:
    # Sent two seconds after 16:29:57, at 17:29:59 in Frankfurt; executed at least five seconds later.
    desk = open_desk("live", now=datetime(2023, 1, 10, 16, 29, 57, tzinfo=UTC))
    order = desk.place("BUY", AT_85, amount="100")
    desk.advance("1h")
    assert status(desk, order.id) == "PROCESSING"
    desk.advance("14h31m")
    assert status(desk, order.id) == "FILLED"


def test_a_cancelled_order_does_not_wake_at_the_opening(open_desk: OpenDesk) -> None:
    desk = open_desk("live", now=datetime(2023, 1, 10, 20, tzinfo=UTC))
    order = desk.place("BUY", AT_85, amount="100")
    desk.advance("1h")
    desk.move("orders", order.id, "CANCELLED")
    assert desk.advance("2d") == []


def test_the_sandbox_trades_at_night_and_on_sundays(open_desk: OpenDesk) -> None:
    desk = open_desk(now=datetime(2023, 1, 15, 3, tzinfo=UTC))
    order = desk.place("BUY", AT_85, amount="100")
    desk.advance()
    assert status(desk, order.id) == "FILLED"


# --- Funds: once a day, at 12:00 in Frankfurt ---


@pytest.mark.parametrize("name", ["sandbox", "live"])
@pytest.mark.parametrize(
    ("placed", "dealt"),
    [
        (datetime(2023, 1, 10, 9, 0, tzinfo=UTC), "2023-01-10T11:00:00Z"),
        (datetime(2023, 1, 10, 11, 30, tzinfo=UTC), "2023-01-11T11:00:00Z"),
        (datetime(2023, 1, 13, 11, 30, tzinfo=UTC), "2023-01-16T11:00:00Z"),  # Friday afternoon
        (datetime(2023, 4, 6, 10, 30, tzinfo=UTC), "2023-04-11T10:00:00Z"),  # Thursday before Easter, summer time
    ],
)
def test_a_fund_is_executed_at_noon_of_a_trading_day(
    open_desk: OpenDesk, name: str, placed: datetime, dealt: str
) -> None:
    desk = open_desk(name, now=placed)
    desk.instrument(OWN, "100", asset_class="FUND")
    order = desk.place("BUY", OWN, amount="100")
    desk.advance("1m")
    assert status(desk, order.id) == "PROCESSING"
    desk.advance("6d")
    (told,) = desk.told("EXECUTION.FILLED")
    assert told["transaction_time"] == dealt


def test_the_hour_of_funds_is_one_setting(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"runs": {"funds": "15:30"}})
    desk.instrument(OWN, "100", asset_class="FUND")
    desk.place("BUY", OWN, amount="100")
    desk.advance("1d")
    (told,) = desk.told("EXECUTION.FILLED")
    assert told["transaction_time"] == "2023-01-10T14:30:00Z"
