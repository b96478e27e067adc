"""Accounts with holdings of one's own making: instruments at round prices, targets, rebalancings of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from mockserver.domain import seeding
from mockserver.domain.instruments import prices
from mockserver.domain.portfolios.rebalancing import ExecutionOrder
from tests.domain.support.desk import Desk

A, B, C = "DE0000000A01", "DE0000000B02", "DE0000000C03"


def list_instruments(desk: Desk, *isins: str, price: str | None = "100", **others: Any) -> None:
    """Make instruments tradable, at one price on both sides or, with ``None``, without any."""
    quote = None if price is None else Decimal(price)
    for isin in isins:
        seeding.instrument(desk.world, isin=isin, bid=quote, ask=quote, **others)


def close_at(desk: Desk, isin: str, day: str, price: str | None) -> None:
    """Set the end-of-day price of a day; ``None``: there is none."""
    prices.set_price(
        desk.world,
        instrument=isin,
        day=date.fromisoformat(day),
        eod=None if price is None else Decimal(price),
    )


def quote(desk: Desk, isin: str, bid: str, ask: str | None = None) -> None:
    """Quote an instrument from now on."""
    prices.set_price(desk.world, instrument=isin, bid=Decimal(bid), ask=Decimal(ask or bid))


def aim(desk: Desk, weights: Mapping[str, str], account_id: str | None = None) -> str:
    """Configure the account with a new allocation; its id."""
    items = [{"instrument_id": isin, "weight": weight} for isin, weight in weights.items()]
    target = seeding.allocation(desk.world, allocation=items)
    of = account_id or desk.account_id
    if any(row.account_id == of for row in desk.rows("list_portfolios_configurations")):
        body: dict[str, Any] = {"allocation_id": target.id}
        desk.call("update_portfolios_configuration", {"account_id": of}, body=body)
    else:
        body = {"allocation_id": target.id, "account_id": of}
        desk.call("create_portfolios_configuration", body=body)
    return target.id


def portfolio(desk: Desk, held: Mapping[str, str], weights: Mapping[str, str]) -> None:
    """Give the account a holding and a target, in instruments at 100 a unit."""
    list_instruments(desk, *dict.fromkeys((*held, *weights)))
    for isin, quantity in held.items():
        desk.hold(isin, quantity)
    aim(desk, weights)


def rebalance(desk: Desk, accounts: Iterable[str] | None = None, allocations: Iterable[str] | None = None) -> str:
    """Trigger a rebalancing, of the desk's own account unless told otherwise; the execution's id."""
    named = [desk.account_id] if accounts is None else list(accounts)
    body = {"accounts": named} if allocations is None else {"allocations": list(allocations)}
    execution_id: str = desk.call("trigger_portfolio_rebalancing", body=body).id
    return execution_id


def execution_orders(desk: Desk, execution_id: str, **query: Any) -> list[ExecutionOrder]:
    return desk.rows("list_portfolio_rebalancing_execution_orders", {"execution_id": execution_id}, **query)


def rebalanced(desk: Desk, span: str = "1m") -> ExecutionOrder:
    """The execution order of a rebalancing of the desk's account, after it had its time."""
    execution_id = rebalance(desk)
    desk.advance(span)
    (order,) = execution_orders(desk, execution_id)
    return order


def trades(desk: Desk, order: ExecutionOrder) -> list[tuple[str, str, str, str]]:
    """Side, ISIN, amount and quantity of the single orders of a rebalancing, in their order."""
    assert order.portfolio_order_id is not None
    placed = desk.single_orders(order.portfolio_order_id)
    return [(str(row.side), row.instrument_id, row.cash_amount, row.quantity) for row in placed]


def current_value(desk: Desk, quality: str = "EOD", account_id: str | None = None) -> dict[str, Any]:
    """The current valuation as it goes over the wire."""
    path = {"account_id": account_id or desk.account_id}
    reply = desk.call("get_account_valuation", path, {"price_quality": quality})
    shown: dict[str, Any] = orjson.loads(reply.wire)
    return shown


def history(desk: Desk, **query: Any) -> list[dict[str, Any]]:
    """The valuations of the account's history, as they go over the wire."""
    rows = desk.rows("list_account_valuation_history", {"account_id": desk.account_id}, **query)
    return [orjson.loads(row.wire) for row in rows]


def returns_of(desk: Desk, **query: Any) -> list[dict[str, Any]]:
    """The daily returns of the account, as they go over the wire."""
    rows = desk.rows("list_account_returns", {"account_id": desk.account_id}, **query)
    return [orjson.loads(row.wire) for row in rows]


def families(types: Iterable[str], *wanted: str) -> list[str]:
    """The event types that belong to the families ``wanted``, in order."""
    return [each for each in types if each.partition(".")[0] in wanted]
