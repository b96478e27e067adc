"""Reports of a year: fees, taxes and income are the sums of what was told (payments.md §13.1)."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.daily_runs import RUNS
from mockserver.domain.ledger import cash as ledger
from mockserver.domain.orders.orders import ORDERS
from mockserver.domain.reports.bookings import Bookings
from mockserver.domain.reports.records import REPORTS, ReportRecord
from mockserver.domain.tax_collections.collections import collect
from mockserver.kernel.report_settings import ANNUAL
from tests.domain.conftest import OpenDesk
from tests.domain.orders.test_fees import fee
from tests.domain.reports.test_document import read, text
from tests.domain.reports.test_statements import CREATED, until
from tests.domain.support import actions, companies, tax_collections
from tests.domain.support.desk import AT_100, Desk
from tests.domain.support.exemptions import settle_in_germany

ON: dict[str, Any] = {"reports": {"made": "all"}, "taxes": {"dividends": "0.25", "sells": "0.1"}}
NEW_YEAR = datetime(2024, 1, 1, 6, tzinfo=UTC)


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    return open_desk(overrides=ON, running=True)


def annual(desk: Desk) -> dict[str, ReportRecord]:
    return {row.type: row for row in desk.world.table(REPORTS) if row.type in ANNUAL}


def of(record: ReportRecord) -> Bookings:
    assert isinstance(record.subject, Bookings)
    return record.subject


def a_year(desk: Desk) -> None:
    """A buy of 5 with a fee of 2.00, a sell of 2, a dividend on 10, a fee and a tax that are collected."""
    settle_in_germany(desk)
    order = desk.place("BUY", AT_100, quantity="5")
    desk.world.table(ORDERS).put(order.evolve(fee_configuration=(fee("2.00"),)))
    desk.hold(AT_100, "10")
    actions.dividend(desk)
    desk.advance("7d")
    desk.place("SELL", AT_100, quantity="2")
    body = {
        "account_id": desk.account_id,
        "type": "SERVICE_FEE",
        "collection_amount": "10.00",
        "currency": "EUR",
        "period_start": "2022-12-01",
        "period_end": "2022-12-31",
    }
    desk.call("create_fee_collection", body=body)
    desk.advance("1d")
    tax_collections.owed(desk, "7.77")


def test_a_year_of_fees_taxes_and_income(desk: Desk) -> None:
    a_year(desk)
    until(desk, NEW_YEAR)
    made = annual(desk)
    assert list(made) == list(ANNUAL)
    # the transaction fee of the buy, and the fee that was collected
    fees = of(made["EX_POST_COST"]).fees()
    assert fees == {("Transaction fees", "EUR"): Decimal("2.00"), ("Fee collections", "EUR"): Decimal("10.00")}
    # A quarter of 15 x 1.25 = 18.75 is 4.6875, half-even 4.69; a tenth of the 200 that the sell brought; 7.77 apart
    taxes = of(made["ANNUAL_TAX_STATEMENT"]).taxes()
    assert taxes == {("Capital gains", "EUR"): Decimal("24.69"), ("Tax payments", "EUR"): Decimal("7.77")}
    assert of(made["ANNUAL_INCOME_STATEMENT"]).income() == {(f"Cash dividend {AT_100}", "EUR"): Decimal("18.75")}
    assert "12 EUR" in text(read(desk, made["EX_POST_COST"].id))
    assert "32.46 EUR" in text(read(desk, made["ANNUAL_TAX_STATEMENT"].id))


def test_the_figures_are_the_sums_of_the_events(desk: Desk) -> None:
    a_year(desk)
    until(desk, NEW_YEAR)
    told: dict[str, Decimal] = defaultdict(Decimal)
    for row in desk.told("CASH_TRANSACTION.EXECUTED"):
        told["fees"] += sum(Decimal(fee["amount"]) for fee in row.get("fees", []))
        told["taxes"] += sum(Decimal(tax["amount"]) for tax in row["taxes"])
        if row["type"] == "FEE_COLLECTION":
            told["fees"] -= Decimal(row["delta"]["amount"])
        if row["type"] == "TAX_PAYMENT":
            told["taxes"] -= Decimal(row["delta"]["amount"])
    made = annual(desk)
    assert sum(of(made["EX_POST_COST"]).fees().values()) == told["fees"] > 0
    assert sum(of(made["ANNUAL_TAX_STATEMENT"]).taxes().values()) == told["taxes"] > 0


def test_they_belong_to_the_holder_and_name_no_account(desk: Desk) -> None:
    a_year(desk)
    until(desk, NEW_YEAR)
    told = [row for row in desk.told(CREATED) if row["type"] in ANNUAL]
    assert [(row["user_id"], row["created_at"], "data" in row) for row in told] == [
        (desk.user_id, "2024-01-01T06:00:00Z", False)
    ] * 3


def test_what_was_booked_in_the_new_year_is_of_the_next(desk: Desk) -> None:
    a_year(desk)
    until(desk, datetime(2024, 1, 1, 3, tzinfo=UTC))
    tax_collections.owed(desk, "1.11")
    until(desk, datetime(2025, 1, 2, tzinfo=UTC))
    taxes = [of(row).taxes() for row in desk.world.table(REPORTS) if row.type == "ANNUAL_TAX_STATEMENT"]
    assert [each["Tax payments", "EUR"] for each in taxes] == [Decimal("7.77"), Decimal("1.11")]


def test_a_mistrade_gives_its_fee_back(desk: Desk) -> None:
    a_year(desk)
    executed = next(row for row in desk.told("EXECUTION.SETTLED"))
    desk.move("executions", executed["id"], "CANCELLED")
    until(desk, NEW_YEAR)
    assert of(annual(desk)["EX_POST_COST"]).fees()["Transaction fees", "EUR"] == 0


def test_nobody_without_a_figure_has_one(desk: Desk) -> None:
    desk.place("BUY", AT_100, quantity="1")  # neither fee nor tax
    until(desk, NEW_YEAR)
    assert annual(desk) == {}


def test_a_company_has_its_own(desk: Desk) -> None:
    business_id = companies.onboarded(desk)
    group_id = companies.open_group(desk, business_id)
    companies.open_account(desk, business_id, group_id)
    group = desk.world.table(ACCOUNT_GROUPS)[group_id]
    desk.world.undo.clear()
    ledger.book(desk.world, group_id, "EUR", balance=Decimal(50))
    collect(desk.world, group, Decimal("3.00"))
    until(desk, NEW_YEAR)
    assert annual(desk)["ANNUAL_TAX_STATEMENT"].holder.member == {"business_id": business_id}


@pytest.mark.parametrize(
    ("made", "types"),
    [("on", []), ("all", list(ANNUAL)), (["EX_POST_COST"], ["EX_POST_COST"]), ("off", [])],
)
def test_the_setting_says_which(open_desk: OpenDesk, made: Any, types: list[str]) -> None:
    desk = open_desk(overrides={**ON, "reports": {"made": made}}, running=True)
    a_year(desk)
    until(desk, NEW_YEAR)
    assert list(annual(desk)) == types


def test_the_year_can_be_made_by_command_later_and_once(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=ON)  # without standing runs
    a_year(desk)
    until(desk, datetime(2024, 2, 1, tzinfo=UTC))
    for _ in range(2):
        RUNS["statements"](desk.world)
    rows = [row for row in desk.world.table(REPORTS) if row.type in ANNUAL]
    assert [of(row).period.last for row in rows] == [date(2023, 12, 31)] * 3
