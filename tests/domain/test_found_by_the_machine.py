"""What the machines of tests/state found, each in the fewest requests that show it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.roles import ROLES
from mockserver.kernel.lifecycle import Hold
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, Desk
from tests.domain.support.openings import account_status, open_account, open_group, person, role_for, status_of
from tests.domain.support.outcomes import order_of
from tests.domain.support.requests import ordered, waits_for


def waiting_account(desk: Desk) -> tuple[str, str]:
    """A user who is not onboarded yet, with an account whose group waits for that."""
    user_id = person(desk, "INACTIVE")
    group = open_group(desk, user_id)
    return user_id, open_account(desk, group.id, user_id).id


def test_a_buy_for_a_closing_account_is_cancelled_though_its_group_waits_for_approval(desk: Desk) -> None:
    """trading.md §21.16. Waiting for the group, it would keep the account from closing."""
    user_id, account_id = waiting_account(desk)
    desk.call("account_closure", {"account_id": account_id})
    order = ordered(desk, user_id=user_id, account_id=account_id, cash_amount="10", instrument_id=AT_100)
    desk.advance()
    assert order_of(desk, order.id).cancellation_reason == "CANCELLED_BY_UPVEST_PLATFORM"
    assert account_status(desk, account_id) == "CLOSED"


def test_a_liquidation_ends_with_its_account_while_the_group_is_not_approved(desk: Desk) -> None:
    """It waited for the group, and nobody told it that the account is CLOSED (trading.md §8, portfolios.md §9)."""
    user_id, account_id = waiting_account(desk)
    path = {"account_id": account_id}
    made = desk.call("create_account_liquidation", path, body={"user_id": user_id})
    desk.advance()
    desk.call("account_closure", path)
    desk.advance()
    assert account_status(desk, account_id) == "CLOSED"
    shown = desk.call("retrieve_account_liquidation", {**path, "account_liquidation_id": made.id})
    assert shown.status == "CANCELLED"


def test_no_charge_back_takes_cash_out_of_a_closed_group(desk: Desk) -> None:
    """A CLOSED group has no cash, and none is missing (trading.md §8); as mistrades in a CLOSED account."""
    user_id = person(desk)
    group = open_group(desk, user_id, "PERSONAL")
    desk.advance()
    funding = seeding.credit_funding(
        desk.world,
        account_group_id=group.id,
        cash_amount=Decimal(100),
        counterparty_name="Erika Mustermann",
        counterparty_iban="DE89370400440532013000",
    )
    desk.call("account_group_closure", {"account_group_id": group.id})
    desk.advance()
    assert status_of(desk, group.id) == "CLOSED"
    with pytest.raises(Hold, match="CLOSED"):
        desk.move("credit_fundings", funding.id, "CANCELLED")


def test_an_order_that_waits_for_a_price_learns_that_its_instrument_is_suspended(open_desk: OpenDesk) -> None:
    """Where orders on an INACTIVE ISIN are cancelled (trading.md §10.1), so are those that wait for its price."""
    desk = open_desk(overrides={"behaviour": {"untradable": "cancel"}})
    order = ordered(desk, cash_amount="10", instrument_id=desk.instrument("DE0000000A01"))
    desk.advance()
    assert waits_for(desk, order) == "instrument DE0000000A01 has no price"
    instrument_id = desk.call("retrieve_instrument", {"instrument_id": "isin:DE0000000A01"}).id
    desk.move("instruments", instrument_id, "INACTIVE")
    desk.advance()
    assert order_of(desk, order.id).cancellation_reason == "CANCELLED_BY_UPVEST_PLATFORM"


@pytest.mark.parametrize("gone", [False, True], ids=["while they have the role", "once it was taken away"])
def test_no_child_becomes_its_own_guardian(desk: Desk, gone: bool) -> None:
    """The group showed a CHILD whose only role was GUARDIAN (trading.md §7.1)."""
    child = person(desk)
    group = open_group(desk, child, "CHILD")
    if gone:
        role = next(row for row in desk.world.table(ROLES).by("entity", group.id))
        desk.move("roles", role.id, "ACTIVE")
        desk.move("roles", role.id, "DEACTIVATED")
    refusal = desk.refused("create_role", body=role_for(group.id, child, "GUARDIAN"))
    assert (refusal.rule.name, refusal.rule.status) == ("role.held", 400)
    assert f"user {child} is CHILD of account group {group.id} already" in refusal.detail
