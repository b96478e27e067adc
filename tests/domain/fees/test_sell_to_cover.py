"""payments.md §10.2: what a fee lacks in cash is sold from the positions of the account."""

from __future__ import annotations

from decimal import Decimal

from mockserver.domain import seeding
from mockserver.domain.orders.orders import ORDERS
from mockserver.domain.orders.trades import EXECUTIONS
from mockserver.kernel.lifecycle import CYCLES
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100
from tests.domain.support.fees import OTHER, books, collect, end, sells, shown

PLACED = ["ORDER.NEW", "POSITION.UPDATED"]
SOLD = [
    "ORDER.PROCESSING",
    "EXECUTION.FILLED",
    "POSITION.UPDATED",
    "CASH_BALANCE.UPDATED",
    "CASH_TRANSACTION.EXECUTED",
    "SECURITY_TRANSACTION.EXECUTED",
    "ORDER.FILLED",
    "POSITION.UPDATED",
]
"""A sell by amount keeps a tenth more units than it needs, and gives them back when it is filled."""
SETTLED = ["EXECUTION.SETTLED", "POSITION.UPDATED", "CASH_BALANCE.UPDATED"]
TAKEN = ["CASH_BALANCE.UPDATED", "CASH_TRANSACTION.EXECUTED", "FEE_COLLECTION.FINALISED"]


def test_the_published_example_event_by_event(open_desk: OpenDesk) -> None:
    """12.41 with 6.50 of cash at a bid of 100: the sell brings 12.41 - 6.50 = 5.91."""
    desk = open_desk(cash="6.50")
    desk.hold(AT_100, "3")
    position = desk.world.events.end
    row = collect(desk)
    assert desk.types_since(position) == ["FEE_COLLECTION.CREATED", "CASH_BALANCE.UPDATED"]
    assert desk.advance() == [*PLACED, *SOLD, *SETTLED, *TAKEN]
    assert end(desk, row) == (
        "FINALISED",
        {"cash_balance": "6.50", "sell_to_cover": "5.91", "total_residual_amount": "0.00"},
    )
    (order,) = sells(desk, row)
    assert (order.side, order.initiation_flow, order.cash_amount) == ("SELL", "SELL_TO_COVER_FEES", "5.91")
    assert (order.client_reference, order.parent, order.user_id) == (row.id, row.id, desk.user_id)
    assert shown(desk, row)["sell_to_cover_orders"] == [{"id": order.id, "residual_amount": "0.00"}]
    assert books(desk) == ("0", "0", "0")
    assert desk.position(AT_100)["quantity"] == "2.9409"  # 3 - 5.91 / 100


def test_its_books_step_by_step(open_desk: OpenDesk) -> None:
    """Unsettled proceeds are reserved and pending: B 12.41, U 5.91, R 12.41, T 0, W -5.91 (§10.1)."""
    desk = open_desk("manual", cash="6.50")
    desk.hold(AT_100, "3")
    row = collect(desk)
    assert books(desk) == ("6.50", "0", "0")
    assert desk.advance() == PLACED
    (order,) = sells(desk, row)
    assert shown(desk, row)["sell_to_cover_orders"] == [{"id": order.id, "residual_amount": "5.91"}]
    desk.move("orders", order.id, "PROCESSING")
    desk.move("orders", order.id, "FILLED")
    assert books(desk) == ("12.41", "0", "-5.91")
    assert desk.cash()["pending_settlement"] == "5.91"
    assert end(desk, row) == ("PROCESSING", {"cash_balance": "6.50", "sell_to_cover": "0"})
    (trade,) = desk.world.table(EXECUTIONS)
    assert desk.move("executions", trade.id, "SETTLED") == SETTLED
    assert desk.advance() == []
    assert books(desk) == ("12.41", "0", "0")
    assert desk.move("fee_collections", row.id, "FINALISED") == TAKEN
    assert books(desk) == ("0", "0", "0")


def test_by_command_all_of_it_happens_at_once(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="6.50")
    desk.hold(AT_100, "3")
    row = collect(desk)
    assert desk.move("fee_collections", row.id, "FINALISED") == [*PLACED, *SOLD, *SETTLED, *TAKEN]
    assert end(desk, row)[0] == "FINALISED"
    desk.advance("1h")
    assert len(sells(desk, row)) == 1


def test_the_sells_of_a_locked_account_wait_and_go_on_when_it_is_unlocked(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="6.50")
    desk.hold(AT_100, "3")
    desk.move("accounts", desk.account_id, "LOCKED")
    row = collect(desk)
    desk.advance("1h")
    assert [order.status for order in sells(desk, row)] == ["NEW"]
    desk.move("accounts", desk.account_id, "ACTIVE")
    assert desk.advance() == [*SOLD, *SETTLED, *TAKEN]


