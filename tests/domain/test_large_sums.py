"""Sums that are larger than an order or an execution can carry (concepts.md §8: nine digits; what then: inferred)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import orjson
import pytest

from mockserver.domain.daily_runs import RUNS
from mockserver.domain.orders.orders import ORDERS
from mockserver.domain.orders.trades import MOST_PORTIONS
from mockserver.domain.portfolios.splitting import portions
from mockserver.domain.valuations.returns import PERFORMANCES, Performance
from mockserver.kernel.money import LARGEST_AMOUNT
from tests.domain.conftest import OpenDesk
from tests.domain.orders.test_fees import fee
from tests.domain.support.desk import IN_PARTS, PARTS_ONLY, Desk, check_wire
from tests.domain.support.holdings import A, B, C, execution_orders, portfolio, quote, rebalance
from tests.domain.support.outcomes import executed, order_of, status

OWN = "XS0000000709"
"""An instrument of the test's own."""
HALVES = {A: "0.5", B: "0.5"}


# --- One order, several executions ---


def test_a_sale_worth_more_than_an_execution_can_carry_is_dealt_in_several(desk: Desk) -> None:
    desk.instrument(OWN, "1000")
    desk.hold(OWN, "3000000")
    order = desk.place("SELL", OWN, quantity="3000000")  # 3,000,000,000: four executions of 750 million
    desk.advance()
    assert (status(desk, order.id), executed(desk, order.id)) == ("FILLED", ["750000000"] * 4)
    assert (desk.cash()["balance"], desk.position(OWN)["quantity"]) == ("3000010000", "0")


def test_a_buy_of_units_worth_more_is_dealt_in_several(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="5000000000")
    desk.instrument(OWN, "1000")
    order = desk.place("BUY", OWN, quantity="3000000")
    desk.advance()
    assert (status(desk, order.id), executed(desk, order.id)) == ("FILLED", ["750000000"] * 4)
    assert (desk.cash()["balance"], desk.cash()["locked_for_trading"]) == ("2000000000", "0")
    assert desk.position(OWN)["quantity"] == "3000000"


@pytest.mark.parametrize("charge", ["tax", "fee"])
def test_charges_on_top_count(open_desk: OpenDesk, charge: str) -> None:
    """The amount fits; what moves in cash does not."""
    desk = open_desk(cash="2000000000")
    desk.instrument(OWN, "100", buy_tax=Decimal("0.01" if charge == "tax" else 0))
    order = desk.place("BUY", OWN, amount="999999999.99")
    if charge == "fee":
        desk.world.table(ORDERS).put(order.evolve(fee_configuration=(fee("0.01"),)))
    desk.advance()
    assert status(desk, order.id) == "FILLED"
    assert sum(map(Decimal, executed(desk, order.id))) == LARGEST_AMOUNT
    assert len(executed(desk, order.id)) == 2


def test_the_largest_amount_needs_one_execution(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="2000000000")
    desk.instrument(OWN, "100")
    order = desk.place("BUY", OWN, amount="999999999.99")
    desk.advance()
    assert executed(desk, order.id) == ["999999999.99"]


def test_whole_units_stay_whole(desk: Desk) -> None:
    desk.instrument(OWN, "400000000", fractional_trading=False)
    desk.hold(OWN, "7")
    order = desk.place("SELL", OWN, quantity="7")
    desk.advance()
    sold = [each.share_quantity for each in order_of(desk, order.id).executions]
    assert (status(desk, order.id), sum(map(int, sold))) == ("FILLED", 7)
    assert max(map(int, sold)) * 400_000_000 <= LARGEST_AMOUNT


def test_a_whole_unit_that_no_execution_can_carry_is_cancelled_by_the_partner(desk: Desk) -> None:
    desk.instrument(OWN, "1000000000", fractional_trading=False)
    desk.hold(OWN, "2")
    order = desk.place("SELL", OWN, quantity="2")
    desk.advance()
    assert order_of(desk, order.id).cancellation_reason == "CANCELLED_BY_TRADING_PARTNER"
    assert desk.position(OWN)["available_for_trading"] == "2"


def test_the_most_executions_that_an_order_takes(desk: Desk) -> None:
    desk.instrument(OWN, "999999999.99")
    desk.hold(OWN, str(2 * MOST_PORTIONS + 1))
    most = desk.place("SELL", OWN, quantity=str(MOST_PORTIONS))
    desk.advance("1m")
    assert (status(desk, most.id), len(executed(desk, most.id))) == ("FILLED", MOST_PORTIONS)
    more = desk.place("SELL", OWN, quantity=str(MOST_PORTIONS + 1))
    desk.advance("1m")
    assert order_of(desk, more.id).cancellation_reason == "CANCELLED_BY_TRADING_PARTNER"
    assert executed(desk, more.id) == []


def test_the_price_may_change_between_two_executions(desk: Desk) -> None:
    desk.instrument(OWN, "1000")
    desk.hold(OWN, "2000000")
    order = desk.place("SELL", OWN, quantity="2000000")
    desk.advance("250ms")
    assert executed(desk, order.id) == ["666666666.67"]  # 2,000,000,000 in three
    quote(desk, OWN, "1")
    desk.advance()
    assert status(desk, order.id) == "FILLED"
    assert executed(desk, order.id) == ["666666666.67", "1333333.33"]


