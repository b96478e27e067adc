"""portfolios.md §4.1: a portfolio order follows its single orders. Rebalancing: §5.3."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from tests.domain.conftest import OpenDesk
from tests.domain.support.books import cash_ledger, unit_ledger
from tests.domain.support.desk import AT_85, AT_100, IN_PARTS, PARTS_ONLY, Desk
from tests.domain.support.outcomes import BOUGHT, BUY_SETTLED, PLACED, SOLD, statuses

DOOMED = "XS0000000600"
"""An instrument of the test's own whose orders are cancelled."""


def doomed(desk: Desk) -> str:
    return desk.instrument(DOOMED, "100", story="cancelled")


def portfolio_events(desk: Desk) -> list[str]:
    return [type_ for type_ in desk.types_since() if type_.startswith("PORTFOLIO_ORDER")]


def objects(desk: Desk, type_: str) -> list[tuple[str, list[str]]]:
    """What events of a type told: the status, and those of the single orders."""
    return [(told["status"], [item["status"] for item in told["orders"]]) for told in desk.told(type_)]


# --- BUY and SELL ---


def test_the_events_of_a_buy_come_in_the_documented_sequence(desk: Desk) -> None:
    desk.target(**{AT_85: "1"})
    position = desk.world.events.end
    desk.order("BUY", "1000")
    desk.advance()
    assert desk.types_since(position) == [
        "PORTFOLIO_ORDER.NEW",
        *PLACED,
        "PORTFOLIO_ORDER.PROCESSING",
        "ORDER.PROCESSING",
        *BOUGHT,
        "PORTFOLIO_ORDER.FILLED",
        *BUY_SETTLED,
        "PORTFOLIO_ORDER.SETTLED",
    ]


def test_the_events_of_a_sell_come_in_the_documented_sequence(desk: Desk) -> None:
    desk.target(**{AT_100: "1"})
    desk.hold(AT_100, "10")
    position = desk.world.events.end
    desk.order("SELL", "500")
    desk.advance()
    told = desk.types_since(position)
    assert told[:7] == [
        "PORTFOLIO_ORDER.NEW",
        "ORDER.NEW",
        "POSITION.UPDATED",
        "PORTFOLIO_ORDER.PROCESSING",
        "ORDER.PROCESSING",
        *SOLD[:2],
    ]
    # Beyond the documented: the half unit that was locked beyond need is released after the fill (trading.md §10.3).
    assert [type_ for type_ in told[5:] if type_ != "POSITION.UPDATED"] == [
        *(type_ for type_ in SOLD if type_ != "POSITION.UPDATED"),
        "PORTFOLIO_ORDER.FILLED",
        "EXECUTION.SETTLED",
        "CASH_BALANCE.UPDATED",
        "PORTFOLIO_ORDER.SETTLED",
    ]
    assert told.count("POSITION.UPDATED") == 4  # locked, sold, released, settled


def test_securities_and_cash_are_updated_before_a_sell_is_filled(desk: Desk) -> None:
    """portfolios.md §4.1 [G]: FILLED means that securities and cash are updated; nothing is locked any more then."""
    desk.target(**{AT_100: "1"})
    desk.hold(AT_100, "10")
    desk.order("SELL", "500")
    told = desk.advance()
    before = told[: told.index("PORTFOLIO_ORDER.FILLED")]
    assert before.count("POSITION.UPDATED") == 3
    assert Decimal(desk.told("POSITION.UPDATED")[2]["locked_for_trading"]) == 0


def test_every_event_tells_the_state_it_names(desk: Desk) -> None:
    desk.order("BUY", "1000")
    desk.advance()
    assert objects(desk, "PORTFOLIO_ORDER.NEW") == [("NEW", [])]
    assert objects(desk, "PORTFOLIO_ORDER.PROCESSING") == [("PROCESSING", ["NEW", "NEW"])]
    assert objects(desk, "PORTFOLIO_ORDER.FILLED") == [("FILLED", ["FILLED", "FILLED"])]
    assert objects(desk, "PORTFOLIO_ORDER.SETTLED") == [("SETTLED", ["FILLED", "FILLED"])]