def test_a_group_that_holds_pounds_pays_in_pounds(open_desk: OpenDesk) -> None:
    """5.91 of 12.41 GBP come from what trades in GBP; the larger position trades in EUR."""
    desk = open_desk()
    isa = seeding.account_group(desk.world, user_id=desk.user_id, type="ISA", currency="GBP")
    of = seeding.account(desk.world, account_group_id=isa.id, type="TRADING")
    seeding.cash(desk.world, account_group_id=isa.id, amount=Decimal("6.50"), currency="GBP")
    desk.instrument(OTHER, "10", currency="GBP")
    for isin in (AT_100, OTHER):
        seeding.position(desk.world, account_id=of.id, instrument=isin, quantity=Decimal(3))
    row = collect(desk, account_id=of.id, currency="GBP")
    desk.advance()
    assert [(order.instrument_id, order.currency) for order in sells(desk, row)] == [(OTHER, "GBP")]
    assert end(desk, row)[1]["sell_to_cover"] == "5.91"


def test_in_the_live_profile_it_ends_with_the_settlement(open_desk: OpenDesk) -> None:
    """Tuesday 10 January: a sell settles two business days later, on the 12th."""
    desk = open_desk("live", cash="6.50")
    desk.hold(AT_100, "3")
    row = collect(desk)
    desk.advance("1d")
    assert end(desk, row)[0] == "PROCESSING"
    awaited = CYCLES["fee_collections"].awaited(desk.world, desk.call(*_retrieve(row)))
    (trade,) = desk.world.table(EXECUTIONS)
    assert awaited == (f"execution {trade.id} is not settled yet", f"executions/{trade.id}")
    assert desk.advance("2d") == [*SETTLED, *TAKEN]
    assert shown(desk, row)["updated_at"].startswith("2023-01-12")


def _retrieve(row: object) -> tuple[str, dict[str, str]]:
    return "retrieve_fee_collection", {"fee_collection_id": getattr(row, "id", "")}


def test_a_buy_that_waits_for_cash_does_not_get_the_proceeds(open_desk: OpenDesk) -> None:
    """The buy needs 5 and was there first; it still waits when all is done, and gets what comes in later."""
    desk = open_desk(cash="6.50")
    desk.hold(AT_100, "3")
    row = collect(desk)
    buy = desk.place("BUY", AT_85, amount="5")
    desk.advance()
    assert end(desk, row)[1]["sell_to_cover"] == "5.91"
    assert desk.world.table(ORDERS)[buy.id].status == "NEW"
    desk.fund("5")
    desk.advance()
    assert desk.world.table(ORDERS)[buy.id].status == "FILLED"


def test_a_tax_makes_one_more_order_and_then_ever_smaller_ones(open_desk: OpenDesk) -> None:
    """A tax of 20 %: 10.00 bring 8.00; 2.00 bring 1.60; 0.40 bring 0.32; 0.08 - 0.02; 0.02 - 0.00 (half to even)."""
    desk = open_desk(cash="0")
    desk.instrument(OTHER, "10", sell_tax=Decimal("0.2"))
    desk.hold(OTHER, "50")
    row = collect(desk, "10")
    desk.advance("5s")
    assert [order.cash_amount for order in sells(desk, row)] == ["10", "2", "0.40", "0.08", "0.02"]
    residuals = [item["residual_amount"] for item in shown(desk, row)["sell_to_cover_orders"]]
    assert residuals == ["2.00", "0.40", "0.08", "0.02", "0.00"]
    assert end(desk, row)[1] == {"cash_balance": "0.00", "sell_to_cover": "10.00", "total_residual_amount": "0.00"}


def test_a_position_that_a_tax_takes_whole_is_not_sold_again(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="1")
    desk.instrument(OTHER, "10", sell_tax=Decimal(1))
    desk.hold(OTHER, "50")
    row = collect(desk, "10")
    desk.advance("5s")
    assert len(sells(desk, row)) == 1
    assert end(desk, row)[1] == {"cash_balance": "1.00", "sell_to_cover": "0.00", "total_residual_amount": "9.00"}


def test_on_a_liquidation_nothing_is_sold_for_a_client(open_desk: OpenDesk) -> None:
    """The type is echoed, and cash is all that is taken (§10.1)."""
    desk = open_desk(cash="6.50")
    desk.hold(AT_100, "3")
    row = collect(desk, type="SERVICE_FEE_LIQUIDATION")
    desk.advance()
    assert shown(desk, row)["type"] == "SERVICE_FEE_LIQUIDATION"
    assert end(desk, row) == (
        "FINALISED",
        {"cash_balance": "6.50", "sell_to_cover": "0.00", "total_residual_amount": "5.91"},
    )
    assert sells(desk, row) == []
