"""Treasury files of corporate actions, taxes apart from trades, and transaction fees (payments.md §13.3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.corporate_actions.actions import ACTIONS
from mockserver.domain.ledger.transactions import CASH_TRANSACTIONS
from mockserver.domain.orders.orders import ORDERS
from mockserver.domain.reports.treasury_files import COLUMNS
from mockserver.domain.tax_collections.refunds import refund
from mockserver.models.reports import TreasuryReportType
from tests.domain.conftest import OpenDesk
from tests.domain.orders.test_fees import fee
from tests.domain.reports.test_document import read, text
from tests.domain.reports.test_treasury import ON, rows, told
from tests.domain.support import actions, tax_collections
from tests.domain.support.desk import AT_100, Desk
from tests.domain.support.exemptions import settle_in_germany


def opened(open_desk: OpenDesk, **others: Any) -> Desk:
    return open_desk(overrides={**ON, **others}, running=True)


def refunded(desk: Desk, amount: str) -> str:
    """Refund a tax by command; the id of its tax transaction."""
    desk.world.undo.clear()
    row = refund(desk.world, desk.world.table(ACCOUNT_GROUPS)[desk.group_id], Decimal(amount))
    return row.references[0].id


def test_every_type_of_the_contract_has_its_columns() -> None:
    assert set(COLUMNS) == set(TreasuryReportType)


def test_a_dividend_is_received_less_its_tax(open_desk: OpenDesk) -> None:
    """10 x 1.25 = 12.50, a quarter of it half-even 3.12: 9.38. Paid on Monday the 16th, announced on Tuesday."""
    desk = opened(open_desk, taxes={"dividends": "0.25"})
    settle_in_germany(desk)
    desk.hold(AT_100, "10")
    action = actions.dividend(desk)
    desk.advance("9d")
    assert told(desk) == [("2023-01-17", "CORPORATE_ACTION", "INCOMING", "9.38", "incoming_ca_17012023.csv")]
    (transaction,) = desk.told("CASH_TRANSACTION.EXECUTED")
    assert rows(desk, "incoming_ca_17012023.csv") == [
        {
            "corporate_action_transaction_id": transaction["references"][0]["id"],
            "transaction_date": "2023-01-16T00:00:00Z",
            "tax_amount": "3.12",
            "settlement_amount": "9.38",
            "gross_amount": "12.50",
            "instrument": AT_100,
            "currency": "EUR",
            "type": "CASH_DIVIDEND",
            "payment_date": "2023-01-16T00:00:00Z",
            "settlement_date": "2023-01-16T00:00:00Z",
            "instrument_id": desk.world.table(ACTIONS)[action.id].instrument_id,
        }
    ]


def test_more_than_an_event_can_say_is_more_than_one_file(open_desk: OpenDesk) -> None:
    """Two buys of 600,000,000 are 1,200,000,000; an amount has nine digits. A third of 300,000,000 fits the second."""
    desk = open_desk(overrides=ON, running=True, cash="2000000000")
    for amount in ("600000000", "600000000", "300000000"):
        desk.place("BUY", AT_100, amount=amount)
    desk.advance("2d")
    assert [row[3:] for row in told(desk)] == [
        ("600000000.00", "trading_buy_11012023.csv"),
        ("900000000.00", "trading_buy_11012023_2.csv"),
    ]
    assert [len(rows(desk, row[4])) for row in told(desk)] == [1, 2]


def test_a_split_without_cash_makes_no_file(open_desk: OpenDesk) -> None:
    desk = opened(open_desk)
    desk.hold(AT_100, "10")
    actions.split(desk)
    desk.advance("9d")
    assert told(desk) == []


def test_cash_that_an_action_takes_is_paid(open_desk: OpenDesk) -> None:
    desk = opened(open_desk)
    action = actions.announced(desk, iso_type="TEND")
    desk.move("corporate_actions", action.id, "CONFIRMED")
    paid = {"account_id": desk.account_id, "cash": "-40", "units": "1"}
    desk.move("corporate_actions", action.id, "BOOKED", bookings=[paid])
    desk.advance("2d")
    assert [row[1:4] for row in told(desk)] == [("CORPORATE_ACTION", "OUTGOING", "40.00")]


def test_a_tax_that_is_collected_is_payable(open_desk: OpenDesk) -> None:
    desk = opened(open_desk)
    row = tax_collections.owed(desk, "12.41")
    desk.advance("2d")
    name = "tax_adjustment_payable_11012023.csv"
    assert told(desk) == [("2023-01-11", "TAX_ADJUSTMENT_PAYABLE", "OUTGOING", "12.41", name)]
    assert rows(desk, name) == [
        {
            "tax_transaction_id": row.id,
            "settlement_amount": "-12.41",
            "currency": "EUR",
            "transaction_date": "2023-01-10T00:00:00Z",
        }
    ]


def test_only_what_was_taken_is_payable(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=ON, running=True, cash="5")
    tax_collections.owed(desk, "12.41")
    desk.advance("2d")
    assert [row[1:4] for row in told(desk)] == [("TAX_ADJUSTMENT_PAYABLE", "OUTGOING", "5.00")]


def test_a_tax_refund_is_receivable_and_reported(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"reports": {"treasury": "days_with_rows", "made": "on"}}, running=True)
    identity = refunded(desk, "3.10")
    desk.advance("2d")
    name = "tax_adjustment_receivable_11012023.csv"
    assert told(desk) == [("2023-01-11", "TAX_ADJUSTMENT_RECEIVABLE", "INCOMING", "3.10", name)]
    assert rows(desk, name)[0]["tax_transaction_id"] == identity
    assert desk.cash()["balance"] == "10003.10"
    (transaction,) = desk.told("CASH_TRANSACTION.EXECUTED")
    assert (transaction["type"], transaction["delta"]["amount"]) == ("TAX_REFUND", "3.10")
    assert transaction["references"] == [{"id": identity, "type": "TAX_TRANSACTION"}]
    (report,) = desk.told("REPORT.CREATED")
    assert (report["type"], "data" in report) == ("TAX_REFUND", False)
    assert "3.10 EUR" in text(read(desk, report["id"]))


def with_a_fee(desk: Desk) -> tuple[str, str]:
    """A buy of 200 of which Upvest takes 2.00; its order and its execution."""
    order = desk.place("BUY", AT_100, quantity="2")
    desk.world.table(ORDERS).put(order.evolve(fee_configuration=(fee("2.00"),)))
    desk.advance("1h")
    (execution,) = desk.call("retrieve_order", {"order_id": order.id}).executions
    return order.id, execution.id


@pytest.mark.parametrize(
    ("cash_model", "types"),
    [
        ("any", ["TRADING", "TRANSACTION_FEE"]),
        ("post_trade", ["TRADING"]),
        ("prefunded", ["TRANSACTION_FEE"]),
    ],
)
def test_who_funds_in_advance_settles_fees_and_who_does_not_settles_trades(
    open_desk: OpenDesk, cash_model: str, types: list[str]
) -> None:
    desk = opened(open_desk, payments={"cash_model": cash_model})
    with_a_fee(desk)
    desk.advance("2d")
    assert [row[1] for row in told(desk)] == types


def test_the_columns_of_a_transaction_fee(open_desk: OpenDesk) -> None:
    desk = opened(open_desk, payments={"cash_model": "prefunded"})
    order_id, execution_id = with_a_fee(desk)
    desk.advance("2d")
    name = "transaction_fee_execution_2023-01-11.csv"
    assert told(desk) == [("2023-01-11", "TRANSACTION_FEE", "INCOMING", "2.00", name)]
    assert rows(desk, name) == [
        {
            "transaction_fee_execution_id": execution_id,
            "order_id": order_id,
            "order_execution_id": execution_id,
            "settlement_amount": "2.00",
            "currency": "EUR",
            "transaction_date": "2023-01-10T00:00:00Z",
        }
    ]


def test_a_mistrade_turns_the_direction_of_its_fee(open_desk: OpenDesk) -> None:
    desk = opened(open_desk, payments={"cash_model": "prefunded"})
    _, execution_id = with_a_fee(desk)
    desk.advance("1d")
    desk.move("executions", execution_id, "CANCELLED")
    desk.advance("5d")
    assert [row[2:4] for row in told(desk) if row[1] == "TRANSACTION_FEE"] == [
        ("INCOMING", "2.00"),
        ("OUTGOING", "2.00"),
    ]


def test_all_files_of_a_month_sum_to_the_cash_that_moved(open_desk: OpenDesk) -> None:
    """INCOMING less OUTGOING of all events is what the customers' cash moved, fees of the client's own on its side.

    A fee leaves the customer and reaches the client, so it counts with the opposite sign.
    """
    desk = opened(open_desk, taxes={"dividends": "0.25", "sells": "0.1"})
    settle_in_germany(desk)
    desk.hold(AT_100, "10")
    actions.dividend(desk)
    with_a_fee(desk)
    desk.place("SELL", AT_100, quantity="3")
    tax_collections.owed(desk, "7.77")
    refunded(desk, "1.11")
    desk.advance("30d")
    moved = sum(Decimal(row.delta.amount) for row in desk.world.table(CASH_TRANSACTIONS))
    sums: dict[str, Decimal] = {}
    for _, type_, direction, amount, _ in told(desk):
        signed = {"INCOMING": 1, "OUTGOING": -1, "NA": 0}[direction] * Decimal(amount)
        sums[type_] = sums.get(type_, Decimal(0)) + signed
    fees = sums.pop("TRANSACTION_FEE")
    assert (sum(sums.values()) - fees, len(sums)) == (moved, 5)
