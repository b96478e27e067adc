"""Treasury files: what the client receives or pays for the trades and fees of its customers (payments.md §13.3)."""

from __future__ import annotations

import csv
from decimal import Decimal
from hashlib import sha256
from io import StringIO
from typing import Any

import pytest

from mockserver.domain import daily_runs
from mockserver.domain.ledger.transactions import CASH_TRANSACTIONS
from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.reports.settlements import SETTLEMENTS
from mockserver.kernel.operations import Linked
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, Desk

CREATED = "TREASURY_REPORT.CREATED"
ON: dict[str, Any] = {"reports": {"treasury": "days_with_rows"}}


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    """On a Tuesday, with the treasury run due."""
    return open_desk(overrides=ON, running=True)


def fetched(desk: Desk, name: str, redirect: str = "0") -> Linked:
    path = {"folder": "settlement_reports", "file_name": name}
    reply = desk.call("fetching_file_metadata", path, {"redirect": redirect})
    assert isinstance(reply, Linked)
    return reply


def rows(desk: Desk, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(fetched(desk, name).content.decode())))


def told(desk: Desk) -> list[tuple[str, str, str, str, str]]:
    """Of each treasury report: day, type, direction, amount and name."""
    members = ("report_date", "type", "direction", "settlement_amount", "filename")
    return [tuple(row[name] for name in members) for row in desk.told(CREATED)]


def test_a_net_buy_is_paid_one_trading_day_later(desk: Desk) -> None:
    desk.place("BUY", AT_100, quantity="2")
    desk.advance("7d")
    assert told(desk) == [("2023-01-11", "TRADING", "OUTGOING", "200.00", "trading_buy_11012023.csv")]
    event = next(event for event in desk.world.events if event.type == CREATED)
    assert event.created_at.isoformat() == "2023-01-11T09:00:00+00:00"


def test_a_net_sell_is_received_two_trading_days_later(desk: Desk) -> None:
    desk.hold(AT_100, "5")
    desk.place("BUY", AT_100, quantity="1")
    desk.place("SELL", AT_100, quantity="3")
    desk.advance("7d")
    assert told(desk) == [("2023-01-12", "TRADING", "INCOMING", "200.00", "trading_sell_12012023.csv")]
    assert [row["settlement_amount"] for row in rows(desk, "trading_sell_12012023.csv")] == ["-100.00", "300.00"]


def test_trades_that_net_to_nothing_are_told_as_well(desk: Desk) -> None:
    desk.hold(AT_100, "5")
    desk.place("BUY", AT_100, quantity="1")
    desk.place("SELL", AT_100, quantity="1")
    desk.advance("7d")
    assert [row[1:4] for row in told(desk)] == [("TRADING", "NA", "0.00")]


def test_a_friday_is_followed_by_a_monday(desk: Desk) -> None:
    desk.advance("3d")  # Friday 13
    desk.place("BUY", AT_100, quantity="1")
    desk.advance("7d")
    assert [row[0] for row in told(desk)] == ["2023-01-16"]


def test_the_columns_of_a_trade(desk: Desk) -> None:
    order = desk.place("BUY", AT_100, quantity="2")
    desk.advance("7d")
    (execution,) = desk.call("retrieve_order", {"order_id": order.id}).executions
    (row,) = rows(desk, "trading_buy_11012023.csv")
    assert row == {
        "order_execution_id": execution.id,
        "order_id": order.id,
        "transaction_date": "2023-01-10T00:00:00Z",
        "tax_amount": "0.00",
        "settlement_amount": "-200.00",
        "gross_amount": "-200.00",
        "instrument": AT_100,
        "currency": "EUR",
        "instrument_id": execution.instrument.id,
    }


def test_the_tax_of_a_buy_is_settled_with_it_and_that_of_a_sell_apart(desk: Desk) -> None:
    taxed = desk.instrument("FR0000120271", "100", buy_tax=Decimal("0.003"), sell_tax=Decimal("0.25"))
    desk.place("BUY", taxed, quantity="10")
    desk.advance("1h")
    desk.place("SELL", taxed, quantity="2")
    desk.advance("7d")
    # a buy of 1000 with 3.00 of tax, a sell of 200 before 50.00 of tax: net 803
    assert [(row[1], row[2], row[3]) for row in told(desk)] == [
        ("TRADING", "OUTGOING", "803.00"),
        ("TAX", "OUTGOING", "50.00"),
    ]
    trades = rows(desk, "trading_buy_11012023.csv")
    assert [(row["tax_amount"], row["settlement_amount"]) for row in trades] == [
        ("3.00", "-1003.00"),
        ("50.00", "200.00"),
    ]
    (tax,) = rows(desk, "post_processing_tax_11012023.csv")
    assert (tax["transaction_type"], tax["tax_amount"], tax["tax_type"]) == (
        "OrderExecution",
        "50.00",
        "TAX_TYPE_CAPITAL_GAINS_TAX",
    )


def test_a_fee_collection_is_received(desk: Desk) -> None:
    body = {
        "account_id": desk.account_id,
        "type": "SERVICE_FEE",
        "collection_amount": "10.00",
        "currency": "EUR",
        "period_start": "2022-12-01",
        "period_end": "2022-12-31",
    }
    collection = desk.call("create_fee_collection", body=body)
    desk.advance("7d")
    assert told(desk) == [("2023-01-11", "FEE", "INCOMING", "10.00", "fee_payable_11012023.csv")]
    (row,) = rows(desk, "fee_payable_11012023.csv")
    assert (row["fee_collection_id"], row["settlement_amount"]) == (collection.id, "10.00")


