"""Larger orders follow their single orders, whatever their states are called.

The larger order here is made up, with the states of a fee collection that sells to cover: under way at once, and with
nothing between that and its end. Those of portfolio orders and liquidations are tested with their families.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.instruments.instruments import find
from mockserver.domain.orders.orders import ORDERS, Order, place
from mockserver.domain.orders.parents import PARENTS, Parent
from mockserver.domain.portfolios.orders import PORTFOLIO_ORDER_LIFE
from mockserver.kernel.actions import ACTIONS
from mockserver.kernel.lifecycle import CYCLES, LifeCycle, Row
from mockserver.kernel.record import Record
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.orders import OrderInitiationFlow, OrderSide
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, IN_PARTS, Desk


@dataclass(frozen=True)
class Cover(Record):
    """A larger order of the test's own: it sells two units of an instrument, each by an order."""

    id: str
    account_id: str
    isin: str
    sold: tuple[tuple[str, str], ...] = ()
    status: str = "PROCESSING"
    updated_at: datetime | None = None


COVERS: Kind[Cover] = Kind("covers_of_test")


def start(world: World, cover: Cover) -> None:
    instrument = find(world, cover.isin)
    assert instrument is not None
    for _ in range(2):
        place(
            world,
            of=world.table(ACCOUNTS)[cover.account_id],
            instrument=instrument,
            side=OrderSide.SELL,
            flow=OrderInitiationFlow.SELL_TO_COVER_FEES,
            quantity=Decimal(1),
            parent=cover.id,
        )


def show(cover: Cover, orders: list[Order]) -> Cover:
    return replace(cover, sold=tuple((row.id, str(row.status)) for row in orders))


def advance(world: World, cover: Cover, orders: list[Order]) -> None:
    if not any(row.status == "FILLED" for row in orders):
        CYCLES[COVERS.name].move(world, cover, "CANCELLED", "nothing was sold")


@pytest.fixture(scope="module", autouse=True)
def covers() -> Iterator[LifeCycle[Cover]]:
    rows = [
        Row(None, "PROCESSING", None, "made", "made up"),
        Row("PROCESSING", "FINALISED", None, "the proceeds are settled", "made up"),
        Row("PROCESSING", "CANCELLED", None, "nothing was sold", "made up"),
    ]
    life = LifeCycle(COVERS, rows)
    Parent(
        name="cover_of_test",
        cycle=life,
        start=start,
        show=show,
        advance=advance,
        when_settled="the proceeds are settled",
        new=None,
        filled="PROCESSING",
        settled="FINALISED",
    )
    yield life
    del CYCLES[COVERS.name], PARENTS[COVERS.name], ACTIONS["cover_of_test.settle"]


def sell(desk: Desk, life: LifeCycle[Cover], isin: str) -> Cover:
    desk.hold(isin, "5")
    desk.world.undo.clear()
    cover = life.enter(desk.world, Cover("cover", desk.account_id, isin), "test")
    start(desk.world, cover)
    return cover


def now(desk: Desk) -> Cover:
    return desk.world.table(COVERS)["cover"]


def test_it_shows_its_orders_and_ends_with_the_last_settlement(open_desk: OpenDesk, covers: LifeCycle[Cover]) -> None:
    desk = open_desk()
    sell(desk, covers, AT_100)
    desk.advance()
    assert now(desk).status == "FINALISED"
    assert now(desk).sold == tuple((row.id, "FILLED") for row in desk.world.table(ORDERS))


def test_it_is_under_way_until_all_that_was_sold_is_settled(open_desk: OpenDesk, covers: LifeCycle[Cover]) -> None:
    desk = open_desk("live")
    sell(desk, covers, AT_100)
    desk.advance("1h")
    assert now(desk).status == "PROCESSING"
    assert [state for _, state in now(desk).sold] == ["FILLED", "FILLED"]
    awaited = covers.awaited(desk.world, now(desk))
    assert awaited is not None
    assert "is not settled yet" in awaited.reason
    desk.advance("5d")
    assert now(desk).status == "FINALISED"


def test_an_order_that_is_still_open_keeps_it_under_way(open_desk: OpenDesk, covers: LifeCycle[Cover]) -> None:
    """One order is filled and settled, the other has not begun."""
    desk = open_desk("manual")
    sell(desk, covers, AT_100)
    first, second = desk.world.table(ORDERS)
    for state in ("PROCESSING", "FILLED"):
        desk.move("orders", first.id, state)
    (execution,) = desk.world.table(ORDERS)[first.id].executions
    desk.move("executions", execution.id, "SETTLED")
    desk.advance("1d")
    assert now(desk).status == "PROCESSING"
    awaited = covers.awaited(desk.world, now(desk))
    assert awaited is not None
    assert awaited == (f"1 of its 2 orders are open: order {second.id} is NEW", f"orders/{second.id}")


def test_it_ends_in_its_own_way_when_nothing_was_executed(open_desk: OpenDesk, covers: LifeCycle[Cover]) -> None:
    desk = open_desk("manual")
    sell(desk, covers, AT_100)
    for order in list(desk.world.table(ORDERS)):
        desk.move("orders", order.id, "CANCELLED")
    assert now(desk).status == "CANCELLED"


@pytest.mark.parametrize("isin", [AT_100, IN_PARTS])
def test_by_command_it_is_executed_and_settled_whole(open_desk: OpenDesk, covers: LifeCycle[Cover], isin: str) -> None:
    desk = open_desk("manual")
    sell(desk, covers, isin)
    desk.move(COVERS.name, "cover", "FINALISED")
    assert now(desk).status == "FINALISED"
    executions: list[Any] = [each for row in desk.world.table(ORDERS) for each in row.executions]
    assert {each.status for each in executions} == {"SETTLED"}


def test_an_order_without_a_larger_one_moves_none(open_desk: OpenDesk, covers: LifeCycle[Cover]) -> None:
    desk = open_desk("manual")
    cover = sell(desk, covers, AT_100)
    alone = desk.place("SELL", AT_100, quantity="1")
    desk.move("orders", alone.id, "PROCESSING")
    assert now(desk) == cover


def test_a_second_kind_of_larger_order_of_one_resource_is_refused() -> None:
    with pytest.raises(ValueError, match="portfolio_orders is a larger order already"):
        Parent[Any](name="other", cycle=PORTFOLIO_ORDER_LIFE, start=start, show=show, advance=advance, when_settled="")
    assert "other.settle" not in ACTIONS
