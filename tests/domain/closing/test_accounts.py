"""trading.md §8: closing accounts and account groups."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.ledger import cash, positions
from mockserver.kernel.world import World
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, NOBODY, Desk
from tests.domain.support.made_up_payments import MadeUp
from tests.domain.support.openings import account_status, give_role, open_account, open_group, person, status_of

OWN = "XS0000000709"
"""An instrument of the test's own."""


def close_account(desk: Desk, account_id: str | None = None) -> None:
    desk.call("account_closure", {"account_id": account_id or desk.account_id})


def close_group(desk: Desk, group_id: str | None = None, **query: Any) -> None:
    desk.call("account_group_closure", {"account_group_id": group_id or desk.group_id}, query)


def reason_to_wait(world: World, resource: str, identity: str) -> str:
    held = world.holds.get(resource, identity)
    assert held is not None
    return held.reason


# --- Accounts ---


def test_an_empty_account_closes_by_itself(desk: Desk) -> None:
    close_account(desk)
    assert desk.types_since() == ["ACCOUNT.CLOSING_INITIATED"]
    assert desk.account.status == "CLOSING"
    assert desk.advance() == ["ACCOUNT.CLOSED"]
    assert desk.account.status == "CLOSED"


def test_an_account_that_was_never_approved_goes_straight_through(desk: Desk) -> None:
    user_id = person(desk, "INACTIVE")
    account = open_account(desk, open_group(desk, user_id).id, user_id)
    position = desk.world.events.end
    close_account(desk, account.id)
    desk.advance("1d")
    told = [type_ for type_ in desk.types_since(position) if type_.startswith("ACCOUNT.")]
    assert told == ["ACCOUNT.CLOSING_INITIATED", "ACCOUNT.CLOSED"]


def test_cash_does_not_keep_an_account_open(desk: Desk) -> None:
    """It belongs to the group (trading.md §1)."""
    assert desk.cash()["balance"] == "10000"
    close_account(desk)
    assert desk.advance() == ["ACCOUNT.CLOSED"]


def test_an_account_waits_until_its_units_are_sold(desk: Desk) -> None:
    desk.hold(AT_100, "3")
    close_account(desk)
    assert desk.advance("1d") == []
    assert reason_to_wait(desk.world, "accounts", desk.account_id) == (
        f"its position in {AT_100} is open (3 held, 3 settled)"
    )
    desk.place("SELL", AT_100, quantity="3")
    told = desk.advance()
    assert told[-1] == "ACCOUNT.CLOSED"
    assert told.index("ORDER.FILLED") < told.index("ACCOUNT.CLOSED")


def test_an_account_waits_for_every_position(desk: Desk) -> None:
    for isin in (AT_85, AT_100):
        desk.hold(isin, "1")
    close_account(desk)
    for isin, after in ((AT_100, "CLOSING"), (AT_85, "CLOSED")):
        desk.place("SELL", isin, quantity="1")
        desk.advance("1d")
        assert desk.account.status == after


