"""Reports that follow from what happens (payments.md §13.1)."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.reports.records import REPORTS
from mockserver.kernel.events import stamp
from tests.domain.conftest import OpenDesk
from tests.domain.payments import bank
from tests.domain.support import companies
from tests.domain.support.desk import AT_85, AT_100, NOBODY, PARTS_ONLY, Desk
from tests.domain.support.openings import give_role, open_group, person, status_of

ON = {"reports": {"made": "on"}}
CREATED = "REPORT.CREATED"


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    return open_desk(overrides=ON)


def reports(desk: Desk, **query: str) -> list[Any]:
    return desk.rows("list_user_reports", {"user_id": desk.user_id}, **query)


@pytest.mark.parametrize(("side", "type_"), [("BUY", "BUY_ORDER"), ("SELL", "SELL_ORDER")])
def test_an_order_is_confirmed_after_its_settlement(desk: Desk, side: str, type_: str) -> None:
    desk.hold(AT_100, "5")
    order = desk.place(side, AT_100, quantity="2")
    told = desk.advance("1m")
    assert told.index(CREATED) > told.index("EXECUTION.SETTLED")
    assert told.index(CREATED) > told.index("ORDER.FILLED")
    (report,) = desk.told(CREATED)
    assert report == {
        "id": report["id"],
        "created_at": report["created_at"],
        "user_id": desk.user_id,
        "type": type_,
        "substituted_report_id": None,
        "data": {"account": {"id": desk.account_id}, "references": [{"id": order.id, "type": "ORDER_ID"}]},
    }


def test_a_report_is_made_in_the_background_after_all_that_belongs_to_its_order(desk: Desk) -> None:
    desk.target(**{AT_100: "1"})
    desk.order("BUY", "100")
    told = desk.advance()
    assert told[-1] == CREATED
    assert told[-2] == "PORTFOLIO_ORDER.SETTLED"
    settled = next(event for event in desk.world.events if event.type == "EXECUTION.SETTLED")
    assert desk.told(CREATED)[0]["created_at"] == stamp(settled.created_at)


def test_an_order_that_settles_later_is_confirmed_then(open_desk: OpenDesk) -> None:
    desk = open_desk("live", ON)
    desk.place("BUY", AT_100, quantity="2")
    assert CREATED not in desk.advance("1h")
    assert desk.advance("7d").count(CREATED) == 1


def test_an_order_in_parts_is_confirmed_once_with_what_was_executed(desk: Desk) -> None:
    order = desk.place("BUY", PARTS_ONLY, amount="500")
    desk.advance("1m")
    placed = desk.call("retrieve_order", {"order_id": order.id})
    assert placed.status == "CANCELLED"
    assert len(placed.executions) == 4
    assert [report["type"] for report in desk.told(CREATED)] == ["BUY_ORDER"]


def test_an_order_without_executions_is_told_to_be_cancelled(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", ON)
    order = desk.place("BUY", AT_100, quantity="2")
    assert CREATED not in desk.move("orders", order.id, "CANCELLED")
    assert desk.advance() == [CREATED]
    assert [report["type"] for report in desk.told(CREATED)] == ["CANCELLED_ORDER"]


def test_a_mistrade_replaces_the_confirmation(desk: Desk) -> None:
    order = desk.place("BUY", AT_100, quantity="2")
    desk.advance("1m")
    (confirmation,) = reports(desk)
    (execution,) = desk.call("retrieve_order", {"order_id": order.id}).executions
    desk.move("executions", execution.id, "CANCELLED")
    assert desk.advance() == [CREATED]
    revoked = desk.told(CREATED)[-1]
    assert (revoked["type"], revoked["substituted_report_id"]) == ("REVOKED_ORDER", confirmation.id)


def test_a_mistrade_before_the_settlement_replaces_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk("live", ON)
    order = desk.place("BUY", AT_100, quantity="2")
    desk.advance("1h")
    (execution,) = desk.call("retrieve_order", {"order_id": order.id}).executions
    desk.move("executions", execution.id, "CANCELLED")
    desk.advance("7d")
    assert [(row["type"], row["substituted_report_id"]) for row in desk.told(CREATED)] == [("REVOKED_ORDER", None)]


def test_a_fee_collection_is_reported_when_it_is_taken(desk: Desk) -> None:
    body = {
        "account_id": desk.account_id,
        "type": "SERVICE_FEE",
        "collection_amount": "10.00",
        "currency": "EUR",
        "period_start": "2022-12-01",
        "period_end": "2022-12-31",
    }
    desk.call("create_fee_collection", body=body)
    told = desk.advance("1m")
    assert told.index(CREATED) > told.index("FEE_COLLECTION.FINALISED")
    (report,) = desk.told(CREATED)
    assert report["type"] == "FEE_COLLECTION"
    assert report["data"]["references"] == [{"id": desk.account_id, "type": "ACCOUNT_ID"}]


def test_opening_and_closing_of_an_account_group_are_reported(desk: Desk) -> None:
    group = open_group(desk, person(desk))
    desk.advance("1m")
    desk.move("account_groups", group.id, "LOCKED")
    desk.move("account_groups", group.id, "ACTIVE")  # no second opening
    desk.move("account_groups", group.id, "CLOSING")
    desk.advance("1m")
    assert status_of(desk, group.id) == "CLOSED"
    assert [(row["type"], row["data"]["references"]) for row in desk.told(CREATED)] == [
        (type_, [{"id": group.id, "type": "ACCOUNT_GROUP_ID"}]) for type_ in ("ACCOUNT_OPENING", "ACCOUNT_CLOSING")
    ]


def test_a_joint_group_has_a_report_for_each_holder(desk: Desk) -> None:
    first, second = person(desk), person(desk)
    group = open_group(desk, first, "JOINT")
    give_role(desk, group.id, second)
    desk.advance("1m")
    assert status_of(desk, group.id) == "ACTIVE"
    assert [row["user_id"] for row in desk.told(CREATED)] == [first, second]


def test_a_bank_account_and_a_mandate_are_reported_without_references(desk: Desk) -> None:
    bank.reference_account(desk)
    bank.mandate(desk)
    told = [(row["type"], row["user_id"], "data" in row) for row in desk.told(CREATED)]
    assert told == [(type_, desk.user_id, False) for type_ in ("BANK_ACCOUNT_CONNECTED", "DIRECT_DEBIT_MANDATE")]


@pytest.mark.parametrize(("made", "types"), [("off", []), (("SELL_ORDER",), ["SELL_ORDER"])])
def test_the_setting_says_which_reports_are_made(open_desk: OpenDesk, made: Any, types: list[str]) -> None:
    desk = open_desk(overrides={"reports": {"made": made}})
    desk.hold(AT_100, "5")
    desk.place("BUY", AT_100, quantity="2")
    desk.place("SELL", AT_100, quantity="2")
    desk.advance("1m")
    assert [row["type"] for row in desk.told(CREATED)] == types


def test_lists_filter_by_type_instrument_and_day(desk: Desk) -> None:
    desk.hold(AT_85, "5")
    desk.place("BUY", AT_100, quantity="2")
    desk.place("SELL", AT_85, quantity="1")
    desk.advance("1m")
    day = desk.world.now.date().isoformat()

    def types(rows: list[Any]) -> list[str]:
        return [row.type for row in rows]

    assert sorted(types(reports(desk))) == ["BUY_ORDER", "SELL_ORDER"]
    assert types(reports(desk, sort="type")) == ["BUY_ORDER", "SELL_ORDER"]
    assert types(reports(desk, type="SELL_ORDER")) == ["SELL_ORDER"]
    assert types(reports(desk, instrument=f"isin:{AT_100}")) == ["BUY_ORDER"]
    assert reports(desk, instrument="isin:XX0000000000") == []
    assert len(reports(desk, start_date=day, end_date=day)) == 2
    assert reports(desk, end_date="2023-01-09") == []


def test_unknown_holders_and_reports_are_refused(desk: Desk) -> None:
    assert desk.refused("list_user_reports", {"user_id": NOBODY}).rule is UNKNOWN
    assert desk.refused("list_business_reports", {"business_id": NOBODY}).rule is UNKNOWN
    assert desk.refused("retrieve_report", {"report_id": NOBODY}).rule is UNKNOWN


def test_a_snapshot_brings_reports_back(desk: Desk) -> None:
    desk.place("BUY", AT_100, quantity="2")
    before = desk.world.snapshot()
    desk.advance("1m")
    assert len(desk.world.table(REPORTS)) == 1
    desk.world.restore(before)
    assert len(desk.world.table(REPORTS)) == 0


def test_a_company_has_reports_of_its_own(desk: Desk) -> None:
    business_id = companies.onboarded(desk)
    group_id = companies.open_group(desk, business_id)
    account_id = companies.open_account(desk, business_id, group_id)
    desk.advance("1m")
    opened = [row for row in desk.told(CREATED) if row.get("business_id") == business_id]
    assert [(row["type"], "user_id" in row) for row in opened] == [("ACCOUNT_OPENING", False)]
    order = {
        "business_id": business_id,
        "account_id": account_id,
        "currency": "EUR",
        "side": "BUY",
        "instrument_id": AT_100,
        "instrument_id_type": "ISIN",
        "order_type": "MARKET",
        "cash_amount": "100",
    }
    report = desk.call("create_report", body={"type": "ORDER_EX_ANTE_COST", "order": order})
    assert (report.business_id, report.data.user) == (business_id, None)
    assert report.data.business.company_name
    listed = desk.rows("list_business_reports", {"business_id": business_id})
    assert [row.type for row in listed] == ["ACCOUNT_OPENING", "ORDER_EX_ANTE_COST"]
