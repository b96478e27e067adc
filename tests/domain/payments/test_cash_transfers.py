"""payments.md §8: cash balance transfers between two account groups of one holder."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.kernel.lifecycle import Hold, IllegalMoveError
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, NOBODY
from tests.domain.support.pairs import Pair, paired

CONFIRMED = [
    "CASH_BALANCE_TRANSFER.CONFIRMED",
    "CASH_TRANSACTION.EXECUTED",
    "CASH_TRANSACTION.EXECUTED",
    "CASH_BALANCE.UPDATED",
    "CASH_BALANCE.UPDATED",
]


Made = Callable[..., Pair]


@pytest.fixture
def pair(open_desk: OpenDesk) -> Made:
    """``pair(profile="sandbox", overrides=None, *, cash="100")``"""
    return lambda *args, cash="100", **kwargs: paired(open_desk(*args, cash=cash, **kwargs))


def test_the_source_pays_and_the_target_gets_it(pair: Made) -> None:
    """100 and 0; 80 are reserved at once, and booked over a moment later: 20 and 80."""
    both = pair()
    position = both.desk.world.events.end
    sent = both.send()
    assert both.desk.types_since(position) == ["CASH_BALANCE_TRANSFER.ISSUED", "CASH_BALANCE.UPDATED"]
    assert (both.books(), both.books(both.other)) == (("100", "20", "20"), ("0", "0", "0"))
    assert both.desk.advance() == CONFIRMED
    assert (both.books(), both.books(both.other)) == (("20", "20", "20"), ("80", "80", "80"))
    assert both.shown(sent) == {
        "id": sent.id,
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00.100000Z",
        "source_account_group_id": both.desk.group_id,
        "target_account_group_id": both.other,
        "amount": "80.00",
        "currency": "EUR",
        "status": "CONFIRMED",
        "cancellation_reason": None,
    }


def test_both_sides_have_a_transaction_that_refers_to_the_transfer(pair: Made) -> None:
    both = pair()
    sent = both.send()
    both.desk.advance()
    rows = both.desk.told("CASH_TRANSACTION.EXECUTED")
    assert [(row["account_group_id"], row["delta"]["amount"]) for row in rows] == [
        (both.desk.group_id, "-80"),
        (both.other, "80"),
    ]
    for row in rows:
        assert (row["type"], row["references"]) == (
            "INTERNAL_CASH_TRANSFER",
            [{"id": sent.id, "type": "CASH_BALANCE_TRANSFER"}],
        )
    told = [row["account_group_id"] for row in both.desk.told("CASH_BALANCE.UPDATED")]
    assert told == [both.desk.group_id, both.desk.group_id, both.other]


def test_in_the_live_profile_it_takes_a_second(pair: Made) -> None:
    both = pair("live")
    both.send()
    assert both.desk.advance("999ms") == []
    assert both.desk.advance("1ms") == CONFIRMED


def test_an_order_of_the_target_that_waits_for_cash_goes_on(pair: Made) -> None:
    both = pair(cash="0")
    order = both.desk.place("BUY", AT_100, amount="80")
    both.desk.advance()
    seeding.cash(both.desk.world, account_group_id=both.other, amount=Decimal(80))
    both.send(source_account_group_id=both.other, target_account_group_id=both.desk.group_id)
    both.desk.advance()
    assert both.desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"


def test_without_enough_cash_it_is_cancelled_and_no_balance_is_told(pair: Made) -> None:
    both = pair(cash="79.99")
    position = both.desk.world.events.end
    sent = both.send()
    assert both.desk.types_since(position) == ["CASH_BALANCE_TRANSFER.ISSUED"]
    both.desk.fund("100")  # too late: it counts what is there at the request
    assert both.desk.advance() == ["CASH_BALANCE_TRANSFER.CANCELLED"]
    assert both.end(sent) == ("CANCELLED", "INSUFFICIENT_FUNDS")
    assert (both.books(), both.books(both.other)) == (("179.99", "179.99", "179.99"), ("0", "0", "0"))


def test_only_settled_cash_is_transferred(pair: Made) -> None:
    both = pair(overrides={"stages": {"execution.settle": {"delay": "never"}}}, cash="0")
    both.desk.hold(AT_100, "1")
    both.desk.place("SELL", AT_100, quantity="1")
    both.desk.advance()
    assert both.books() == ("100", "100", "0")
    sent = both.send()
    both.desk.advance()
    assert both.end(sent) == ("CANCELLED", "INSUFFICIENT_FUNDS")


def test_cash_is_transferred_once(pair: Made) -> None:
    """Two transfers of 80 out of 100: the second finds 20."""
    both = pair()
    first, second = both.send(), both.send()
    both.desk.advance()
    assert (both.end(first)[0], both.end(second)) == ("CONFIRMED", ("CANCELLED", "INSUFFICIENT_FUNDS"))
    assert both.sum() == 100


@pytest.mark.parametrize("status", ["LOCKED", "CLOSING"])
def test_it_is_cancelled_where_the_target_is_not_active_any_more(pair: Made, status: str) -> None:
    both = pair()
    sent = both.send()
    both.desk.move("account_groups", both.other, status)
    told = both.desk.advance()
    at = told.index("CASH_BALANCE_TRANSFER.CANCELLED")
    assert told[at : at + 2] == ["CASH_BALANCE_TRANSFER.CANCELLED", "CASH_BALANCE.UPDATED"]
    assert both.end(sent) == ("CANCELLED", "ACCOUNT_GROUP_NOT_ACTIVE")
    assert both.books() == ("100", "100", "100")


def test_it_goes_on_out_of_a_closing_group_which_closes_then(pair: Made) -> None:
    both = pair(cash="80")
    both.send()
    both.desk.call("account_closure", {"account_id": both.desk.account_id})
    both.desk.call("account_group_closure", {"account_group_id": both.desk.group_id})
    told = both.desk.advance()
    assert told.index("CASH_BALANCE_TRANSFER.CONFIRMED") < told.index("ACCOUNT_GROUP.CLOSED")
    assert both.books(both.other) == ("80", "80", "80")


def test_a_closing_target_closes_once_the_transfer_to_it_has_ended(pair: Made) -> None:
    both = pair()
    both.send()
    both.desk.call("account_group_closure", {"account_group_id": both.other})
    told = both.desk.advance()
    assert told.index("CASH_BALANCE_TRANSFER.CANCELLED") < told.index("ACCOUNT_GROUP.CLOSED")


def test_it_waits_while_the_source_is_locked(pair: Made) -> None:
    both = pair()
    sent = both.send()
    both.desk.move("account_groups", both.desk.group_id, "LOCKED")
    both.desk.advance()
    assert both.end(sent) == ("ISSUED", None)
    both.desk.move("account_groups", both.desk.group_id, "ACTIVE")
    both.desk.advance()
    assert both.end(sent) == ("CONFIRMED", None)


@pytest.mark.parametrize("funded", [True, False])
def test_a_client_cancels_it_and_what_was_reserved_is_free_again(pair: Made, funded: bool) -> None:
    both = pair(cash="100" if funded else "10")
    free = both.books()
    sent = both.send()
    position = both.desk.world.events.end
    both.desk.call("cancel_cash_balance_transfer", {"cash_balance_transfer_id": sent.id})
    balance = ["CASH_BALANCE.UPDATED"] if funded else []
    assert both.desk.types_since(position) == ["CASH_BALANCE_TRANSFER.CANCELLED", *balance]
    assert both.desk.advance("1h") == []
    assert (both.end(sent), both.books()) == (("CANCELLED", "CANCELLED_BY_CLIENT"), free)


@pytest.mark.parametrize("end", ["CONFIRMED", "CANCELLED"])
def test_what_is_final_cannot_be_cancelled(pair: Made, end: str) -> None:
    both = pair()
    sent = both.send()
    both.desk.move("cash_balance_transfers", sent.id, end)
    refusal = both.desk.refused("cancel_cash_balance_transfer", {"cash_balance_transfer_id": sent.id})
    assert (refusal.rule.status, refusal.rule.name) == (422, "cash-transfer.final")
    assert f"is {end}" in refusal.detail


@pytest.mark.parametrize("operation", ["retrieve_cash_balance_transfer", "cancel_cash_balance_transfer"])
def test_an_unknown_transfer_is_not_found(pair: Made, operation: str) -> None:
    refusal = pair().desk.refused(operation, {"cash_balance_transfer_id": NOBODY})
    assert (refusal.rule.status, refusal.detail) == (404, f"There is no cash balance transfer {NOBODY}.")


# --- By command ---


def test_a_command_may_cancel_it_for_a_reason(pair: Made) -> None:
    both = pair("manual")
    first, second = both.send(amount="10"), both.send(amount="20")
    assert both.desk.advance("10d") == []
    both.desk.move("cash_balance_transfers", first.id, "CANCELLED")
    both.desk.move("cash_balance_transfers", second.id, "CANCELLED", cancellation_reason="Cut-off missed")
    assert [both.end(each)[1] for each in (first, second)] == ["CANCELLED_BY_UPVEST", "Cut-off missed"]
    assert both.books() == ("100", "100", "100")


def test_a_profile_may_cancel_transfers(pair: Made) -> None:
    both = pair(overrides={"stages": {"cash_balance_transfer.confirm": {"outcomes": {"CANCELLED": 1}}}})
    sent = both.send()
    both.desk.advance()
    assert both.end(sent) == ("CANCELLED", "CANCELLED_BY_UPVEST")
    assert both.sum() == 100


def test_no_command_makes_money(pair: Made) -> None:
    both = pair("manual", cash="70")
    sent = both.send()
    with pytest.raises(Hold, match=r"70 EUR of account group .* are available for withdrawal, and 80\.00 are needed"):
        both.desk.move("cash_balance_transfers", sent.id, "CONFIRMED")
    assert both.sum() == 70
    both.desk.fund("10")
    assert both.desk.move("cash_balance_transfers", sent.id, "CONFIRMED") == CONFIRMED
    assert (both.books(), both.books(both.other)) == (("0", "0", "0"), ("80", "80", "80"))
    with pytest.raises(IllegalMoveError):
        both.desk.move("cash_balance_transfers", sent.id, "CANCELLED")


def test_no_command_books_into_a_closed_group(pair: Made) -> None:
    """Not even with one that the closing overlooked."""
    both = pair("manual")
    sent = both.send()
    groups = both.desk.world.table(ACCOUNT_GROUPS)
    groups.put(groups[both.other].evolve(status="CLOSED"))
    with pytest.raises(Hold, match=f"account group {both.other} is CLOSED"):
        both.desk.move("cash_balance_transfers", sent.id, "CONFIRMED")
    both.desk.move("cash_balance_transfers", sent.id, "CANCELLED")
    assert both.end(sent) == ("CANCELLED", "ACCOUNT_GROUP_NOT_ACTIVE")


def test_a_snapshot_keeps_what_is_reserved(pair: Made) -> None:
    both = pair()
    both.send()
    start = both.desk.world.snapshot()
    for _ in range(2):
        both.desk.world.restore(start)
        assert both.books() == ("100", "20", "20")
        assert both.desk.advance() == CONFIRMED
        assert both.books(both.other) == ("80", "80", "80")


# --- Lists ---


def test_lists_hold_what_a_user_sends(pair: Made) -> None:
    both = pair()
    first = both.send(amount="10")
    both.desk.advance()
    back = both.send(
        source_account_group_id=both.other, target_account_group_id=both.desk.group_id, amount="5", currency="EUR"
    )
    stranger = seeding.user(both.desk.world)
    listed = [row.id for row in both.desk.rows("list_cash_balance_transfers")]
    assert listed == [first.id, back.id]
    path = {"user_id": both.desk.user_id}
    assert [row.id for row in both.desk.rows("list_user_cash_balance_transfers", path)] == listed
    by_id = both.desk.rows("list_user_cash_balance_transfers", path, sort="id")
    assert [row.id for row in by_id] == sorted(listed)
    assert both.desk.rows("list_user_cash_balance_transfers", {"user_id": stranger.id}) == []


@pytest.mark.parametrize(
    ("operation", "member"),
    [("list_user_cash_balance_transfers", "user_id"), ("list_business_cash_balance_transfers", "business_id")],
)
def test_the_list_of_an_unknown_holder_is_not_found(pair: Made, operation: str, member: str) -> None:
    refusal = pair().desk.refused(operation, {member: NOBODY})
    assert (refusal.rule.status, refusal.rule.name) == (404, "resource.unknown")
