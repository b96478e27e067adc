"""Who waits for cash: orders for what can be traded, money out for what can be withdrawn (payments.md §2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain.ledger.cash import book, cash
from mockserver.kernel.lifecycle import CYCLES, Hold, LifeCycle, Row
from mockserver.kernel.record import Record
from mockserver.kernel.stages import STAGES, Stage
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, Desk


@dataclass(frozen=True)
class Payout(Record):
    """Money out of the test's own: it takes its amount as soon as that can be withdrawn."""

    id: str
    account_group_id: str
    amount: Decimal
    status: str = "NEW"
    updated_at: datetime | None = None


PAYOUTS: Kind[Payout] = Kind("payouts_of_test")


@pytest.fixture(scope="module", autouse=True)
def life() -> Iterator[LifeCycle[Payout]]:
    """The life cycle of payouts; what it registers goes with the module, after each test's books are checked."""
    rows = [Row(None, "NEW", None, "made", "made up"), Row("NEW", "PAID", None, "paid", "made up")]
    life = LifeCycle(PAYOUTS, rows)
    Stage("payout_of_test.pay", life, "NEW", "PAID")

    @life.does("NEW", "PAID")
    def pay(world: World, payout: Payout) -> None:
        held = cash(world, payout.account_group_id, "EUR")
        if held.for_withdrawal < payout.amount:
            raise Hold("not enough to withdraw", topic=held.withdrawal_topic)
        life.move(world, payout, "PAID", "paid")
        book(world, payout.account_group_id, "EUR", balance=payout.amount.copy_negate())

    yield life
    del CYCLES[PAYOUTS.name], STAGES["payout_of_test.pay"]


def pay_out(desk: Desk, life: LifeCycle[Payout], name: str, amount: str) -> None:
    life.enter(desk.world, Payout(name, desk.group_id, Decimal(amount)), "test")
    desk.advance()


def paid(desk: Desk) -> list[str]:
    """The payouts that are paid, in the order in which that happened."""
    return [moved.id for moved in desk.world.moves if moved.to == "PAID"]


def waits(desk: Desk) -> list[str]:
    return [payout.id for payout in desk.world.table(PAYOUTS) if payout.status == "NEW"]


def change(desk: Desk, **amounts: int) -> None:
    given: dict[str, Any] = {name: Decimal(amount) for name, amount in amounts.items()}
    book(desk.world, desk.group_id, "EUR", **given)
    desk.advance()


def test_a_settlement_wakes_money_out_though_no_more_can_be_traded(
    open_desk: OpenDesk, life: LifeCycle[Payout]
) -> None:
    desk = open_desk(cash="0")
    change(desk, balance=100, pending=100)  # a sell is filled
    pay_out(desk, life, "late", "100")
    assert waits(desk) == ["late"]
    change(desk, pending=-100)  # it settles
    assert paid(desk) == ["late"]


def test_proceeds_that_are_pending_wake_nobody_who_waits_to_withdraw(
    open_desk: OpenDesk, life: LifeCycle[Payout]
) -> None:
    desk = open_desk(cash="0")
    pay_out(desk, life, "early", "100")
    change(desk, balance=100, pending=100)
    assert waits(desk) == ["early"]
    change(desk, pending=-100)
    assert paid(desk) == ["early"]


@pytest.mark.parametrize(
    "more",
    [{"balance": 100}, {"locked": -100}, {"reserved": -100}, {"pending": -100}],
    ids=lambda more: next(iter(more)),
)
def test_whatever_raises_what_can_be_withdrawn_wakes_money_out(
    open_desk: OpenDesk, life: LifeCycle[Payout], more: dict[str, int]
) -> None:
    desk = open_desk(cash="0")
    change(desk, balance=300, locked=100, pending=100, reserved=100)
    pay_out(desk, life, "out", "100")
    assert waits(desk) == ["out"]
    change(desk, **more)
    assert paid(desk) == ["out"]
    row = cash(desk.world, desk.group_id, "EUR")  # no order locked, no execution awaits this: clear it
    book(
        desk.world,
        desk.group_id,
        "EUR",
        balance=row.balance.copy_negate(),
        locked=row.locked.copy_negate(),
        pending=row.pending.copy_negate(),
        reserved=row.reserved.copy_negate(),
    )


def test_waiters_of_all_kinds_are_served_by_arrival(open_desk: OpenDesk, life: LifeCycle[Payout]) -> None:
    desk = open_desk(cash="0")
    pay_out(desk, life, "first", "60")
    order = desk.place("BUY", AT_85, amount="60")
    desk.advance()
    pay_out(desk, life, "third", "60")
    change(desk, balance=120)
    assert paid(desk) == ["first"]
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"
    assert waits(desk) == ["third"]


def test_one_that_does_not_fit_is_passed_over_and_keeps_its_place(open_desk: OpenDesk, life: LifeCycle[Payout]) -> None:
    desk = open_desk(cash="0")
    pay_out(desk, life, "large", "100")
    pay_out(desk, life, "small", "30")
    pay_out(desk, life, "other", "100")
    change(desk, balance=50)  # 50: only the small one fits, 20 are left
    assert paid(desk) == ["small"]
    change(desk, balance=80)  # 100: the large one came before the other
    assert paid(desk) == ["small", "large"]
    assert waits(desk) == ["other"]


def test_an_order_that_looked_because_of_a_price_keeps_its_place(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    isin = desk.instrument("DE0000000009", "10")
    first = desk.place("BUY", isin, amount="100")
    desk.advance()
    second = desk.place("BUY", AT_85, amount="100")
    desk.advance()
    desk.instrument(isin, "11")  # the first looks again, and waits on
    desk.advance()
    desk.fund("100")
    desk.advance()
    statuses = [desk.call("retrieve_order", {"order_id": each.id}).status for each in (first, second)]
    assert statuses == ["FILLED", "NEW"]