def test_updated_at_moves_with_every_transition(desk: Desk) -> None:
    desk.order("BUY", "1000")
    desk.advance()
    told = [desk.told(f"PORTFOLIO_ORDER.{status}")[0] for status in ("NEW", "PROCESSING", "FILLED", "SETTLED")]
    # Divided after 100 ms, sent after another 100, executed and settled after another 100.
    assert [each["updated_at"].removeprefix("2023-01-10T09:00:") for each in told] == [
        "00Z",
        "00.200000Z",
        "00.300000Z",
        "00.300000Z",
    ]
    assert {each["created_at"] for each in told} == {"2023-01-10T09:00:00Z"}


def test_processing_begins_with_the_first_single_order_and_is_told_once(desk: Desk) -> None:
    desk.instrument(DOOMED, "100", trading_status="ACTIVE")
    desk.target(**{AT_85: "0.5", DOOMED: "0.5"})
    desk.instrument(DOOMED, "100", trading_status="INACTIVE")
    placed = desk.order("BUY", "100")
    desk.advance("200ms")
    assert statuses(desk, placed.id) == ("PROCESSING", ["PROCESSING", "NEW"])
    desk.advance("1d")
    assert statuses(desk, placed.id) == ("PROCESSING", ["FILLED", "NEW"])
    assert portfolio_events(desk) == ["PORTFOLIO_ORDER.NEW", "PORTFOLIO_ORDER.PROCESSING"]


def test_an_order_is_filled_when_the_last_single_order_is(desk: Desk) -> None:
    desk.target(**{AT_100: "0.1", IN_PARTS: "0.9"})
    placed = desk.order("BUY", "1000")
    desk.advance("300ms")
    assert statuses(desk, placed.id) == ("PROCESSING", ["FILLED", "PROCESSING"])
    desk.advance("1s")
    assert statuses(desk, placed.id) == ("SETTLED", ["FILLED", "FILLED"])


def test_some_filled_and_some_cancelled_is_filled_then_settled(desk: Desk) -> None:
    desk.target(**{AT_100: "0.5", doomed(desk): "0.5"})
    placed = desk.order("BUY", "100")
    desk.advance()
    assert statuses(desk, placed.id) == ("SETTLED", ["FILLED", "CANCELLED"])
    assert objects(desk, "PORTFOLIO_ORDER.FILLED") == [("FILLED", ["FILLED", "CANCELLED"])]
    assert desk.cash()["balance"] == "9950"


def test_all_cancelled_is_cancelled_by_upvest(desk: Desk) -> None:
    desk.target(**{doomed(desk): "1"})
    placed = desk.order("BUY", "100")
    desk.advance()
    assert portfolio_events(desk) == [
        "PORTFOLIO_ORDER.NEW",
        "PORTFOLIO_ORDER.PROCESSING",
        "PORTFOLIO_ORDER.CANCELLED",
    ]
    order = desk.portfolio_order(placed.id)
    assert statuses(desk, placed.id) == ("CANCELLED", ["CANCELLED"])
    assert order.cancellation_reason == "CANCELLED_BY_UPVEST"
    assert desk.cash()["available_for_trading"] == "10000"


def test_partial_executions_of_a_cancelled_order_stay_and_settle(desk: Desk) -> None:
    # Five parts of 20, the last one cancelled: 80 are bought.
    desk.target(**{PARTS_ONLY: "1"})
    placed = desk.order("BUY", "100")
    desk.advance()
    assert statuses(desk, placed.id) == ("CANCELLED", ["CANCELLED"])
    assert desk.cash()["balance"] == "9920"
    assert desk.cash()["available_for_trading"] == "9920"
    assert Decimal(desk.position(PARTS_ONLY)["settled_quantity"]) == Decimal("0.8")