def test_an_account_waits_for_the_settlement_of_what_was_sold(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    desk.hold(AT_100, "1")
    close_account(desk)
    desk.place("SELL", AT_100, quantity="1")
    desk.advance("1d")
    assert desk.told("ORDER.FILLED")
    assert desk.account.status == "CLOSING"
    desk.advance("6d")
    told = [type_ for type_ in desk.types_since() if type_ in ("EXECUTION.SETTLED", "ACCOUNT.CLOSED")]
    assert told == ["EXECUTION.SETTLED", "ACCOUNT.CLOSED"]


def test_an_account_waits_for_its_open_orders(desk: Desk) -> None:
    order = desk.place("SELL", AT_100, quantity="1")  # of nothing: it waits for units
    desk.advance()
    close_account(desk)
    assert desk.advance("1d") == []
    assert reason_to_wait(desk.world, "accounts", desk.account_id) == f"its order {order.id} is NEW"
    told = [*desk.move("orders", order.id, "CANCELLED"), *desk.advance("0s")]
    assert told == ["ORDER.CANCELLED", "ACCOUNT.CLOSED"]


def test_an_account_waits_for_a_buy_at_the_partner_and_what_it_bought(desk: Desk) -> None:
    desk.place("BUY", AT_100, amount="100")
    desk.advance("100ms")
    close_account(desk)
    desk.advance("1d")
    assert desk.position(AT_100)["quantity"] == "1"
    assert desk.account.status == "CLOSING"


def test_a_closing_account_cancels_buys_that_are_new_at_once(desk: Desk) -> None:
    order = desk.place("BUY", AT_100, amount="100")
    close_account(desk)
    cancelled = desk.call("retrieve_order", {"order_id": order.id})
    assert (cancelled.status, cancelled.cancellation_reason) == ("CANCELLED", "CANCELLED_BY_UPVEST_PLATFORM")
    assert desk.cash()["locked_for_trading"] == "0"


def test_closing_an_unknown_account_is_404(desk: Desk) -> None:
    assert desk.refused("account_closure", {"account_id": NOBODY}).rule.status == 404


@pytest.mark.parametrize("status", ["CLOSING", "CLOSED", "LOCKED"])
def test_an_account_that_cannot_be_closed_now_is_refused(open_desk: OpenDesk, status: str) -> None:
    desk = open_desk("manual")
    account = seeding.account(desk.world, status=status)
    refusal = desk.refused("account_closure", {"account_id": account.id})
    assert (refusal.rule.name, refusal.rule.status) == ("closing.state", 409)
    assert status in refusal.detail


def test_a_payment_under_way_that_forbids_it_forbids_closing_an_account(desk: Desk, made_up: MadeUp) -> None:
    made_up.open(desk, forbids=True)
    refusal = desk.refused("account_closure", {"account_id": desk.account_id})
    assert (refusal.rule.name, refusal.rule.status) == ("closing.withdrawal", 409)


def test_an_account_closed_by_hand_is_closed_whatever_is_left(desk: Desk) -> None:
    desk.hold(AT_100, "1")
    close_account(desk)
    desk.advance()
    assert desk.move("accounts", desk.account_id, "CLOSED") == ["ACCOUNT.CLOSED"]


# --- Account groups ---


def test_a_group_without_cash_closes_after_its_accounts(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    second = seeding.account(desk.world, account_group_id=desk.group_id)
    close_group(desk)
    assert desk.types_since() == ["ACCOUNT_GROUP.CLOSING_INITIATED"]
    assert desk.advance("1d") == []
    assert reason_to_wait(desk.world, "account_groups", desk.group_id) == f"its account {desk.account_id} is ACTIVE"
    close_account(desk)
    assert desk.advance("1d") == ["ACCOUNT.CLOSED"]
    close_account(desk, second.id)
    assert desk.advance("1d") == ["ACCOUNT.CLOSED", "ACCOUNT_GROUP.CLOSED"]


def test_a_group_without_accounts_closes_by_itself(desk: Desk) -> None:
    group = seeding.account_group(desk.world)
    close_group(desk, group.id)
    assert desk.advance() == ["ACCOUNT_GROUP.CLOSED"]


def test_a_group_that_was_never_approved_goes_straight_through(desk: Desk) -> None:
    group = open_group(desk, person(desk, "INACTIVE"))
    close_group(desk, group.id)
    assert desk.advance() == ["ACCOUNT_GROUP.CLOSED"]


def test_a_group_waits_until_its_cash_is_gone(desk: Desk) -> None:
    close_account(desk)
    close_group(desk)
    assert desk.advance("1d") == ["ACCOUNT.CLOSED"]
    assert reason_to_wait(desk.world, "account_groups", desk.group_id) == "cash is left: 10000 EUR, 0 unsettled"
    assert desk.cash()["balance"] == "10000"
    desk.fund("-9999.99")
    assert desk.advance() == []
    desk.fund("-0.01")
    assert desk.advance() == ["ACCOUNT_GROUP.CLOSED"]


def test_a_group_waits_for_cash_in_every_currency(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    seeding.cash(desk.world, account_group_id=desk.group_id, amount=Decimal(5), currency="GBP")
    close_account(desk)
    close_group(desk)
    desk.advance()
    assert reason_to_wait(desk.world, "account_groups", desk.group_id) == "cash is left: 5 GBP, 0 unsettled"
    seeding.cash(desk.world, account_group_id=desk.group_id, amount=Decimal(-5), currency="GBP")
    assert desk.advance() == ["ACCOUNT_GROUP.CLOSED"]


def test_cash_that_is_only_pending_keeps_a_group_open(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    cash.book(desk.world, desk.group_id, "EUR", pending=Decimal(7), silent=True)
    close_account(desk)
    close_group(desk)
    desk.advance("1d")
    assert status_of(desk, desk.group_id) == "CLOSING"
    cash.book(desk.world, desk.group_id, "EUR", pending=Decimal(-7), silent=True)
    assert desk.advance() == ["ACCOUNT_GROUP.CLOSED"]


@pytest.mark.parametrize("funded", [True, False])
def test_a_closing_group_cancels_the_new_buys_of_all_its_accounts_at_once(desk: Desk, funded: bool) -> None:
    second = open_account(desk, desk.group_id, desk.user_id)
    amount = "100" if funded else "20000"
    orders = [desk.place("BUY", AT_100, amount=amount).id]
    desk.account_id = second.id
    orders.append(desk.place("BUY", AT_100, amount=amount).id)
    sell = desk.place("SELL", AT_100, quantity="1").id
    close_group(desk)
    read = [desk.call("retrieve_order", {"order_id": order_id}) for order_id in orders]
    assert [order.cancellation_reason for order in read] == ["CANCELLED_BY_UPVEST_PLATFORM"] * 2
    assert desk.call("retrieve_order", {"order_id": sell}).status == "NEW"
    assert desk.cash()["locked_for_trading"] == "0"


def test_a_closing_group_cancels_a_buy_that_waits_for_a_price(desk: Desk) -> None:
    desk.instrument(OWN)
    order = desk.place("BUY", OWN, amount="100")
    desk.advance()
    close_group(desk)
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "CANCELLED"


def test_a_closing_group_cancels_portfolio_orders_that_are_new(desk: Desk) -> None:
    placed = desk.order("BUY", "100")
    close_group(desk)
    assert desk.portfolio_order(placed.id).cancellation_details == "Account group is being closed."


def test_closing_an_unknown_group_is_404(desk: Desk) -> None:
    assert desk.refused("account_group_closure", {"account_group_id": NOBODY}).rule.status == 404


@pytest.mark.parametrize("status", ["CLOSING", "CLOSED", "LOCKED"])
def test_a_group_that_cannot_be_closed_now_is_refused(open_desk: OpenDesk, status: str) -> None:
    desk = open_desk("manual")
    group = seeding.account_group(desk.world, status=status)
    refusal = desk.refused("account_group_closure", {"account_group_id": group.id})
    assert (refusal.rule.name, refusal.rule.status) == ("closing.state", 409)


def test_a_payment_under_way_that_forbids_it_forbids_closing_a_group(desk: Desk, made_up: MadeUp) -> None:
    payment = made_up.open(desk, forbids=True)
    refusal = desk.refused("account_group_closure", {"account_group_id": desk.group_id})
    assert (refusal.rule.name, refusal.rule.status) == ("closing.withdrawal", 409)
    made_up.end(desk, payment)
    close_group(desk)
    assert status_of(desk, desk.group_id) == "CLOSING"


def test_what_is_promised_away_does_not_forbid_closing_but_keeps_the_group_open(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    cash.book(desk.world, desk.group_id, "EUR", balance=Decimal(5), reserved=Decimal(5))
    close_account(desk)
    close_group(desk)
    desk.advance()
    assert status_of(desk, desk.group_id) == "CLOSING"
    assert reason_to_wait(desk.world, "account_groups", desk.group_id) == "cash is left: 5 EUR, 0 unsettled, 5 promised"
    cash.book(desk.world, desk.group_id, "EUR", balance=Decimal(-5), reserved=Decimal(-5))
    desk.advance()
    assert status_of(desk, desk.group_id) == "CLOSED"


def test_a_payment_under_way_keeps_a_group_without_cash_open(open_desk: OpenDesk, made_up: MadeUp) -> None:
    desk = open_desk(cash="0")
    payment = made_up.open(desk)
    close_account(desk)
    close_group(desk)
    desk.advance()
    assert reason_to_wait(desk.world, "account_groups", desk.group_id) == f"its made-up payment {payment} is OPEN"
    made_up.end(desk, payment)
    desk.advance()
    assert status_of(desk, desk.group_id) == "CLOSED"


def test_a_payment_that_only_waits_for_cash_is_given_up(open_desk: OpenDesk, made_up: MadeUp) -> None:
    desk = open_desk(cash="0")
    payment = made_up.open(desk, waits_for_cash=True)
    close_account(desk)
    close_group(desk)
    assert made_up.status(desk, payment) == "OPEN"
    desk.advance()
    assert (made_up.status(desk, payment), status_of(desk, desk.group_id)) == ("DONE", "CLOSED")


def test_while_another_is_under_way_none_is_given_up(open_desk: OpenDesk, made_up: MadeUp) -> None:
    desk = open_desk(cash="0")
    waiting, other = made_up.open(desk, waits_for_cash=True), made_up.open(desk)
    close_account(desk)
    close_group(desk)
    desk.advance()
    assert made_up.status(desk, waiting) == "OPEN"
    made_up.end(desk, other)
    desk.advance()
    assert (made_up.status(desk, waiting), status_of(desk, desk.group_id)) == ("DONE", "CLOSED")


def test_a_notification_only_remembers_the_reason(desk: Desk) -> None:
    before = desk.world.table(ACCOUNT_GROUPS)[desk.group_id]
    close_group(desk, closure_reason="dunning", notification_only="true")
    after = desk.world.table(ACCOUNT_GROUPS)[desk.group_id]
    assert (after.closure_reason, after.wire) == ("dunning", before.wire)
    assert desk.types_since() == []
    assert desk.advance("1d") == []


def test_the_reason_stands_in_the_history_of_the_group(desk: Desk) -> None:
    close_group(desk, closure_reason="aml", notification_only="false")
    assert list(desk.world.moves)[-1].cause == "closing requested by the client: aml"


def test_a_group_that_was_given_notice_can_be_closed(desk: Desk) -> None:
    close_group(desk, closure_reason="dunning", notification_only="true")
    close_group(desk)
    assert list(desk.world.moves)[-1].cause == "closing requested by the client: dunning"


# --- Who waits for the end ---


@pytest.mark.parametrize("resource", ["accounts", "account_groups"])
def test_every_member_of_what_is_closed_is_looked_at_again(
    desk: Desk, resource: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = person(desk), person(desk)
    group = open_group(desk, first, "JOINT")
    give_role(desk, group.id, second)
    desk.advance()
    account = open_account(desk, group.id, first)
    stirred: list[str] = []
    monkeypatch.setattr("mockserver.domain.closing.accounts.stir", lambda _, topic: stirred.append(topic))
    identity = account.id if resource == "accounts" else group.id
    for to in ("CLOSING", "CLOSED"):
        desk.move(resource, identity, to)
    assert stirred[-2:] == [f"offboarding/{first}", f"offboarding/{second}"]


def test_a_leaving_user_is_offboarded_after_the_last_account_and_group(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    desk.call("offboard_user", {"user_id": desk.user_id})
    close_group(desk)
    desk.advance("1d")
    close_account(desk)
    told = [type_ for type_ in desk.advance("1d") if type_.startswith(("ACCOUNT", "USER"))]
    assert told == ["ACCOUNT.CLOSED", "ACCOUNT_GROUP.CLOSED", "USER.OFFBOARDED"]


# --- What is booked while nobody closes ---


def test_books_that_are_emptied_tell_nobody(desk: Desk) -> None:
    desk.hold(AT_100, "1")
    desk.place("SELL", AT_100, quantity="1")
    desk.advance()
    [row] = [row for row in desk.world.table(positions.POSITIONS) if row.isin == AT_100]
    assert row.cleared
    assert account_status(desk, desk.account_id) == "ACTIVE"


# --- On the wire ---


async def test_closing_over_http(client: Api, desk: Desk) -> None:
    desk.fund("-10000")
    group, account = f"/account_groups/{desk.group_id}", f"/accounts/{desk.account_id}"
    assert (await client.delete(f"{group}?notification_only=true&closure_reason=aml", key=None)).status == 202
    assert (await client.delete(account, key=None)).status == 202
    assert (await client.delete(account, key=None)).status == 409
    assert (await client.delete(f"{group}?closure_reason=user_initiated", key=None)).status == 202
    assert (await client.delete(group, key=None)).status == 409
    desk.advance()
    assert (await client.get(account)).json["status"] == "CLOSED"
    assert (await client.get(group)).json["status"] == "CLOSED"
    assert (await client.get(f"/users/{desk.user_id}/accounts")).json["meta"]["total_count"] == 1


@pytest.mark.parametrize("query", ["closure_reason=boredom", "closure_reason=AML", "notification_only=perhaps"])
async def test_a_closure_that_the_contract_does_not_know_is_refused(client: Api, desk: Desk, query: str) -> None:
    assert (await client.delete(f"/account_groups/{desk.group_id}?{query}", key=None)).status == 400
    assert status_of(desk, desk.group_id) == "ACTIVE"
