"""Quarterly statements of accounts: they add up, and agree with what was told (payments.md §13.1)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain.daily_runs import RUNS
from mockserver.domain.ledger import cash as ledger
from mockserver.domain.ledger.transactions import book_cash
from mockserver.domain.profile_changes import change
from mockserver.domain.reports.records import REPORTS, ReportRecord
from mockserver.domain.reports.statements import Statement
from tests.domain.conftest import OpenDesk
from tests.domain.reports.test_document import read, text
from tests.domain.support import actions
from tests.domain.support.desk import AT_85, AT_100, Desk
from tests.domain.support.openings import give_role, open_group, person

CREATED = "REPORT.CREATED"
QUARTERLY = "QUARTERLY_ACCOUNT_STATEMENT"
ON: dict[str, Any] = {"reports": {"made": [QUARTERLY]}}
END = datetime(2023, 3, 31, 20, tzinfo=UTC)
"""The evening of the quarter's last day."""


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    return open_desk(overrides=ON, running=True)


def until(desk: Desk, moment: datetime) -> list[str]:
    return desk.advance(f"{int((moment - desk.world.now).total_seconds())}s")


def made(desk: Desk, type_: str = QUARTERLY) -> list[ReportRecord]:
    return [row for row in desk.world.table(REPORTS) if row.type == type_]


def of(record: ReportRecord) -> Statement:
    assert isinstance(record.subject, Statement)
    return record.subject


def moved(desk: Desk, first: str, last: str) -> Decimal:
    """The sum of the cash transactions that were told of, by booking day."""
    rows = desk.told("CASH_TRANSACTION.EXECUTED")
    days = ((row["booking_date"][:10], Decimal(row["delta"]["amount"])) for row in rows)
    return sum((amount for day, amount in days if first <= day <= last), Decimal(0))


def test_it_comes_at_six_on_the_day_after_the_quarter(desk: Desk) -> None:
    assert CREATED not in until(desk, datetime(2023, 4, 1, 5, 59, 59, tzinfo=UTC))
    assert CREATED in desk.advance("1s")
    (told,) = desk.told(CREATED)
    assert (told["type"], told["user_id"], told["created_at"]) == (QUARTERLY, desk.user_id, "2023-04-01T06:00:00Z")
    assert told["data"] == {
        "account": {"id": desk.account_id},
        "references": [{"id": desk.account_id, "type": "ACCOUNT_ID"}],
    }
    until(desk, datetime(2024, 1, 2, tzinfo=UTC))
    assert [of(row).period.last for row in made(desk)] == [
        date(2023, month, day) for month, day in ((3, 31), (6, 30), (9, 30), (12, 31))
    ]


def test_its_cash_and_units_are_the_sums_of_what_was_told(desk: Desk) -> None:
    desk.hold(AT_85, "3")
    desk.place("BUY", AT_100, quantity="2")
    desk.advance("1d")
    desk.place("SELL", AT_85, quantity="1")
    until(desk, datetime(2023, 4, 2, tzinfo=UTC))
    (record,) = made(desk)
    shown = of(record)
    (balance,) = shown.cash
    # 10,000 were there from the start; 200 went, and one unit was sold at 81.77
    change = moved(desk, "2023-01-01", "2023-03-31")
    assert change == Decimal("-118.23")
    assert (balance.opening, balance.closing) == (Decimal(10000), Decimal(10000) + change)
    assert {row.instrument.isin: row.units for row in shown.holdings} == {AT_85: Decimal(2), AT_100: Decimal(2)}
    (valuation,) = [
        row for row in desk.told("ACCOUNT_VALUATION.CREATED") if row["valuation_time"] == "2023-04-01T00:15:00Z"
    ]
    assert shown.value == Decimal(valuation["total_security_value"]["amount"])
    written = text(read(desk, record.id))
    for line in ("2023-01-01 to 2023-03-31", "9881.77 EUR", "-200 EUR order execution", f"+2 {AT_100}"):
        assert line in written