def test_forced_to_be_filled_it_is_dealt_at_once(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    desk.instrument(OWN, "1000")
    desk.hold(OWN, "3000000")
    order = desk.place("SELL", OWN, quantity="3000000")
    desk.move("orders", order.id, "PROCESSING")
    told = desk.move("orders", order.id, "FILLED")
    assert told.count("EXECUTION.FILLED") == 4
    assert status(desk, order.id) == "FILLED"


@pytest.mark.parametrize(("isin", "ends"), [(IN_PARTS, "FILLED"), (PARTS_ONLY, "CANCELLED")])
def test_an_instrument_with_a_story_keeps_it(desk: Desk, isin: str, ends: str) -> None:
    """100 EUR a unit: five parts of two billions."""
    desk.hold(isin, "100000000")
    order = desk.place("SELL", isin, quantity="100000000")
    desk.advance("1m")
    assert status(desk, order.id) == ends
    assert all(Decimal(each) <= LARGEST_AMOUNT for each in executed(desk, order.id))


def test_a_liquidation_sells_in_as_many_executions_as_it_needs(desk: Desk) -> None:
    desk.instrument(OWN, "1000")
    desk.hold(OWN, "3000000")
    path = {"account_id": desk.account_id}
    made = desk.call("create_account_liquidation", path, body={"user_id": desk.user_id})
    desk.advance("1m")
    found = desk.call("retrieve_account_liquidation", {**path, "account_liquidation_id": made.id})
    assert (found.status, found.cash_amount) == ("SETTLED", "3000000000")


# --- One amount, several orders ---


def test_a_rebalancing_sells_and_buys_in_as_many_orders_as_it_needs(desk: Desk) -> None:
    """3,000,000 units at 1,000 EUR, to be halved: 1.5 billion in two orders of 750 million each way."""
    portfolio(desk, {A: "3000000"}, HALVES)
    quote(desk, A, "1000")
    execution_id = rebalance(desk)
    desk.advance("1m")
    (row,) = execution_orders(desk, execution_id)
    assert row.status == "FILLED"
    orders = desk.single_orders(row.portfolio_order_id or "")
    assert [(each.side, each.cash_amount, each.status) for each in orders] == [
        ("SELL", "750000000", "FILLED"),
        ("SELL", "750000000", "FILLED"),
        ("BUY", "750000000", "FILLED"),
        ("BUY", "750000000", "FILLED"),
    ]
    assert (desk.position(A)["quantity"], desk.position(B)["quantity"]) == ("1500000", "15000000")


def test_what_an_allocation_no_longer_has_is_one_order_of_several_executions(desk: Desk) -> None:
    portfolio(desk, {C: "3000000"}, HALVES)
    quote(desk, C, "1000")
    execution_id = rebalance(desk)
    desk.advance("1m")
    (row,) = execution_orders(desk, execution_id)
    first, *buys = desk.single_orders(row.portfolio_order_id or "")
    assert (first.quantity, first.status, len(first.executions)) == ("3000000", "FILLED", 4)
    assert [each.cash_amount for each in buys] == ["750000000"] * 4
    assert row.status == "FILLED"


def test_more_than_the_most_orders_of_one_instrument_cancel_the_rebalancing(desk: Desk) -> None:
    portfolio(desk, {A: "3000000"}, HALVES)
    quote(desk, A, "100000")  # 150 billion to be sold
    execution_id = rebalance(desk)
    desk.advance("1m")
    (row,) = execution_orders(desk, execution_id)
    assert (row.status, row.cancellation_reason) == ("CANCELLED", "CANCELLED_BY_UPVEST")
    assert row.cancellation_details == "More of one instrument is to be traded than 100 orders can carry."
    assert desk.position(A)["quantity"] == "3000000"


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("999999999.99", ["999999999.99"]),
        ("1000000000", ["500000000", "500000000"]),
        ("2999999999.97", ["999999999.99"] * 3),
        ("2999999999.98", ["749999999.99", "749999999.99", "750000000", "750000000"]),
    ],
)
def test_portions_are_as_few_as_can_carry_the_amount(amount: str, expected: list[str]) -> None:
    assert sorted(portions(Decimal(amount))) == [Decimal(each) for each in expected]


# --- What else is computed ---


def test_a_price_below_the_tenth_decimal_is_still_a_price(desk: Desk) -> None:
    """The middle of both sides has ten decimals, except where that would be nothing."""
    desk.instrument(OWN)
    desk.hold(OWN, "1000000000000")
    quote(desk, OWN, "0.00000000001", "0.00000000003")
    desk.advance("1d")
    value = desk.call("get_account_valuation", {"account_id": desk.account_id}, {"price_quality": "EOD"})
    assert value.total == 20


def test_a_growth_beyond_all_bounds_stays_one_the_api_can_write(desk: Desk) -> None:
    """An account whose worth has risen by 59 powers of ten, and rises by 17 more in a night."""
    day = desk.world.now.date() - timedelta(days=2)
    grown = Performance(desk.account_id, value=Decimal("0.01"), growth=Decimal(10**59), start=day, day=day)
    desk.world.table(PERFORMANCES).put(grown)
    desk.instrument(OWN, "900000000000000")
    desk.hold(OWN, "1")
    for name in ("valuations", "returns"):
        RUNS[name](desk.world)
    (row,) = desk.rows("list_account_returns", {"account_id": desk.account_id})
    check_wire("AccountReturn", row.wire)
    assert Decimal(orjson.loads(row.wire)["twr"]["cumulative"]) == Decimal("9" * 60)