def test_a_mistrade_is_a_row_with_the_opposite_sign_of_its_own_day(desk: Desk) -> None:
    order = desk.place("BUY", AT_100, quantity="2")
    desk.advance("1d")
    (execution,) = desk.call("retrieve_order", {"order_id": order.id}).executions
    desk.move("executions", execution.id, "CANCELLED")
    desk.advance("7d")
    assert [(row[0], row[2], row[3]) for row in told(desk)] == [
        ("2023-01-11", "OUTGOING", "200.00"),
        ("2023-01-13", "INCOMING", "200.00"),
    ]


def test_a_second_file_of_a_day_has_a_number(desk: Desk) -> None:
    desk.hold(AT_100, "5")
    for side in ("BUY", "SELL"):  # Tuesday nets to nothing: due on Thursday
        desk.place(side, AT_100, quantity="1")
    desk.advance("1d")
    desk.place("BUY", AT_100, quantity="1")  # Wednesday: due on Thursday, too
    desk.advance("2d")
    assert [row[4] for row in told(desk)] == ["trading_buy_12012023.csv", "trading_buy_12012023_2.csv"]


def test_the_run_by_command_makes_what_is_due_and_nothing_twice(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=ON)  # without standing runs
    desk.place("BUY", AT_100, quantity="1")
    desk.advance("1h")
    daily_runs.RUNS["treasury"](desk.world)  # the trading day is not over
    assert told(desk) == []
    desk.advance("1d")
    for _ in range(2):
        daily_runs.RUNS["treasury"](desk.world)
    assert [row[4] for row in told(desk)] == ["trading_buy_11012023.csv"]


@pytest.mark.parametrize(("form", "name"), [("DDMMYYYY", "11012023"), ("MMDDYYYY", "01112023")])
def test_the_form_of_the_date_is_a_setting(open_desk: OpenDesk, form: str, name: str) -> None:
    overrides = {"reports": {"treasury": "days_with_rows", "file_date": form}}
    desk = open_desk(overrides=overrides, running=True)
    desk.place("BUY", AT_100, quantity="1")
    desk.advance("2d")
    assert [row[4] for row in told(desk)] == [f"trading_buy_{name}.csv"]


def test_daily_files_come_on_trading_days_without_rows_too(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"reports": {"treasury": "daily"}}, running=True)
    desk.advance("7d")  # Wednesday to Friday, Monday and Tuesday
    assert [(row[2], row[3]) for row in told(desk)] == [("NA", "0.00")] * 5


def test_off_keeps_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk(running=True)
    desk.place("BUY", AT_100, quantity="1")
    desk.advance("7d")
    assert told(desk) == []
    assert len(desk.world.table(SETTLEMENTS)) == 0


def test_a_file_is_described_by_its_length_and_checksum(desk: Desk) -> None:
    desk.place("BUY", AT_100, quantity="1")
    desk.advance("2d")
    linked = fetched(desk, "trading_buy_11012023.csv")
    shown: Any = linked.show("https://example.com/a")
    assert (shown.content_length, shown.checksum) == (len(linked.content), sha256(linked.content).hexdigest())
    assert (shown.signed_url, linked.redirect) == ("https://example.com/a", False)
    assert fetched(desk, "trading_buy_11012023.csv", redirect="1").redirect


@pytest.mark.parametrize("folder", ["settlement_reports", "elsewhere"])
def test_unknown_files_are_refused(desk: Desk, folder: str) -> None:
    path = {"folder": folder, "file_name": "trading_buy_11012023.csv"}
    assert desk.refused("fetching_file_metadata", path).rule is UNKNOWN


def test_a_month_of_trades_sums_to_the_cash_that_they_moved(desk: Desk) -> None:
    """Every trade in one file, every file its event's amount; together what the cash transactions say."""
    taxed = desk.instrument("FR0000120271", "100", buy_tax=Decimal("0.003"), sell_tax=Decimal("0.25"))
    for day in range(20):
        desk.place("BUY", (AT_100, AT_85, taxed)[day % 3], amount="123.45")
        desk.advance("1h")
        if day % 2:
            desk.place("SELL", (AT_100, taxed)[day % 4 // 2], amount="31.07")
        desk.advance("23h")
    desk.advance("7d")
    moved = sum(Decimal(row.delta.amount) for row in desk.world.table(CASH_TRANSACTIONS))
    files = desk.told(CREATED)
    kinds = {file["type"] for file in files}
    assert kinds == {"TRADING", "TAX"}
    trades = taxes = Decimal(0)
    seen: list[str] = []
    for file in files:
        of_file = rows(desk, file["filename"])
        if file["type"] == "TRADING":
            sums = sum(Decimal(row["settlement_amount"]) for row in of_file)
            trades += sums
            seen += [row["order_execution_id"] for row in of_file]
        else:
            sums = sum(Decimal(row["tax_amount"]) for row in of_file)
            taxes += sums
        assert abs(sums) == Decimal(file["settlement_amount"])
    assert trades - taxes == moved
    assert len(seen) == len(set(seen)) == len(desk.world.table(CASH_TRANSACTIONS))
