"""payments.md §2.5, §18: closing while payments of several families are under way, and closing by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.domain.payments import under_way
from mockserver.domain.payments.direct_debits import DIRECT_DEBITS
from mockserver.domain.payments.under_way import UNDER_WAY
from tests.domain.conftest import OpenDesk
from tests.domain.payments import bank
from tests.domain.support import fees, moving, tax_collections
from tests.domain.support.desk import AT_100, Desk
from tests.domain.support.openings import status_of
from tests.domain.support.pairs import paired
from tests.domain.support.payouts import books, withdraw


def virtual(desk: Desk, what: str, amount: str) -> Any:
    body = {"account_group_id": desk.group_id, "amount": amount, "currency": "EUR"}
    return desk.call(f"create_virtual_cash_{what}", body=body)


def states(desk: Desk, resource: str) -> list[str]:
    return [str(row.status) for row in desk.world.store.named(resource) or ()]


def close_all(desk: Desk) -> None:
    desk.call("account_closure", {"account_id": desk.account_id})
    desk.call("account_group_closure", {"account_group_id": desk.group_id})


# --- Several families at once ---


@pytest.fixture
def leaving(open_desk: OpenDesk) -> Desk:
    """A group that closes, in which a decrease and a withdrawal wait for cash, and a direct debit is with the bank."""
    stay = {"direct_debit.collect": {"delay": "never"}}
    desk = open_desk(overrides={"payments": {"withdrawal_funding": "wait"}, "stages": stay}, cash="0")
    bank.collect(desk)  # 200
    close_all(desk)
    virtual(desk, "decrease", "150")
    desk.advance()  # it is the first to wait
    withdraw(desk, "100")
    desk.advance("1d")
    assert status_of(desk, desk.group_id) == "CLOSING"
    assert (states(desk, "virtual_cash_decreases"), states(desk, "withdrawals")) == (["QUEUED"], ["NEW"])
    return desk


def collected(desk: Desk, to: str) -> None:
    """What the bank answers, and what comes of it."""
    (row,) = desk.world.table(DIRECT_DEBITS)
    desk.move("direct_debits", row.id, to)
    desk.advance("1d")


def test_without_the_collection_nothing_is_left_to_wait_for(leaving: Desk) -> None:
    position = leaving.world.events.end
    collected(leaving, "CANCELLED")
    told = leaving.types_since(position)
    assert told[0] == "DIRECT_DEBIT.CANCELLED"
    assert sorted(told[1:-1]) == ["VIRTUAL_CASH_DECREASE.CANCELLED", "WITHDRAWAL.CANCELLED"]
    assert told[-1] == "ACCOUNT_GROUP.CLOSED"


def test_what_is_collected_serves_them_by_arrival(leaving: Desk) -> None:
    """200 come, 150 are taken back; 50 are left, too little for the withdrawal: the group stays open."""
    collected(leaving, "CONFIRMED")
    assert (states(leaving, "virtual_cash_decreases"), states(leaving, "withdrawals")) == (["CONFIRMED"], ["NEW"])
    assert (books(leaving), status_of(leaving, leaving.group_id)) == (("50", "50", "50"), "CLOSING")
    withdraw(leaving, "50")
    leaving.advance("1d")
    assert states(leaving, "withdrawals") == ["CANCELLED", "CONFIRMED"]
    assert status_of(leaving, leaving.group_id) == "CLOSED"


def test_a_closing_group_below_zero_is_filled_and_closes(open_desk: OpenDesk) -> None:
    """200 in, spent, charged back: -200. The last sell brings 100, a top-up of the client's the rest."""
    desk = open_desk(cash="0")
    bank.collect(desk, "9002")
    desk.advance("200ms")
    desk.place("BUY", AT_100, amount="200")
    desk.advance("10s")
    assert books(desk) == ("-200", "-200", "-200")
    desk.hold(AT_100, "1")
    close_all(desk)
    desk.place("SELL", AT_100, quantity="1")
    desk.advance("1d")
    assert (books(desk), status_of(desk, desk.group_id)) == (("-100", "-100", "-100"), "CLOSING")
    body = {"account_group_id": desk.group_id, "cash_amount": "100", "currency": "EUR"}
    desk.call("create_topup", body=body)
    assert desk.advance("1d")[-1] == "ACCOUNT_GROUP.CLOSED"


# --- By hand ---

Opens = Callable[[Desk], Any]


def moved(opens: Opens, resource: str, to: str) -> Opens:
    def opened(desk: Desk) -> None:
        desk.move(resource, opens(desk).id, to)

    return opened


OPEN: dict[str, Opens] = {
    "withdrawal, NEW": lambda desk: withdraw(desk, "30"),
    "withdrawal, NEW and not funded": lambda desk: withdraw(desk, "3000"),
    "withdrawal, PROCESSING": moved(lambda desk: withdraw(desk, "30"), "withdrawals", "PROCESSING"),
    "direct debit, NEW": bank.collect,
    "direct debit, PROCESSING": moved(bank.collect, "direct_debits", "PROCESSING"),
    "virtual cash increase, ISSUED": lambda desk: virtual(desk, "increase", "30"),
    "virtual cash decrease, ISSUED": lambda desk: virtual(desk, "decrease", "30"),
    "virtual cash decrease, QUEUED": moved(
        lambda desk: virtual(desk, "decrease", "3000"), "virtual_cash_decreases", "QUEUED"
    ),
    "cash balance transfer, ISSUED": lambda desk: paired(desk).send(amount="30"),
    "securities transfer, NEW": moving.transfer,
    "securities transfer, PROCESSING": moved(moving.transfer, "securities_transfers", "PROCESSING"),
    "fee collection, PROCESSING": lambda desk: fees.collect(desk, "130"),
    "tax collection, PROCESSING": lambda desk: tax_collections.owed(desk, "130"),
}


ELSEWHERE = {"ISA transfer", "corporate action booking"}
"""No ISA transfer is CANCELLED, so none lets its group be closed by hand; a booking that is due emits nothing. See the
tests of their families."""


def test_every_state_of_every_family_is_tried() -> None:
    tried = {tuple(each.removesuffix(" and not funded").split(", ")) for each in OPEN}
    assert tried == {(row.what, str(state)) for row in UNDER_WAY if row.what not in ELSEWHERE for state in row.states}


@pytest.mark.parametrize("opens", OPEN.values(), ids=OPEN)
def test_what_is_under_way_in_a_group_that_is_closed_by_hand_is_cancelled(open_desk: OpenDesk, opens: Opens) -> None:
    """No amount of forcing leaves something open in a CLOSED group, or makes money appear."""
    desk = open_desk("manual", cash="100")
    opens(desk)
    assert len(list(under_way.of_group(desk.world, desk.group_id))) == 1
    desk.move("account_groups", desk.group_id, "CLOSING")
    told = desk.move("account_groups", desk.group_id, "CLOSED")
    assert told[0] == "ACCOUNT_GROUP.CLOSED"
    assert told[1].endswith(".CANCELLED")
    assert list(under_way.of_group(desk.world, desk.group_id)) == []
    assert books(desk) == ("100", "100", "100")
    assert not desk.advance("30d")


def test_a_transfer_ends_with_either_of_its_groups(open_desk: OpenDesk) -> None:
    both = paired(open_desk("manual", cash="100"))
    both.send(amount="30")
    for to in ("CLOSING", "CLOSED"):
        both.desk.move("account_groups", both.other, to)
    assert states(both.desk, "cash_balance_transfers") == ["CANCELLED"]
    assert books(both.desk) == ("100", "100", "100")
