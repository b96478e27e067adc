"""payments.md §9.1: creating a savings plan."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, NOBODY, Desk
from tests.domain.support.plans import FROM_NEW, body, create, executions, story, trading_account


def shown(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(row.wire)
    return found


def test_a_plan_is_active_at_once_with_the_execution_for_its_first_date(desk: Desk) -> None:
    asked = body(desk, name="Later")
    plan = shown(desk.call("create_savings_plan", body=asked))
    assert desk.types_since() == FROM_NEW
    stamps = {"id", "created_at", "updated_at"}
    assert {name: value for name, value in plan.items() if name not in stamps} == {
        **asked,
        "instrument_id_type": "ISIN",
        "status": "ACTIVE",
    }
    (execution,) = executions(desk, plan["id"])
    assert {name: value for name, value in shown(execution).items() if name not in stamps} == {
        "user_id": desk.user_id,
        "account_id": asked["account_id"],
        "savings_plan_id": plan["id"],
        "order_id": None,
        "cash_amount": "100",
        "currency": "EUR",
        "status": "NEW",
        "type": "INSTRUMENT",
        "execution_date": "2023-01-16",
        "instrument_id": AT_100,
        "instrument_id_type": "ISIN",
    }


def test_a_portfolio_plan_has_no_members_of_an_instrument(desk: Desk) -> None:
    plan = create(desk, type="PORTFOLIO")
    for row in (plan, *executions(desk, plan.id)):
        assert shown(row).keys().isdisjoint({"instrument_id", "instrument_id_type", "fee_configuration", "name"})


@pytest.mark.parametrize(
    ("amount", "in_executions"),
    [("100", "100"), ("100.0", "100"), ("100.5", "100.50"), (".5", "0.50"), ("999999999.99", "999999999.99")],
)
def test_the_amount_is_shown_as_sent_and_without_zeros_in_executions(
    desk: Desk, amount: str, in_executions: str
) -> None:
    plan = create(desk, cash_amount=amount)
    assert (plan.cash_amount, executions(desk, plan.id)[0].cash_amount) == (amount, in_executions)


def test_an_instrument_named_by_wkn_stays_so_and_is_bought_by_isin(desk: Desk) -> None:
    isin = desk.instrument("DE000A0D8Q49", "100", wkn="A0D8Q4")
    plan = create(desk, instrument_id="A0D8Q4", instrument_id_type="WKN", start_date="2023-01-10")
    desk.advance("1s")
    (first, _) = executions(desk, plan.id)
    assert [(row.instrument_id, row.instrument_id_type) for row in (plan, first)] == [("A0D8Q4", "WKN")] * 2
    assert desk.call("retrieve_order", {"order_id": first.order_id}).instrument_id == isin


def test_a_first_date_without_trading_is_carried_out_on_the_next_trading_day(desk: Desk) -> None:
    """14 January 2023 is a Saturday."""
    plan = create(desk, start_date="2023-01-14")
    assert (str(plan.start_date), story(desk, plan.id)) == ("2023-01-14", [("2023-01-16", "NEW")])


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"cash_amount": "0"}, "savings-plan.amount"),
        ({"cash_amount": ""}, "savings-plan.amount"),
        ({"cash_amount": "0.001"}, "savings-plan.amount"),
        ({"cash_amount": "1000000000"}, "savings-plan.amount"),
        ({"cash_amount": "1" * 63}, "savings-plan.amount"),
        ({"start_date": "2023-01-09"}, "savings-plan.start"),
        ({"currency": "GBP"}, "savings-plan.currency"),
        ({"instrument_id": "DE0007664005"}, "savings-plan.instrument"),
        ({"instrument_id": "A0D8Q4", "instrument_id_type": "WKN"}, "savings-plan.instrument"),
        ({"instrument_id": AT_100, "instrument_id_type": "WKN"}, "savings-plan.instrument"),
        ({"account_id": NOBODY}, "resource.unknown"),
        ({"user_id": NOBODY}, "resource.unknown"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(desk: Desk, changes: dict[str, Any], rule: str) -> None:
    refusal = desk.refused("create_savings_plan", body=body(desk, **changes))
    assert refusal.rule.name == rule


def test_the_amount_that_was_sent_is_shown(desk: Desk) -> None:
    for amount, quoted in (("", "nothing"), ("0.001", "0.001")):
        assert f"got {quoted}." in desk.refused("create_savings_plan", body=body(desk, cash_amount=amount)).detail


def test_today_is_the_day_of_the_market(open_desk: OpenDesk) -> None:
    """23:30 UTC on 9 January is half past midnight in Frankfurt."""
    desk = open_desk(now=datetime(2023, 1, 9, 23, 30, tzinfo=UTC))
    refusal = desk.refused("create_savings_plan", body=body(desk, start_date="2023-01-09"))
    assert refusal.detail == (
        "(root).start_date: 2023-01-09 lies in the past; today (2023-01-10) or a later date would pass."
    )
    create(desk, start_date="2023-01-10")


def test_an_instrument_is_not_saved_for_in_a_portfolio_account(desk: Desk) -> None:
    refusal = desk.refused("create_savings_plan", body=body(desk, account_id=desk.account_id))
    assert refusal.rule.name == "savings-plan.portfolio-account"


def test_a_portfolio_needs_its_configuration(open_desk: OpenDesk) -> None:
    desk = open_desk(configured=False)
    refusal = desk.refused("create_savings_plan", body=body(desk, type="PORTFOLIO"))
    assert refusal.rule.name == "savings-plan.not-configured"


def test_somebody_elses_account_is_refused(desk: Desk) -> None:
    other = seeding.user(desk.world)
    assert desk.refused("create_savings_plan", body=body(desk, user_id=other.id)).rule.name == "savings-plan.member"


def test_an_instrument_that_is_suspended_is_refused(desk: Desk) -> None:
    isin = desk.instrument("DE000A0D8Q49", "100", trading_status="INACTIVE")
    refusal = desk.refused("create_savings_plan", body=body(desk, instrument_id=isin))
    assert refusal.rule.name == "savings-plan.instrument-inactive"


def test_an_instrument_in_another_currency_is_refused(desk: Desk) -> None:
    isin = desk.instrument("GB00B03MLX29", "100", currency="GBP")
    refusal = desk.refused("create_savings_plan", body=body(desk, instrument_id=isin))
    assert refusal.rule.name == "savings-plan.currency"
    assert f"instrument {isin} is in GBP" in refusal.detail


@pytest.mark.parametrize("to", ["LOCKED", "CLOSING"])
@pytest.mark.parametrize("what", ["accounts", "account_groups"])
def test_an_account_that_is_not_active_is_refused(desk: Desk, what: str, to: str) -> None:
    account_id = trading_account(desk)
    desk.move(what, account_id if what == "accounts" else desk.group_id, to)
    refusal = desk.refused("create_savings_plan", body=body(desk, account_id=account_id))
    assert (refusal.rule.name, f"is {to};" in refusal.detail) == ("savings-plan.account-status", True)


def test_a_user_who_leaves_is_refused(desk: Desk) -> None:
    desk.call("offboard_user", {"user_id": desk.user_id})
    assert desk.refused("create_savings_plan", body=body(desk)).rule.name == "savings-plan.user-status"


def test_lists_find_plans_by_account_user_and_instrument(desk: Desk) -> None:
    desk.instrument("DE000A0D8Q49", "100", wkn="A0D8Q4")
    of_fund = create(desk)
    of_stock = create(desk, instrument_id=AT_85)
    by_isin = create(desk, instrument_id="DE000A0D8Q49")
    by_wkn = create(desk, instrument_id="A0D8Q4", instrument_id_type="WKN")
    portfolio = create(desk, type="PORTFOLIO")
    everything = sorted(row.id for row in (of_fund, of_stock, by_isin, by_wkn, portfolio))

    def listed(**query: Any) -> list[str]:
        return [row.id for row in desk.rows("list_savings_plans", **query)]

    assert listed() == listed(user_id=desk.user_id) == everything
    assert listed(account_id=desk.account_id) == [portfolio.id]
    assert listed(instrument_id=AT_85) == [of_stock.id]
    assert listed(instrument_id="A0D8Q4") == listed(instrument_id="DE000A0D8Q49") == sorted([by_isin.id, by_wkn.id])
    assert (
        listed(account_id=desk.account_id, user_id=NOBODY) == listed(instrument_id="A0B1C2") == listed(user_id=NOBODY)
    )
    assert listed(user_id=NOBODY) == []
