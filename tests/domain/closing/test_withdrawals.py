"""trading.md §8, payments.md §2.5: closing and leaving while cash is paid out."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.ledger import cash
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, Desk
from tests.domain.support.openings import status_of
from tests.domain.support.payouts import delete, fate, reference_account, withdraw
from tests.domain.support.people import offboard, status

CLOSURES = ["account_closure", "account_group_closure"]


def path_of(desk: Desk, closure: str) -> dict[str, str]:
    return {"account_id": desk.account_id} if closure == "account_closure" else {"account_group_id": desk.group_id}


def close_everything(desk: Desk) -> None:
    for closure in CLOSURES:
        desk.call(closure, path_of(desk, closure))


def refusal_of(desk: Desk, closure: str) -> tuple[str, int]:
    rule = desk.refused(closure, path_of(desk, closure)).rule
    return rule.name, rule.status


# --- What forbids it ---


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize(("amount", "states"), [("1", ("NEW", "PROCESSING")), ("10000.01", ("NEW",))])
def test_an_open_withdrawal_forbids_closing(
    open_desk: OpenDesk, closure: str, amount: str, states: tuple[str, ...]
) -> None:
    """One without funds, too, which holds nothing back."""
    desk = open_desk("manual")
    paid = withdraw(desk, amount)
    for state in states:
        if state != "NEW":
            desk.move("withdrawals", paid.id, state)
        assert refusal_of(desk, closure) == ("closing.withdrawal", 409)


@pytest.mark.parametrize("closure", CLOSURES)
def test_one_that_is_over_does_not(open_desk: OpenDesk, closure: str) -> None:
    desk = open_desk("manual")
    confirmed, cancelled = withdraw(desk, "1"), withdraw(desk, "2")
    desk.move("withdrawals", confirmed.id, "PROCESSING")
    desk.move("withdrawals", confirmed.id, "CONFIRMED")
    delete(desk, cancelled.id)
    desk.call(closure, path_of(desk, closure))
    assert desk.types_since()[-1].endswith("CLOSING_INITIATED")


@pytest.mark.parametrize("closure", CLOSURES)
def test_one_of_another_group_does_not(desk: Desk, closure: str) -> None:
    other = seeding.account_group(desk.world, user_id=desk.user_id)
    seeding.cash(desk.world, account_group_id=other.id, amount=cash.cash(desk.world, desk.group_id, "EUR").balance)
    withdraw(desk, "1", account_group_id=other.id)
    desk.call(closure, path_of(desk, closure))


# --- What it waits for ---


def test_the_last_cash_is_paid_out_and_the_group_closes(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="200")
    close_everything(desk)
    desk.advance("1d")
    assert status_of(desk, desk.group_id) == "CLOSING"
    withdraw(desk, "200")
    assert desk.advance("1d")[-3:] == ["CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED", "ACCOUNT_GROUP.CLOSED"]


def test_what_comes_back_keeps_a_closing_group_open_until_it_is_paid_out_again(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="200")
    desk.call("account_group_closure", {"account_group_id": desk.group_id})
    withdraw(desk, "200", end="9001")
    desk.advance("1m")  # sent, and back, while the account is still open
    desk.call("account_closure", {"account_id": desk.account_id})
    desk.advance("1d")
    assert status_of(desk, desk.group_id) == "CLOSING"
    withdraw(desk, "200")
    assert desk.advance("1d")[-1] == "ACCOUNT_GROUP.CLOSED"


def waiting_desk(open_desk: OpenDesk, **others: Any) -> Desk:
    return open_desk(overrides={"payments": {"withdrawal_funding": "wait"}}, **others)


def test_one_that_waits_for_cash_that_never_comes_is_cancelled_and_the_group_closes(open_desk: OpenDesk) -> None:
    desk = waiting_desk(open_desk, cash="0")
    order = desk.place("SELL", AT_100, quantity="1")  # of nothing: it keeps the account open
    close_everything(desk)
    paid = withdraw(desk, "5")
    desk.advance("1d")
    assert fate(desk, paid.id) == ("NEW", None)
    desk.move("orders", order.id, "CANCELLED")
    assert desk.advance("1d") == ["ACCOUNT.CLOSED", "WITHDRAWAL.CANCELLED", "ACCOUNT_GROUP.CLOSED"]
    assert fate(desk, paid.id) == ("CANCELLED", "CANCELLED_BY_UPVEST")


def test_one_that_waits_for_the_last_sell_gets_its_cash(open_desk: OpenDesk) -> None:
    desk = waiting_desk(open_desk, cash="0")
    desk.hold(AT_100, "1")
    close_everything(desk)
    paid, too_much = withdraw(desk, "100"), withdraw(desk, "100.01")
    desk.place("SELL", AT_100, quantity="1")
    desk.advance("1d")
    assert [fate(desk, each.id)[0] for each in (paid, too_much)] == ["CONFIRMED", "CANCELLED"]
    assert status_of(desk, desk.group_id) == "CLOSED"


def test_as_long_as_cash_is_left_it_goes_on_waiting(open_desk: OpenDesk) -> None:
    """With 5 left and 10 wanted neither goes on; the client cancels, or asks for the 5."""
    desk = waiting_desk(open_desk, cash="5")
    close_everything(desk)
    paid = withdraw(desk, "10")
    desk.advance("1d")
    assert (fate(desk, paid.id)[0], status_of(desk, desk.group_id)) == ("NEW", "CLOSING")
    last = withdraw(desk, "5")
    desk.advance("1d")
    assert [fate(desk, each.id)[0] for each in (paid, last)] == ["CANCELLED", "CONFIRMED"]
    assert status_of(desk, desk.group_id) == "CLOSED"


def test_a_closed_group_has_no_open_withdrawal(open_desk: OpenDesk) -> None:
    """payments.md §18: not after a command, either."""
    desk = open_desk("manual", cash="200")
    withdraw(desk, "150")
    for to in ("CLOSING", "CLOSED"):
        desk.move("account_groups", desk.group_id, to)
    assert desk.refused("create_cash_withdrawal", body=_body(desk)).rule.name == "payment.group-status"
    assert desk.world.table(ACCOUNT_GROUPS)[desk.group_id].status == "CLOSED"


def _body(desk: Desk) -> dict[str, str]:
    return {"reference_account_id": reference_account(desk), "account_group_id": desk.group_id, "amount": "1"}


# --- Leaving ---


def test_who_leaves_empties_the_group_with_a_withdrawal(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="200")
    reference_account(desk)
    offboard(desk, desk.user_id)
    close_everything(desk)
    desk.advance("1d")
    assert status(desk, desk.user_id) == "OFFBOARDING"
    withdraw(desk, "200")
    assert desk.advance("1d")[-2:] == ["ACCOUNT_GROUP.CLOSED", "USER.OFFBOARDED"]
