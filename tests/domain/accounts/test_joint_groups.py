"""trading.md §7.1: both owners of a joint account group act for themselves, on the same cash and units."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.holders import members
from mockserver.domain.orders.orders import ORDERS
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, Desk
from tests.domain.support.openings import give_role, open_account, open_group, person


@pytest.fixture(name="joint")
def joint_desk(open_desk: OpenDesk) -> Desk:
    """A desk at the configured and funded account of two owners; it is the second who orders."""
    desk = open_desk()
    first, second = person(desk), person(desk)
    group = open_group(desk, first, "JOINT")
    give_role(desk, group.id, second)
    desk.advance()
    account = open_account(desk, group.id, first, "PORTFOLIO")
    desk.advance()
    seeding.cash(desk.world, account_group_id=group.id, amount=Decimal(1000))
    seeding.configuration(desk.world, account_id=account.id, allocation_id=desk.allocation_id)
    desk.user_id, desk.group_id, desk.account_id = second, group.id, account.id
    return desk


@pytest.mark.parametrize("index", [0, 1])
def test_the_single_orders_of_a_portfolio_order_are_its_user_s(joint: Desk, index: int) -> None:
    user_id = members(joint.account)[index].id
    placed = joint.order("BUY", "100", user_id=user_id)
    joint.advance()
    assert [row.user_id for row in joint.single_orders(placed.id)] == [user_id, user_id]
    assert joint.portfolio_order(placed.id).status == "SETTLED"


def test_the_sells_of_a_liquidation_are_its_user_s(joint: Desk) -> None:
    for isin in (AT_85, AT_100):
        joint.hold(isin, "1")
    joint.call("create_account_liquidation", {"account_id": joint.account_id}, body={"user_id": joint.user_id})
    joint.advance()
    assert {row.user_id for row in joint.world.table(ORDERS)} == {joint.user_id}


def test_a_rebalancing_is_the_first_owner_s(joint: Desk) -> None:
    """Inferred: it names no user (portfolios.md §4.5), and a single order must."""
    order = joint.place("BUY", AT_100, amount="1")
    assert order.user_id == members(joint.account)[0].id != joint.user_id


def test_somebody_else_places_no_portfolio_order(joint: Desk) -> None:
    body = {
        "user_id": person(joint),
        "account_id": joint.account_id,
        "side": "BUY",
        "cash_amount": "100",
        "currency": "EUR",
    }
    assert joint.refused("create_portfolios_order", body=body).rule.status == 404
