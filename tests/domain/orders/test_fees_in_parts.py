"""payments.md §10.7, §18: an order in parts against one trade of the same, for any model and any prices."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.domain import seeding
from mockserver.domain.orders.orders import ORDERS, Order
from tests.domain.support.desk import Desk, open_desk
from tests.domain.support.fee_models import by, created, ladder, relative
from tests.domain.support.requests import now, ordered
from tests.lanes import examples

OWN = "XS0000000808"
"""An instrument of the test's own, dealt in parts by amount."""
CENT = Decimal("0.01")
START = Decimal(100_000)

Steps = list[tuple[int, int]]
"""From which amount, which fee in cents or basis points."""


@st.composite
def steps(draw: st.DrawFn, *, rising: bool) -> Steps:
    """Tiers from 0 on; ``rising``: a later one is never cheaper."""
    starts = [0, *sorted(draw(st.sets(st.integers(1, 900), max_size=3)))]
    values = [draw(st.integers(0, 400)) for _ in starts]
    return list(zip(starts, sorted(values) if rising else values, strict=True))


def tiers_of(drawn: Steps, absolute: bool) -> list[dict[str, str]]:
    if absolute:
        return ladder({str(start): f"{fee / 100:.2f}" for start, fee in drawn})
    return relative(*({"base_amount_from": str(start), "fee_bps": str(bps)} for start, bps in drawn))


def fee_of(drawn: Steps, absolute: bool, amount: Decimal) -> Decimal:
    """The fee on one trade of ``amount``, computed here."""
    value = [value for start, value in drawn if start <= amount][-1]
    exact = Decimal(value) / 100 if absolute else amount * value / 10_000
    return exact.quantize(CENT, ROUND_HALF_UP)


def dealt(desk: Desk, order: Order, prices: list[int]) -> Order:
    """Deal the order part by part, each at the next price."""
    for price in prices:
        if now(desk, order).final:
            break
        seeding.price(desk.world, instrument=OWN, bid=Decimal(price), ask=Decimal(price))
        desk.advance("100ms")
    desk.advance("1s")
    return now(desk, order)


PRICES = st.lists(st.integers(60, 140), min_size=6, max_size=6)


def traded(side: str, drawn: Steps, absolute: bool, size: dict[str, str], prices: list[int]) -> tuple[Desk, Order]:
    desk = open_desk(cash=str(START), configured=False)
    desk.instrument(OWN, "100", story="parts-by-amount")
    desk.hold(OWN, "5000")
    model_id = created(desk, tiers_of(drawn, absolute))
    order = dealt(desk, ordered(desk, side=side, instrument_id=OWN, **size, **by(model_id, side)), prices)
    assert order.status == "FILLED"
    return desk, order


def books(desk: Desk, order: Order) -> tuple[Decimal, Decimal]:
    """Gross and fee of all that was dealt; cash, transactions and order agree on them to the cent."""
    rows: list[dict[str, Any]] = desk.told("CASH_TRANSACTION.EXECUTED")
    gross = sum((Decimal(each.cash_amount) for each in order.executions), Decimal(0))
    fee = sum((Decimal(each["amount"]) for row in rows for each in row.get("fees", ())), Decimal(0))
    assert Decimal(order.fee) == fee
    moved = -gross - fee if order.side == "BUY" else gross - fee
    assert sum(Decimal(row["delta"]["amount"]) for row in rows) == moved
    assert Decimal(desk.cash()["balance"]) == START + moved
    assert desk.cash()["locked_for_trading"] == "0"
    assert desk.world.table(ORDERS)[order.id].locked_cash == 0
    return gross, fee


@settings(max_examples=examples(40, heavy=1_000), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(("BUY", "SELL")), steps(rising=True), st.booleans(), st.integers(1, 12), PRICES)
def test_where_later_tiers_are_not_cheaper_parts_cost_what_one_trade_costs(
    side: str, drawn: Steps, absolute: bool, units: int, prices: list[int]
) -> None:
    desk, order = traded(side, drawn, absolute, {"quantity": str(units)}, prices)
    gross, fee = books(desk, order)
    assert fee == fee_of(drawn, absolute, gross)


@settings(max_examples=examples(40, heavy=1_000), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(("BUY", "SELL")), steps(rising=False), st.booleans(), st.integers(1, 12), PRICES)
def test_parts_cost_the_largest_fee_of_the_sums_that_they_reach(
    side: str, drawn: Steps, absolute: bool, units: int, prices: list[int]
) -> None:
    desk, order = traded(side, drawn, absolute, {"quantity": str(units)}, prices)
    gross, fee = books(desk, order)
    sums = accumulate(Decimal(each.cash_amount) for each in order.executions)
    assert fee == max(fee_of(drawn, absolute, each) for each in sums)
    assert fee >= fee_of(drawn, absolute, gross)


@settings(max_examples=examples(40, heavy=1_000), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(("BUY", "SELL")), steps(rising=False), st.booleans(), st.integers(1_000, 99_999), PRICES)
def test_an_order_by_amount_costs_the_fee_of_its_amount_whatever_its_parts(
    side: str, drawn: Steps, absolute: bool, cents: int, prices: list[int]
) -> None:
    amount = Decimal(cents) / 100
    desk, order = traded(side, drawn, absolute, {"cash_amount": f"{amount:.2f}"}, prices)
    gross, fee = books(desk, order)
    assert gross == amount
    assert fee == fee_of(drawn, absolute, amount)
