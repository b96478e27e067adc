"""Reports of transfers, corporate actions and taxes: after what they report on (payments.md §13.1)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.reports.records import REPORTS
from mockserver.domain.tax_collections.collections import collect
from mockserver.models.taxes import TaxCollectionType
from tests.domain.conftest import OpenDesk
from tests.domain.reports.test_document import read, text
from tests.domain.reports.test_making import CREATED, reports
from tests.domain.support import actions, moving, tax_collections
from tests.domain.support.desk import AT_85, AT_100, Desk
from tests.domain.support.exemptions import settle_in_germany

ON: dict[str, Any] = {"reports": {"made": "on"}}


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    return open_desk(overrides=ON)


def told_types(desk: Desk) -> list[str]:
    return [row["type"] for row in desk.told(CREATED)]


@pytest.mark.parametrize("direction", ["INCOMING", "OUTGOING"])
def test_a_transfer_is_reported_after_its_units_are_booked(desk: Desk, direction: str) -> None:
    desk.hold(AT_100, "10")
    moving.transfer(desk, direction)
    told = desk.advance("1m")
    assert told[-4:] == [
        "SECURITIES_TRANSFER.SETTLED",
        "POSITION.UPDATED",
        "SECURITY_TRANSACTION.EXECUTED",
        CREATED,
    ]
    (report,) = desk.told(CREATED)
    assert report["type"] == f"SECURITIES_TRANSFER_{direction}"
    assert report["data"] == {
        "account": {"id": desk.account_id},
        "references": [{"id": desk.account_id, "type": "ACCOUNT_ID"}],
    }
    written = text(read(desk, report["id"]))
    assert direction in written
    assert AT_100 in written


def test_each_line_of_an_account_transfer_is_reported(desk: Desk) -> None:
    moving.bundle(desk)
    desk.advance("1m")
    assert told_types(desk) == ["SECURITIES_TRANSFER_INCOMING"] * 2
    assert [len(reports(desk, instrument=f"isin:{isin}")) for isin in (AT_85, AT_100)] == [1, 1]


def test_a_cancelled_transfer_is_not_reported(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", ON)
    row = moving.transfer(desk)
    desk.move("securities_transfers", row.id, "CANCELLED")
    desk.advance("1m")
    assert told_types(desk) == []


def test_a_dividend_is_reported_seconds_later_with_its_tax(open_desk: OpenDesk) -> None:
    """10 x 1.25 = 12.50; a quarter is 3.125, half-even 3.12: 9.38 net."""
    desk = open_desk(overrides={**ON, "taxes": {"dividends": "0.25"}})
    settle_in_germany(desk)
    desk.hold(AT_100, "10")
    action = actions.dividend(desk)
    desk.advance("7d")
    (booked,) = [event for event in desk.world.events if event.type == "CASH_TRANSACTION.EXECUTED"]
    (told,) = [event for event in desk.world.events if event.type == CREATED]
    assert told.created_at - booked.created_at == timedelta(seconds=5)
    (report,) = desk.told(CREATED)
    (transaction,) = desk.told("CASH_TRANSACTION.EXECUTED")
    assert report["type"] == "CORPORATE_ACTION_CASH_TRANSACTION"
    assert report["data"]["references"] == transaction["references"]
    written = text(read(desk, report["id"]))
    for shown in (action.id, "12.50 EUR", "3.12 EUR", "9.38 EUR"):
        assert shown in written


def test_a_split_is_reported_as_units(desk: Desk) -> None:
    desk.hold(AT_100, "10")
    actions.split(desk, "3:1")
    desk.advance("7d")
    (report,) = desk.told(CREATED)
    assert report["type"] == "CORPORATE_ACTION_SECURITY_TRANSACTION"
    assert [row.id for row in reports(desk, instrument=f"isin:{AT_100}")] == [report["id"]]
    assert "Units\n20" in text(read(desk, report["id"])).replace(" ", "\n")  # 10 units became 30


def test_cash_and_units_of_one_booking_are_two_reports(desk: Desk) -> None:
    """5 units 1:2 are 2.5: two are left, and half a unit is paid."""
    desk.hold(AT_100, "5")
    actions.split(desk, "1:2", cash_for_fractions=True)
    desk.advance("7d")
    assert told_types(desk) == ["CORPORATE_ACTION_CASH_TRANSACTION", "CORPORATE_ACTION_SECURITY_TRANSACTION"]
    assert len({row["data"]["references"][0]["id"] for row in desk.told(CREATED)}) == 1


def test_a_tax_that_is_taken_is_reported_without_references(desk: Desk) -> None:
    row = tax_collections.owed(desk, "12.41")
    told = desk.advance("1m")
    assert told.index(CREATED) > told.index("TAX_COLLECTION.FINALISED")
    (report,) = desk.told(CREATED)
    assert (report["type"], "data" in report) == ("TAX_PAYMENT", False)
    written = text(read(desk, report["id"]))
    assert row.id in written
    assert "12.41 EUR" in written


def test_a_tax_payment_that_takes_nothing_has_no_type_of_report(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=ON, cash="0")
    tax_collections.owed(desk, "12.41")
    assert "TAX_COLLECTION.CANCELLED" in desk.advance("1m")
    assert told_types(desk) == []


@pytest.mark.parametrize(("cash", "type_"), [("100", "TAX_PREPAYMENT_DE"), ("0", "TAX_PREPAYMENT_DE_CANCELLATION")])
def test_a_prepayment_is_reported_whether_it_is_taken_or_not(open_desk: OpenDesk, cash: str, type_: str) -> None:
    desk = open_desk(overrides=ON, cash=cash)
    group = desk.world.table(ACCOUNT_GROUPS)[desk.group_id]
    desk.world.undo.clear()
    collect(desk.world, group, Decimal("6.38"), type_=TaxCollectionType.TAX_PREPAYMENT_DE)
    desk.advance("1m")
    assert told_types(desk) == [type_]


def test_a_tax_that_is_given_up_is_reported_after_its_cash_is_given_back(desk: Desk) -> None:
    """The end of a collection is its move and the balance (payments.md §12.3); nothing comes between them."""
    group = desk.world.table(ACCOUNT_GROUPS)[desk.group_id]
    desk.world.undo.clear()
    row = collect(desk.world, group, Decimal("6.38"), type_=TaxCollectionType.TAX_PREPAYMENT_DE)
    told = desk.move("tax_collections", row.id, "CANCELLED") + desk.advance("0s")
    assert told == ["TAX_COLLECTION.CANCELLED", "CASH_BALANCE.UPDATED", CREATED]
    assert told_types(desk) == ["TAX_PREPAYMENT_DE_CANCELLATION"]
    created = {event.created_at for event in desk.world.events if event.type in told[:1] + told[-1:]}
    assert len(created) == 1


def test_off_leaves_nothing_due(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"reports": {"made": "off"}})
    desk.hold(AT_100, "10")
    moving.transfer(desk)
    actions.dividend(desk)
    desk.advance("7d")
    assert len(desk.world.table(REPORTS)) == 0
