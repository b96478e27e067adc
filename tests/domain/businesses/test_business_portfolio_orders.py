"""portfolios.md §4.2: portfolio orders of businesses, with `business_id` in place of `user_id` [I]."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from mockserver.domain import seeding
from mockserver.domain.businesses.businesses import BUSINESSES
from mockserver.domain.portfolios.allocations import ALLOCATIONS
from mockserver.domain.portfolios.refusals import NOT_THE_OWNER
from mockserver.domain.refusals import UNKNOWN
from tests.domain.support import companies
from tests.domain.support.desk import NOBODY, Desk


@pytest.fixture
def company(desk: Desk) -> tuple[str, str]:
    """An ACTIVE company with a configured portfolio account and 1,000 EUR: business, account."""
    business_id = companies.onboarded(desk)
    group_id = companies.open_group(desk, business_id)
    account_id = companies.open_account(desk, business_id, group_id, "PORTFOLIO")
    desk.advance("1s")
    desk.world.undo.clear()
    seeding.cash(desk.world, account_group_id=group_id, amount=Decimal(1000))
    seeding.configuration(desk.world, account_id=account_id, allocation_id=next(iter(desk.world.table(ALLOCATIONS))).id)
    return business_id, account_id


def body(account_id: str, side: str = "BUY", amount: str = "100.00", **owner: str) -> dict[str, Any]:
    return {"account_id": account_id, "side": side, "cash_amount": amount, "currency": "EUR", **owner}


def test_a_business_buys_and_sells_by_portfolio_orders(desk: Desk, company: tuple[str, str]) -> None:
    business_id, account_id = company
    for side, amount in (("BUY", "100.00"), ("SELL", "50.00")):
        placed = desk.call("create_portfolios_order", body=body(account_id, side, amount, business_id=business_id))
        assert (placed.status, placed.business_id) == ("NEW", business_id)
        desk.advance("1s")
        path = {"portfolio_order_id": placed.id}
        shown = orjson.loads(desk.call("retrieve_portfolios_order", path).wire)
        assert (shown["status"], shown["business_id"], "user_id" in shown) == ("SETTLED", business_id, False)
        filled = [each for each in desk.told("ORDER.FILLED") if each["client_reference"] == placed.id]
        assert len(filled) == len(shown["orders"]) == 2  # one for each instrument of the allocation
        assert {each["business_id"] for each in filled} == {business_id}


def test_the_owner_is_a_user_or_a_business(desk: Desk, company: tuple[str, str]) -> None:
    business_id, account_id = company
    for owner in ({}, {"user_id": desk.user_id, "business_id": business_id}):
        with pytest.raises(ValidationError):
            desk.call("create_portfolios_order", body=body(account_id, **owner))


def test_an_account_of_somebody_else_is_404(desk: Desk, company: tuple[str, str]) -> None:
    business_id, account_id = company
    another = companies.created(desk)
    assert desk.world.table(BUSINESSES)[another].id != business_id
    for owner, of, rule in (
        ({"business_id": another}, account_id, NOT_THE_OWNER),
        ({"business_id": business_id}, desk.account_id, NOT_THE_OWNER),
        ({"user_id": desk.user_id}, account_id, NOT_THE_OWNER),
        ({"business_id": NOBODY}, account_id, UNKNOWN),
    ):
        assert desk.refused("create_portfolios_order", body=body(of, **owner)).rule is rule
