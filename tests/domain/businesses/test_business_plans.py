"""payments.md §9, newer.md §8: savings plans of businesses, with `business_id` in place of `user_id`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from mockserver.domain import seeding
from mockserver.domain.ledger.cash import cash
from mockserver.domain.portfolios.allocations import ALLOCATIONS
from tests.domain.support import companies, plans
from tests.domain.support.desk import Desk
from tests.domain.support.openings import person


@pytest.fixture(params=["TRADING", "PORTFOLIO"])
def company(desk: Desk, request: pytest.FixtureRequest) -> tuple[str, str, str, str]:
    """An ACTIVE company with 1,000 EUR: business, group, account, and the type of a plan for that."""
    business_id = companies.onboarded(desk)
    group_id = companies.open_group(desk, business_id)
    account_id = companies.open_account(desk, business_id, group_id, request.param)
    desk.advance("1s")
    desk.world.undo.clear()
    seeding.cash(desk.world, account_group_id=group_id, amount=Decimal(1000))
    if request.param == "PORTFOLIO":
        seeding.configuration(
            desk.world, account_id=account_id, allocation_id=next(iter(desk.world.table(ALLOCATIONS))).id
        )
    return business_id, group_id, account_id, "INSTRUMENT" if request.param == "TRADING" else "PORTFOLIO"


def given(company: tuple[str, str, str, str], **others: Any) -> dict[str, Any]:
    business_id, _, account_id, type_ = company
    return {"user_id": None, "business_id": business_id, "account_id": account_id, "type": type_, **others}


def test_a_plan_of_a_business_buys_in_its_name(desk: Desk, company: tuple[str, str, str, str]) -> None:
    business_id, group_id, account_id, _ = company
    plan = plans.create(desk, **given(company))
    shown = orjson.loads(plan.wire)
    assert (shown["business_id"], "user_id" in shown) == (business_id, False)
    desk.advance("7d")
    (execution, _) = plans.executions(desk, plan.id)
    shown = orjson.loads(execution.wire)
    assert (shown["business_id"], "user_id" in shown, shown["status"]) == (business_id, False, "SETTLED")
    orders = [each for each in desk.told("ORDER.FILLED") if each["account_id"] == account_id]
    assert orders
    assert {each["business_id"] for each in orders} == {business_id}
    assert not any("user_id" in each for each in orders)
    assert cash(desk.world, group_id, "EUR").balance == 900  # 1000 less one purchase of 100


def test_a_plan_is_of_a_user_or_a_business(desk: Desk, company: tuple[str, str, str, str]) -> None:
    for others in ({"user_id": desk.user_id}, {"business_id": None}):
        with pytest.raises(ValidationError):
            plans.create(desk, **given(company, **others))


@pytest.mark.parametrize("whose", ["user", "business"])
def test_a_plan_of_somebody_else_is_refused(desk: Desk, company: tuple[str, str, str, str], whose: str) -> None:
    other = person(desk) if whose == "user" else companies.created(desk)
    owner = {"business_id": None, "user_id": None, f"{whose}_id": other}
    refusal = desk.refused("create_savings_plan", body=plans.body(desk, **given(company, **owner)))
    assert (refusal.rule.name, refusal.rule.status) == ("savings-plan.member", 400)
    assert f"(root).{whose}_id: {whose} {other} is no member" in refusal.detail


def test_an_inactive_business_has_no_new_plan(desk: Desk, company: tuple[str, str, str, str]) -> None:
    desk.move("businesses", company[0], "INACTIVE")
    refusal = desk.refused("create_savings_plan", body=plans.body(desk, **given(company)))
    assert refusal.rule.name == "savings-plan.user-status"


def test_the_plans_of_a_business_that_leaves_end(desk: Desk, company: tuple[str, str, str, str]) -> None:
    plan = plans.create(desk, **given(company))
    told = desk.move("businesses", company[0], "OFFBOARDING")
    assert told == ["BUSINESS.OFFBOARDING_INITIATED", "SAVINGS_PLAN_EXECUTION.CANCELLED", "SAVINGS_PLAN.CANCELLED"]
    assert plans.now(desk, plan.id).cancellation_details == "Business is offboarding"