def test_a_buy_settles_with_its_last_execution(open_desk: OpenDesk) -> None:
    """The fund of the two trades at noon in Berlin, after the ETF, and both settle on the next business day."""
    desk = open_desk("live")
    fund = desk.instrument("XS0000000709", "100", asset_class="FUND")
    desk.target(**{AT_100: "0.5", fund: "0.5"})
    placed = desk.order("BUY", "100")
    desk.advance("1m")
    assert statuses(desk, placed.id) == ("PROCESSING", ["FILLED", "PROCESSING"])
    desk.advance("2h")
    assert statuses(desk, placed.id) == ("FILLED", ["FILLED", "FILLED"])
    desk.advance("18h59m")
    assert desk.world.now == datetime(2023, 1, 11, 6, 0, tzinfo=UTC)
    assert statuses(desk, placed.id) == ("SETTLED", ["FILLED", "FILLED"])


def test_a_sell_settles_two_business_days_later(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    desk.target(**{AT_100: "1"})
    desk.hold(AT_100, "10")
    placed = desk.order("SELL", "500")
    desk.advance("1m")
    assert statuses(desk, placed.id)[0] == "FILLED"
    desk.advance("1d20h58m")
    assert statuses(desk, placed.id)[0] == "FILLED"
    desk.advance("1m")  # 06:00 on Thursday
    assert statuses(desk, placed.id)[0] == "SETTLED"


def test_two_orders_on_one_account_go_side_by_side(desk: Desk) -> None:
    placed = [desk.order("BUY", amount) for amount in ("1000", "2000")]
    desk.advance()
    assert [statuses(desk, order.id)[0] for order in placed] == ["SETTLED", "SETTLED"]
    assert desk.cash()["balance"] == "7000"
    # 70 % of 3000 at 85.22, each order cut to ten decimals: 700 and 1400.
    bought = Decimal("8.2140342642") + Decimal("16.4280685285")
    assert Decimal(desk.position(AT_85)["quantity"]) == bought


@pytest.mark.parametrize("name", ["sandbox", "live"])
def test_cash_and_units_are_conserved(open_desk: OpenDesk, name: str) -> None:
    desk = open_desk(name)
    for isin in (AT_85, AT_100, IN_PARTS, PARTS_ONLY):
        desk.hold(isin, "100")
    desk.target(**{AT_85: "0.3", AT_100: "0.3", IN_PARTS: "0.2", PARTS_ONLY: "0.2"})
    cash, units = cash_ledger(desk.world), unit_ledger(desk.world)
    for side, amount in [("BUY", "999.99"), ("SELL", "1234.57"), ("BUY", "0.03"), ("SELL", "20000")]:
        desk.order(side, amount)
        desk.advance("1d")
    desk.call("trigger_portfolio_rebalancing", body={"accounts": [desk.account_id]})
    desk.advance("10d")
    assert cash_ledger(desk.world) == cash
    assert unit_ledger(desk.world) == units


# --- REBALANCING ---


def rebalance(desk: Desk) -> Any:
    """Trigger a rebalancing of the account; its portfolio order, once it exists."""
    desk.call("trigger_portfolio_rebalancing", body={"accounts": [desk.account_id]})
    desk.advance("100ms")
    return desk.rows("list_portfolios_orders", account_id=desk.account_id)[-1]


def test_a_rebalancing_sells_first_and_then_buys_for_the_proceeds(desk: Desk) -> None:
    """1000 in an instrument at 100; target half of it, half in another at 100: sell 500, buy 500."""
    desk.hold(AT_100, "10")
    desk.target(**{AT_100: "0.5", IN_PARTS: "0.5"})
    placed = rebalance(desk)
    assert (placed.type, placed.cash_amount, placed.post_tax) == ("REBALANCING", "0", False)
    assert "user_id" not in orjson.loads(placed.wire)
    desk.advance("100ms")
    assert [(order.side, order.cash_amount) for order in desk.single_orders(placed.id)] == [("SELL", "500")]
    desk.advance("10s")
    assert [(order.side, order.cash_amount) for order in desk.single_orders(placed.id)] == [
        ("SELL", "500"),
        ("BUY", "500"),
    ]
    assert desk.cash()["balance"] == "10000"
    assert Decimal(desk.position(AT_100)["quantity"]) == Decimal(desk.position(IN_PARTS)["quantity"]) == 5
    assert {order.initiation_flow for order in desk.single_orders(placed.id)} == {"PORTFOLIO_REBALANCING"}


def test_processing_is_told_again_when_the_list_of_a_rebalancing_grows(desk: Desk) -> None:
    desk.hold(AT_100, "10")
    desk.target(**{AT_100: "0.5", AT_85: "0.5"})
    placed = rebalance(desk)
    desk.advance("10s")
    assert objects(desk, "PORTFOLIO_ORDER.PROCESSING") == [
        ("PROCESSING", ["NEW"]),
        ("PROCESSING", ["FILLED", "NEW"]),
    ]
    assert statuses(desk, placed.id) == ("SETTLED", ["FILLED", "FILLED"])
    assert portfolio_events(desk) == [
        "PORTFOLIO_ORDER.NEW",
        "PORTFOLIO_ORDER.PROCESSING",
        "PORTFOLIO_ORDER.PROCESSING",
        "PORTFOLIO_ORDER.FILLED",
        "PORTFOLIO_ORDER.SETTLED",
    ]


def test_an_instrument_outside_the_allocation_is_sold_by_units_in_full(desk: Desk) -> None:
    desk.hold(AT_85, "1.5")
    desk.target(**{AT_100: "1"})
    placed = rebalance(desk)
    desk.advance("10s")
    sell, buy = desk.single_orders(placed.id)
    assert (sell.side, sell.quantity, sell.cash_amount) == ("SELL", "1.5", "0")
    # 1.5 at the bid of 81.77 bring 122.655, in cents half-even 122.66, which buys for as much.
    assert sell.executions[0].cash_amount == "122.66" == buy.cash_amount
    assert Decimal(desk.position(AT_85)["quantity"]) == 0


def test_sells_that_are_cancelled_buy_with_what_there_is(desk: Desk) -> None:
    """Two sells of 500 each, one of which is cancelled: 500 come in, and 500 are bought."""
    desk.hold(AT_100, "10")
    desk.hold(doomed(desk), "10")
    desk.target(**{AT_100: "0.25", DOOMED: "0.25", IN_PARTS: "0.5"})
    placed = rebalance(desk)
    desk.advance("10s")
    assert [(order.side, order.cash_amount, str(order.status)) for order in desk.single_orders(placed.id)] == [
        ("SELL", "500", "FILLED"),
        ("SELL", "500", "CANCELLED"),
        ("BUY", "500", "FILLED"),
    ]
    assert desk.portfolio_order(placed.id).status == "SETTLED"


def test_a_rebalancing_whose_sells_are_all_cancelled_is_cancelled(desk: Desk) -> None:
    desk.hold(doomed(desk), "10")
    desk.target(**{AT_100: "1"})
    placed = rebalance(desk)
    desk.advance("10s")
    assert statuses(desk, placed.id) == ("CANCELLED", ["CANCELLED"])
    assert desk.portfolio_order(placed.id).cancellation_reason == "CANCELLED_BY_UPVEST"


def test_idle_cash_is_not_used_by_a_rebalancing(desk: Desk) -> None:
    desk.hold(AT_100, "10")
    desk.target(**{AT_100: "0.5", IN_PARTS: "0.5"})
    rebalance(desk)
    desk.advance("10s")
    assert desk.cash()["balance"] == "10000"
