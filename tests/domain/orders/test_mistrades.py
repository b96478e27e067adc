"""trading.md §13: an execution that is cancelled after the fact, and what goes back with it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.orders.orders import ORDERS
from mockserver.domain.orders.trades import EXECUTIONS
from mockserver.kernel.lifecycle import Hold, IllegalMoveError
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.books import cash_ledger, unit_ledger
from tests.domain.support.desk import AT_85, AT_100, IN_PARTS, Desk, fingerprint
from tests.domain.support.holdings import A, B, C, close_at, list_instruments, portfolio, rebalance, returns_of

OWN = "XS0000000709"


def bought(desk: Desk, amount: str = "1000") -> Any:
    """The execution of a buy at 100."""
    order = desk.place("BUY", AT_100, amount=amount)
    desk.advance("1m")
    return execution_of(desk, order.id)


def sold(desk: Desk, isin: str = AT_100, quantity: str = "10") -> Any:
    order = desk.place("SELL", isin, quantity=quantity)
    desk.advance("1m")
    return execution_of(desk, order.id)


def execution_of(desk: Desk, order_id: str) -> Any:
    (execution,) = desk.call("retrieve_order", {"order_id": order_id}).executions
    return execution


def cancel(desk: Desk, execution: Any) -> list[str]:
    return desk.move("executions", execution.id, "CANCELLED")


def balance(desk: Desk) -> tuple[str, ...]:
    names = ("balance", "pending_settlement", "available_for_trading", "available_for_withdrawal")
    return tuple(desk.cash()[name] for name in names)


def units(desk: Desk, isin: str = AT_100) -> tuple[str, ...]:
    return tuple(desk.position(isin)[name] for name in ("quantity", "pending_settlement", "settled_quantity"))


def booked(desk: Desk, operation: str) -> list[dict[str, Any]]:
    return [orjson.loads(row.wire) for row in desk.rows(operation)]


def test_a_buy_that_has_not_settled_gives_cash_and_units_back(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="1000")
    execution = bought(desk)
    told = cancel(desk, execution)
    assert told == [
        "EXECUTION.CANCELLED",
        "CASH_BALANCE.UPDATED",
        "POSITION.UPDATED",
        "CASH_TRANSACTION.EXECUTED",
        "SECURITY_TRANSACTION.EXECUTED",
    ]
    assert balance(desk) == ("1000", "0", "1000", "1000")
    assert units(desk) == ("0", "0", "0")


def test_a_sell_that_has_not_settled_gives_units_and_cash_back(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="50")
    desk.hold(AT_100, "10")
    told = cancel(desk, sold(desk))
    assert told == [
        "EXECUTION.CANCELLED",
        "POSITION.UPDATED",
        "CASH_BALANCE.UPDATED",
        "CASH_TRANSACTION.EXECUTED",
        "SECURITY_TRANSACTION.EXECUTED",
    ]
    assert balance(desk) == ("50", "0", "50", "50")
    assert units(desk) == ("10", "0", "10")


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_settled_trade_goes_back_too(open_desk: OpenDesk, side: str) -> None:
    desk = open_desk("sandbox", cash="1000")  # which settles at once
    desk.hold(AT_100, "10")
    execution = bought(desk) if side == "BUY" else sold(desk)
    assert execution.status == "SETTLED"
    cancel(desk, execution)
    assert balance(desk) == ("1000", "0", "1000", "1000")
    assert units(desk) == ("10", "0", "10")
    assert desk.told("EXECUTION.CANCELLED")[0]["settlement_date"] == "2023-01-10"


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_both_sides_are_booked_again_with_the_opposite_sign(open_desk: OpenDesk, side: str) -> None:
    desk = open_desk("live", cash="1000")
    desk.hold(AT_100, "10")
    cancel(desk, bought(desk) if side == "BUY" else sold(desk))
    for operation in ("list_cash_transactions", "list_securities_transactions"):
        rows = booked(desk, operation)
        first = next(row for row in rows if row["type"] == "ORDER_EXECUTION")
        back = next(row for row in rows if row["type"] == "ORDER_EXECUTION_CANCELLATION")
        assert back["references"] == first["references"]
        signs = {first["delta"]["amount"], back["delta"]["amount"]}
        number = "1000" if operation == "list_cash_transactions" else "10"
        assert signs == {number, f"-{number}"}
        assert (back["booking_date"], back["value_date"]) == (first["booking_date"], first["value_date"])
        assert back["instrument"] == first["instrument"]


def test_a_mistrade_found_after_settlement_is_booked_on_its_own_day(desk: Desk) -> None:
    execution = bought(desk)
    desk.advance("3d")
    cancel(desk, execution)
    *_, back = booked(desk, "list_cash_transactions")
    assert (back["booking_date"], back["value_date"]) == ("2023-01-13T00:00:00Z", "2023-01-13T00:00:00Z")


def test_tax_goes_back_with_the_trade(open_desk: OpenDesk) -> None:
    """852.20 less 23.45 (published): 0.02752 of it, in cents."""
    desk = open_desk("live", cash="0")
    desk.instrument(OWN, "85.22", sell_tax=Decimal("0.02752"))
    desk.hold(OWN, "10")
    execution = sold(desk, OWN)
    assert balance(desk)[0] == "828.75"
    cancel(desk, execution)
    assert balance(desk) == ("0", "0", "0", "0")
    assert units(desk, OWN) == ("10", "0", "10")
    back = next(row for row in booked(desk, "list_cash_transactions") if row["type"].endswith("_CANCELLATION"))
    assert (back["delta"]["amount"], back["taxes"][0]["amount"]) == ("-828.75", "-23.45")
    assert back["taxes_details"]["total_amount"]["amount"] == "-23.45"


def test_it_never_settles_afterwards(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="1000")
    cancel(desk, bought(desk))
    assert "EXECUTION.SETTLED" not in desk.advance("7d")


def test_the_order_stays_filled_and_shows_it(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    execution = bought(desk)
    cancel(desk, execution)
    order = desk.call("retrieve_order", {"order_id": execution.order_id})
    assert (order.status, [each.status for each in order.executions]) == ("FILLED", ["CANCELLED"])
    path = {"order_id": execution.order_id, "execution_id": execution.id}
    assert desk.call("retrieve_order_execution", path).status == "CANCELLED"


def test_one_of_several_executions_leaves_the_others_as_they_are(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="300")
    order = desk.place("BUY", IN_PARTS, amount="300")
    desk.advance("1m")
    executions = desk.call("retrieve_order", {"order_id": order.id}).executions
    cancel(desk, executions[1])
    shown = desk.call("retrieve_order", {"order_id": order.id})
    assert [each.status for each in shown.executions] == ["FILLED", "CANCELLED", "FILLED"]
    assert (balance(desk)[0], units(desk, IN_PARTS)[0]) == ("100", "2")


def test_what_is_still_to_be_dealt_does_not_change(open_desk: OpenDesk) -> None:
    """A mistrade is not issued again: the order goes on with the rest (inferred)."""
    desk = open_desk("sandbox", cash="300")
    order = desk.place("BUY", IN_PARTS, amount="300")
    desk.advance("200ms")  # started, then dealt for the first time
    (first,) = desk.call("retrieve_order", {"order_id": order.id}).executions
    cancel(desk, first)
    desk.advance()
    shown = desk.call("retrieve_order", {"order_id": order.id})
    assert (shown.status, [each.cash_amount for each in shown.executions]) == ("FILLED", ["100", "100", "100"])
    assert balance(desk)[0] == "100"


# --- What was used meanwhile ---


@pytest.mark.parametrize("use", ["sold", "locked"])
def test_units_that_are_gone_cannot_go_back(open_desk: OpenDesk, use: str) -> None:
    desk = open_desk("live", cash="1000")
    execution = bought(desk)
    desk.place("SELL", AT_100, quantity="4")
    if use == "sold":
        desk.advance("1m")
    before = fingerprint(desk.world)
    with pytest.raises(Hold, match="10 units that it bought are no longer there: 6 of IE0032077012 are available"):
        cancel(desk, execution)
    assert fingerprint(desk.world) == before


def test_nothing_goes_back_into_a_closed_account(desk: Desk) -> None:
    desk.hold(AT_100, "10")
    execution = sold(desk)
    accounts = desk.world.table(ACCOUNTS)
    accounts.put(desk.account.evolve(status="CLOSED"))
    before = fingerprint(desk.world)
    with pytest.raises(Hold, match="is CLOSED: nothing goes back into it"):
        cancel(desk, execution)
    assert fingerprint(desk.world) == before


def test_proceeds_that_are_spent_leave_the_balance_below_zero(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="0")
    desk.hold(AT_100, "10")
    execution = sold(desk)
    desk.place("BUY", AT_85, amount="400")
    desk.advance("1m")
    cancel(desk, execution)
    assert balance(desk) == ("-400", "0", "-400", "-400")


def test_cash_that_comes_back_lets_a_waiting_buy_go_on(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="1000")
    execution = bought(desk)
    waiting = desk.place("BUY", AT_85, amount="500")
    desk.advance("1m")
    cancel(desk, execution)
    desk.advance("1m")
    assert desk.call("retrieve_order", {"order_id": waiting.id}).status == "FILLED"


def test_nothing_is_lost(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="1000")
    desk.hold(AT_100, "10")
    cash, held = cash_ledger(desk.world), unit_ledger(desk.world)
    cancel(desk, bought(desk))
    cancel(desk, sold(desk, quantity="5"))
    assert (cash_ledger(desk.world), unit_ledger(desk.world)) == (cash, held)


def test_a_mistrade_is_final(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    execution = bought(desk)
    cancel(desk, execution)
    for to in ("SETTLED", "CANCELLED", "FILLED"):
        with pytest.raises(IllegalMoveError, match="final"):
            desk.move("executions", execution.id, to)


# --- Larger orders ---


def test_a_portfolio_order_is_settled_with_the_last_execution_that_settles(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    placed = desk.order("BUY", "1000")
    desk.advance("1m")
    mistraded, other = desk.single_orders(placed.id)
    cancel(desk, execution_of(desk, mistraded.id))
    desk.move("executions", execution_of(desk, other.id).id, "SETTLED")
    desk.advance("0s")
    assert desk.portfolio_order(placed.id).status == "SETTLED"


def test_a_portfolio_order_is_settled_when_a_mistrade_was_all_it_waited_for(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    placed = desk.order("BUY", "1000")
    desk.advance("1m")
    first, second = desk.single_orders(placed.id)
    desk.move("executions", execution_of(desk, first.id).id, "SETTLED")
    cancel(desk, execution_of(desk, second.id))
    assert desk.advance("0s") == ["PORTFOLIO_ORDER.SETTLED"]


def test_a_liquidation_is_settled_when_a_mistrade_was_all_it_waited_for(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="0")
    desk.hold(AT_100, "10")
    body = {"user_id": desk.user_id}
    liquidation = desk.call("create_account_liquidation", {"account_id": desk.account_id}, body=body)
    desk.advance("1m")
    (execution,) = desk.world.table(EXECUTIONS)
    cancel(desk, execution)
    assert desk.advance("0s") == ["ACCOUNT_LIQUIDATION.SETTLED"]
    path = {"account_id": desk.account_id, "account_liquidation_id": liquidation.id}
    assert desk.call("retrieve_account_liquidation", path).status == "SETTLED"


def test_a_rebalancing_does_not_buy_with_what_a_mistrade_took_back(open_desk: OpenDesk) -> None:
    desk = open_desk("live", {"stages": {"order.execute": {"delay": "never"}}}, cash="0")
    portfolio(desk, {A: "50", B: "50"}, {A: "0.25", B: "0.25", C: "0.5"})
    rebalance(desk)
    desk.advance("1m")
    first, second = (row.id for row in desk.world.table(ORDERS))  # 25 units of each, at 100
    desk.move("orders", first, "FILLED")
    cancel(desk, execution_of(desk, first))
    desk.move("orders", second, "FILLED")
    *_, buy = desk.world.table(ORDERS)
    assert (buy.side, buy.instrument_id, buy.cash_amount) == ("BUY", C, "2500")


def test_a_mistrade_is_no_return_of_the_account(open_desk: OpenDesk) -> None:
    """Bought for 200 and taken back within a day on which one unit went from 100 to 105: 5 percent (§8)."""
    desk = open_desk(running=True)
    list_instruments(desk, A)
    desk.hold(A, "1")
    close_at(desk, A, "2023-01-10", "100")
    close_at(desk, A, "2023-01-11", "105")
    desk.advance("1d")
    order = desk.place("BUY", A, amount="200")
    desk.advance()
    cancel(desk, execution_of(desk, order.id))
    desk.advance("1d")
    assert returns_of(desk)[-1]["twr"]["daily"] == "0.05"


# --- By command, over HTTP ---


async def test_the_control_api_takes_a_trade_back(desk: Desk, client: Api) -> None:
    execution = bought(desk)
    answer = await client.post(
        "/_mock/worlds/default/moves", json={"resource": "executions", "id": execution.id, "to": "CANCELLED"}
    )
    assert answer.status == 200
    shown = await client.get(f"/orders/{execution.order_id}/executions/{execution.id}")
    assert shown.json["status"] == "CANCELLED"


async def test_the_control_api_says_why_it_cannot(desk: Desk, client: Api) -> None:
    execution = bought(desk)
    seeding.position(desk.world, account_id=desk.account_id, instrument=AT_100, quantity=Decimal(0))
    answer = await client.post(
        "/_mock/worlds/default/moves", json={"resource": "executions", "id": execution.id, "to": "CANCELLED"}
    )
    assert (answer.status, "are no longer there: 0 of IE0032077012" in answer.detail) == (409, True)