def test_what_is_booked_before_six_is_of_the_next_quarter(desk: Desk) -> None:
    until(desk, datetime(2023, 4, 1, 3, tzinfo=UTC))
    ledger.book(desk.world, desk.group_id, "EUR", balance=Decimal(7))
    book_cash(
        desk.world,
        type_="CREDIT_FUNDING",
        group_id=desk.group_id,
        amount=Decimal(7),
        currency="EUR",
        references=(),
        value_date=date(2023, 4, 1),
    )
    desk.place("BUY", AT_100, quantity="1")
    until(desk, datetime(2023, 7, 2, tzinfo=UTC))
    first, second = map(of, made(desk))
    assert (first.cash[0].closing, first.holdings, first.cash_booked) == (Decimal(10000), (), ())
    assert second.cash[0].opening == first.cash[0].closing
    assert second.cash[0].closing == Decimal(10000) + moved(desk, "2023-04-01", "2023-06-30") == Decimal(9907)


def test_a_split_of_the_next_morning_changes_no_figure(desk: Desk) -> None:
    desk.hold(AT_100, "4")
    actions.split(desk, "3:1", ex_date=date(2023, 4, 1))
    until(desk, datetime(2023, 4, 2, tzinfo=UTC))
    assert desk.position(AT_100)["quantity"] == "12"
    (holding,) = of(made(desk)[0]).holdings
    assert (holding.units, holding.price, holding.value) == (Decimal(4), Decimal(100), Decimal("400.00"))


def test_an_account_that_holds_nothing_has_none(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=ON, cash="0", running=True)
    until(desk, datetime(2023, 4, 2, tzinfo=UTC))
    assert made(desk) == []


def test_units_alone_are_enough(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=ON, cash="0", running=True)
    desk.hold(AT_100, "1")
    until(desk, datetime(2023, 4, 2, tzinfo=UTC))
    assert len(made(desk)) == 1


def test_each_holder_of_a_joint_account_has_one(desk: Desk) -> None:
    first, second = person(desk), person(desk)
    group = open_group(desk, first, "JOINT")
    give_role(desk, group.id, second)
    desk.advance("1m")
    account = desk.call(
        "create_account", body={"user_id": first, "account_group_id": group.id, "type": "TRADING", "name": "Ours"}
    )
    ledger.book(desk.world, group.id, "EUR", balance=Decimal(5))
    until(desk, datetime(2023, 4, 2, tzinfo=UTC))
    rows = [row for row in made(desk) if row.account_id == account.id]
    assert [row.holder_id for row in rows] == [first, second]


def test_a_run_by_command_makes_what_the_standing_run_does_not_repeat(desk: Desk) -> None:
    until(desk, datetime(2023, 4, 1, 1, tzinfo=UTC))
    for _ in range(2):
        RUNS["statements"](desk.world)
    until(desk, datetime(2023, 4, 2, tzinfo=UTC))
    assert [row.created_at for row in made(desk)] == [datetime(2023, 4, 1, 1, tzinfo=UTC)]


@pytest.mark.parametrize("settings", ["off", ["BUY_ORDER"]])
def test_without_them_no_run_is_due(open_desk: OpenDesk, settings: Any) -> None:
    desk = open_desk(overrides={"reports": {"made": settings}}, running=True)
    assert not desk.world.clock.pending("run.statements")


def test_the_setting_may_change_in_a_world_that_runs(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"reports": {"made": "off"}}, running=True)
    change(desk.world, {"reports": {"made": "on"}}, "test")
    until(desk, datetime(2023, 4, 2, tzinfo=UTC))
    assert len(made(desk)) == 1


def test_a_statement_reads_the_same_a_year_later_and_after_a_restore(desk: Desk) -> None:
    desk.place("BUY", AT_100, quantity="2")
    until(desk, datetime(2023, 4, 2, tzinfo=UTC))
    (record,) = made(desk)
    body, before = read(desk, record.id).body, desk.world.snapshot()
    desk.place("SELL", AT_100, quantity="2")
    desk.advance("365d")
    assert read(desk, record.id).body == body
    desk.world.restore(before)
    assert read(desk, record.id).body == body
