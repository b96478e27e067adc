"""What holds of orders, their parents, valuations and returns, whatever was done to a world (portfolios.md)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from mockserver.domain.orders.fees import collected
from mockserver.domain.orders.orders import ORDERS, Order
from mockserver.domain.orders.trades import EXECUTIONS, Execution
from mockserver.domain.portfolios.liquidations import LIQUIDATIONS
from mockserver.domain.portfolios.orders import PORTFOLIO_ORDERS
from mockserver.domain.portfolios.rebalancing import EXECUTION_ORDERS
from mockserver.domain.valuations.returns import RETURNS
from mockserver.domain.valuations.valuations import Valuation
from mockserver.kernel.world import World
from tests.state.market import ZERO

PARENTS: tuple[Any, ...] = (PORTFOLIO_ORDERS, LIQUIDATIONS)
BERLIN = ZoneInfo("Europe/Berlin")
FINAL = frozenset({"FILLED", "CANCELLED"})


def check_valuation(valuation: Valuation) -> None:
    """Weights sum to one where there is a total; unpriced positions have neither value nor weight (§6)."""
    shown = valuation.shown()
    rows = shown.security_positions
    priced = [row for row in rows if row.value is not None]
    assert all((row.value is None) == (row.weight is None) for row in rows)
    assert sum((Decimal(row.value.amount) for row in priced if row.value), ZERO) == Decimal(
        shown.total_security_value.amount
    )
    if priced:
        weights = sum((Decimal(row.weight or 0) for row in priced), ZERO)
        assert abs(weights - 1) <= Decimal("1e-9"), f"the weights sum to {weights}"
    assert all(Decimal(row.quantity) > 0 for row in rows)


def check_orders(world: World) -> None:
    """An order is filled or cancelled, never both; it shows its executions, and never more than was ordered."""
    trades, today = world.table(EXECUTIONS), world.now.astimezone(BERLIN).date()
    for order in world.table(ORDERS):
        assert list(order.executions) == trades.by("order", order.id), f"order {order.id} shows old executions"
        assert (order.cancellation_reason is not None) == (order.status == "CANCELLED"), order
        spent = sum((Decimal(each.cash_amount) for each in order.executions), ZERO)
        dealt = sum((Decimal(each.share_quantity) for each in order.executions), ZERO)
        if order.nominal:
            assert spent <= Decimal(order.cash_amount), f"order {order.id} moved more than its amount"
        else:
            assert dealt <= Decimal(order.quantity), f"order {order.id} moved more than its units"
        if order.funded and not order.final:
            if order.nominal and order.side == "BUY":
                left = Decimal(order.cash_amount) - spent
                left += collected(world, order, left)
                assert order.locked_cash >= left, f"{order} has spent {spent}"  # and keeps the tax on it
            elif not order.nominal and order.side == "SELL":
                assert order.locked_units == Decimal(order.quantity) - dealt, f"{order} has sold {dealt}"
        assert order.final or order.expiry_date is None or today <= date.fromisoformat(order.expiry_date), order
        assert order.status != "NEW" or not order.executions
        assert order.status != "FILLED" or order.executions


def check_parents(world: World) -> None:
    """A larger order shows its single orders as they are, and has come as far as they have (§4.1, §9)."""
    for kind in PARENTS:
        for parent in world.table(kind):
            children = world.table(ORDERS).by("parent", parent.id)
            name = f"{kind.name} {parent.id} ({parent.status})"
            shown = [(item.id, str(item.side), str(item.status)) for item in parent.orders]
            assert shown == [(row.id, str(row.side), str(row.status)) for row in children], f"{name} shows {shown}"
            _check_progress(name, str(parent.status), children)
    for parent in world.table(PORTFOLIO_ORDERS):
        assert (parent.cancellation_reason is not None) == (parent.status == "CANCELLED")
        assert (parent.cancellation_details is not None) == (parent.status == "CANCELLED")
        _check_amounts(parent, world.table(ORDERS).by("parent", parent.id))


def _check_progress(name: str, status: str, children: list[Order]) -> None:
    states = {str(row.status) for row in children}
    if status == "NEW":
        assert states <= {"NEW", "CANCELLED"}, f"{name} has orders {states}"
        assert not states or "NEW" in states, f"{name} is over, and does not know it"
    elif status == "PROCESSING":
        assert states - FINAL, f"{name} has no open order left"
    else:
        assert states <= FINAL, f"{name} has orders {states}"
        assert ("FILLED" in states) == (status != "CANCELLED"), f"{name} has orders {states}"
    if status == "SETTLED":
        assert all(each.status != "FILLED" for row in children for each in row.executions), f"{name} has unsettled"


def _check_amounts(parent: Any, children: list[Order]) -> None:
    """BUY and SELL divide their amount to the cent; a rebalancing buys for exactly what its sells brought."""
    if not children:
        return
    if parent.type != "REBALANCING":
        assert {str(row.side) for row in children} == {str(parent.type)}
        whole = sum((Decimal(row.cash_amount) for row in children), ZERO)
        assert whole == Decimal(parent.cash_amount), f"{parent.id} of {parent.cash_amount} was divided into {whole}"
        return
    buys = [row for row in children if row.side == "BUY"]
    if buys:
        sold = [each for row in children if row.side == "SELL" for each in _executions(row)]
        brought = sum((each.net for each in sold), ZERO)
        mistraded = sum((each.net for each in sold if each.status == "CANCELLED"), ZERO)  # before or after the buys
        spent = sum((Decimal(row.cash_amount) for row in buys), ZERO)
        assert brought - mistraded <= spent <= brought, f"rebalancing {parent.id} sold for {brought}, buys for {spent}"


def _executions(order: Order) -> Iterable[Execution]:
    return (each for each in order.executions if isinstance(each, Execution))


def check_returns(world: World) -> None:
    """The cumulative return is the product of the daily ones since the first day, which has neither (§8)."""
    growth: dict[str, Decimal] = {}
    for row in world.table(RETURNS):
        if row.account_id not in growth:
            assert (row.daily, row.cumulative, row.start) == (None, None, row.day)
            growth[row.account_id] = Decimal(1)
            continue
        if row.daily is not None:
            growth[row.account_id] *= 1 + row.daily
        assert row.cumulative is not None
        off = abs(row.cumulative + 1 - growth[row.account_id])
        assert off <= abs(growth[row.account_id]) * Decimal("1e-12") + Decimal("1e-12"), f"{row} is off by {off}"


OF_PORTFOLIO_ORDER = {"NEW": "NEW", "PROCESSING": "PROCESSING", "FILLED": "FILLED", "SETTLED": "FILLED"}


def check_execution_orders(world: World) -> None:
    """An execution order goes the way of its portfolio order (§5.2)."""
    for row in world.table(EXECUTION_ORDERS):
        assert (row.cancellation_reason is not None) == (row.status == "CANCELLED")
        assert (row.cancellation_details is not None) == (row.status == "CANCELLED")
        if row.portfolio_order_id is None:
            assert row.status in ("NEW", "CANCELLED"), row
            continue
        parent = world.table(PORTFOLIO_ORDERS)[row.portfolio_order_id]
        assert parent.client_reference == row.execution_id
        assert row.status == OF_PORTFOLIO_ORDER.get(parent.status, "CANCELLED"), f"{row} of {parent}"
