"""payments.md §8: virtual cash; increases, decreases, and decreases that wait for cash in the queue."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain import seeding
from mockserver.domain.orders.trades import EXECUTIONS
from mockserver.domain.payments.virtual_cash import DECREASES, INCREASES
from mockserver.kernel.lifecycle import Hold, IllegalMoveError
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, NOBODY, Desk
from tests.domain.support.outcomes import BOUGHT, BUY_SETTLED, SOLD
from tests.domain.support.payouts import group_is

BOOKED = ["CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]
BY_HAND = {"execution.settle": {"delay": "never"}}


def increase(desk: Desk, amount: str, currency: str = "EUR", group_id: str | None = None) -> Any:
    body = {"account_group_id": group_id or desk.group_id, "amount": amount, "currency": currency}
    return desk.call("create_virtual_cash_increase", body=body)


def decrease(desk: Desk, amount: str, currency: str = "EUR") -> Any:
    body = {"account_group_id": desk.group_id, "amount": amount, "currency": currency}
    return desk.call("create_virtual_cash_decrease", body=body)


def state(desk: Desk, asked: Any) -> str:
    return str(desk.world.table(DECREASES)[asked.id].status)


def books(desk: Desk, currency: str = "EUR") -> tuple[str, ...]:
    """Balance, available for trading, available for withdrawal."""
    row = desk.cash(currency)
    return row["balance"], row["available_for_trading"], row["available_for_withdrawal"]


# --- Increases ---


def test_an_increase_is_answered_issued_and_confirmed_a_moment_later(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    asked = increase(desk, "200")
    assert desk.told("VIRTUAL_CASH_INCREASE.ISSUED") == [
        {
            "id": asked.id,
            "created_at": "2023-01-10T09:00:00Z",
            "updated_at": "2023-01-10T09:00:00Z",
            "account_group_id": desk.group_id,
            "amount": "200.00",
            "currency": "EUR",
            "status": "ISSUED",
        }
    ]
    assert books(desk) == ("0", "0", "0")
    assert desk.advance() == ["VIRTUAL_CASH_INCREASE.CONFIRMED", *BOOKED]
    assert books(desk) == ("200", "200", "200")
    (told,) = desk.told("VIRTUAL_CASH_INCREASE.CONFIRMED")
    assert (told["status"], told["updated_at"]) == ("CONFIRMED", "2023-01-10T09:00:00.100000Z")


@pytest.mark.parametrize(("kind", "sign"), [("increase", 1), ("decrease", -1)])
def test_the_transaction_refers_to_the_request(desk: Desk, kind: str, sign: int) -> None:
    asked = {"increase": increase, "decrease": decrease}[kind](desk, "12.50")
    desk.advance()
    (row,) = desk.told("CASH_TRANSACTION.EXECUTED")
    type_ = f"VIRTUAL_CASH_{kind.upper()}"
    assert (row["type"], row["references"]) == (type_, [{"id": asked.id, "type": type_}])
    assert Decimal(row["delta"]["amount"]) == sign * Decimal("12.50")
    assert row["booking_date"] == row["value_date"] == "2023-01-10T00:00:00Z"
    assert "account_id" not in row


def test_virtual_cash_may_be_in_dollars(desk: Desk) -> None:
    increase(desk, "20.00", "USD")
    desk.advance()
    assert books(desk, "USD") == ("20", "20", "20")
    decrease(desk, "20.00", "USD")
    desk.advance()
    assert books(desk, "USD") == ("0", "0", "0")


def test_an_order_that_waits_for_cash_goes_on(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    order = desk.place("BUY", AT_100, amount="100")
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "NEW"
    increase(desk, "100")
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"


@pytest.mark.parametrize("status", ["LOCKED", "CLOSING"])
def test_an_increase_is_cancelled_where_the_group_is_not_active_any_more(open_desk: OpenDesk, status: str) -> None:
    desk = open_desk(cash="0")
    increase(desk, "200")
    desk.move("account_groups", desk.group_id, status)
    assert "VIRTUAL_CASH_INCREASE.CANCELLED" in desk.advance()
    assert books(desk) == ("0", "0", "0")
    assert desk.told("CASH_TRANSACTION.EXECUTED") == []


def test_a_closing_group_closes_once_the_last_increase_is_through(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    increase(desk, "200")
    desk.call("account_closure", {"account_id": desk.account_id})
    desk.call("account_group_closure", {"account_group_id": desk.group_id})
    told = desk.advance()
    assert told.index("VIRTUAL_CASH_INCREASE.CANCELLED") < told.index("ACCOUNT_GROUP.CLOSED")


def test_a_profile_may_cancel_the_increases_of_one_type_of_group(open_desk: OpenDesk) -> None:
    """As certain tax wrappers do (§8)."""
    overrides = [{"match": {"group_type": "ISA"}, "outcomes": {"CANCELLED": 1}}]
    desk = open_desk(overrides={"stages": {"virtual_cash_increase.confirm": {"overrides": overrides}}})
    isa = seeding.account_group(desk.world, user_id=desk.user_id, type="ISA").id
    increase(desk, "20", "GBP", isa)
    increase(desk, "20", "GBP")
    desk.advance()
    ends = [(row.account_group_id, row.status) for row in desk.world.table(INCREASES)]
    assert ends == [(isa, "CANCELLED"), (desk.group_id, "CONFIRMED")]


def test_by_command_an_increase_is_cancelled_without_any_booking(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="0")
    asked = increase(desk, "200")
    assert desk.advance("10d") == []
    assert desk.move("virtual_cash_increases", asked.id, "CANCELLED") == ["VIRTUAL_CASH_INCREASE.CANCELLED"]
    with pytest.raises(IllegalMoveError):
        desk.move("virtual_cash_increases", asked.id, "CONFIRMED")
    assert books(desk) == ("0", "0", "0")


def test_no_command_brings_virtual_cash_into_a_closed_group(open_desk: OpenDesk) -> None:
    """Not even with one that the closing overlooked."""
    desk = open_desk("manual", cash="0")
    asked = increase(desk, "200")
    group_is(desk, "CLOSED")
    with pytest.raises(Hold, match="nothing comes into it"):
        desk.move("virtual_cash_increases", asked.id, "CONFIRMED")
    assert books(desk) == ("0", "0", "0")


# --- Decreases ---


def test_a_decrease_that_the_cash_covers_is_confirmed(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="300")
    asked = decrease(desk, "200")
    assert (asked.status, asked.amount) == ("ISSUED", "200.00")
    assert books(desk) == ("300", "300", "300")  # nothing is reserved
    assert desk.advance() == ["VIRTUAL_CASH_DECREASE.CONFIRMED", *BOOKED]
    assert books(desk) == ("100", "100", "100")


def test_the_cycle_of_the_guide(open_desk: OpenDesk) -> None:
    """Sums: 200 virtual, spent; half of it sold; the proceeds of 100 can leave once they have settled."""
    desk = open_desk(overrides={"stages": BY_HAND}, cash="0")
    increase(desk, "200")
    desk.advance()
    assert books(desk) == ("200", "200", "200")

    position = desk.world.events.end
    desk.place("BUY", AT_100, amount="200")
    assert books(desk) == ("200", "0", "0")
    desk.advance()
    assert desk.types_since(position)[-len(BOUGHT) :] == BOUGHT
    assert books(desk) == ("0", "0", "0")
    (bought,) = desk.world.table(EXECUTIONS)
    assert desk.move("executions", bought.id, "SETTLED") == BUY_SETTLED

    desk.place("SELL", AT_100, quantity="1")
    assert desk.advance()[-len(SOLD) :] == SOLD
    assert books(desk) == ("100", "100", "0")  # the proceeds are pending

    asked = decrease(desk, "100")
    assert desk.advance() == ["VIRTUAL_CASH_DECREASE.QUEUED"]
    _, sold = desk.world.table(EXECUTIONS)
    desk.move("executions", sold.id, "SETTLED")
    assert books(desk) == ("100", "100", "100")
    assert desk.advance() == ["VIRTUAL_CASH_DECREASE.CONFIRMED", *BOOKED]
    assert (state(desk, asked), books(desk)) == ("CONFIRMED", ("0", "0", "0"))


def test_decreases_in_the_queue_are_served_by_arrival_each_that_fits(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="10")
    asked = []
    for amount in ("300", "50", "60"):
        asked.append(decrease(desk, amount))
        assert desk.advance() == ["VIRTUAL_CASH_DECREASE.QUEUED"]
    increase(desk, "100")  # 110: 300 does not fit and keeps its place, 50 does, and of the 60 left 60
    desk.advance()
    assert [state(desk, each) for each in asked] == ["QUEUED", "CONFIRMED", "CONFIRMED"]
    late = decrease(desk, "200")
    desk.advance()
    increase(desk, "350")  # the oldest first: 350 - 300 leaves 50, and 200 waits on
    desk.advance()
    assert [state(desk, each) for each in (asked[0], late)] == ["CONFIRMED", "QUEUED"]
    assert books(desk) == ("50", "50", "50")


def test_a_queued_decrease_says_what_it_waits_for(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="10")
    asked = decrease(desk, "50")
    desk.advance()
    held = desk.world.holds.get("virtual_cash_decreases", asked.id)
    assert held is not None
    assert held.reason == "10 EUR are available for withdrawal, and 50.00 are needed"


def test_cash_that_is_promised_to_an_order_serves_no_decrease(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"stages": {"order.execute": {"delay": "never"}}}, cash="100")
    order = desk.place("BUY", AT_100, amount="100")
    asked = decrease(desk, "100")
    desk.advance()
    assert state(desk, asked) == "QUEUED"
    desk.call("cancel_order", {"order_id": order.id})
    desk.advance()
    assert (state(desk, asked), books(desk)) == ("CONFIRMED", ("0", "0", "0"))


@pytest.mark.parametrize("queued", [False, True])
def test_a_client_cancels_a_decrease(open_desk: OpenDesk, queued: bool) -> None:
    desk = open_desk(cash="100")
    asked = decrease(desk, "150" if queued else "50")
    if queued:
        desk.advance()
    assert state(desk, asked) == ("QUEUED" if queued else "ISSUED")
    position = desk.world.events.end
    desk.call("cancel_virtual_cash_decrease", {"virtual_cash_decrease_id": asked.id})
    assert desk.types_since(position) == ["VIRTUAL_CASH_DECREASE.CANCELLED"]
    increase(desk, "100")
    desk.advance("1h")
    assert (state(desk, asked), books(desk)) == ("CANCELLED", ("200", "200", "200"))


@pytest.mark.parametrize("end", ["CONFIRMED", "CANCELLED"])
def test_what_is_final_cannot_be_cancelled(desk: Desk, end: str) -> None:
    asked = decrease(desk, "50")
    desk.move("virtual_cash_decreases", asked.id, end)
    path = {"virtual_cash_decrease_id": asked.id}
    refusal = desk.refused("cancel_virtual_cash_decrease", path)
    assert (refusal.rule.status, refusal.rule.name) == (422, "virtual-cash.decrease-final")
    assert f"is {end}" in refusal.detail


def test_an_unknown_decrease_is_not_found(desk: Desk) -> None:
    refusal = desk.refused("cancel_virtual_cash_decrease", {"virtual_cash_decrease_id": NOBODY})
    assert (refusal.rule.status, refusal.detail) == (404, f"There is no virtual cash decrease {NOBODY}.")


def test_a_decrease_waits_while_its_group_is_locked(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="100")
    asked = decrease(desk, "50")
    desk.move("account_groups", desk.group_id, "LOCKED")
    desk.advance()
    assert state(desk, asked) == "ISSUED"
    desk.move("account_groups", desk.group_id, "ACTIVE")
    desk.advance()
    assert state(desk, asked) == "CONFIRMED"


def test_a_queued_decrease_waits_through_a_lock_and_is_served_after_it(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="40")
    asked = decrease(desk, "50")
    desk.advance()
    desk.move("account_groups", desk.group_id, "LOCKED")
    desk.fund("10")
    desk.advance()
    assert state(desk, asked) == "QUEUED"
    desk.move("account_groups", desk.group_id, "ACTIVE")
    desk.advance()
    assert state(desk, asked) == "CONFIRMED"


def test_a_closing_group_accepts_decreases_and_closes_when_it_is_empty(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="100")
    desk.call("account_closure", {"account_id": desk.account_id})
    desk.call("account_group_closure", {"account_group_id": desk.group_id})
    desk.advance()
    decrease(desk, "100")
    told = desk.advance()
    assert told == ["VIRTUAL_CASH_DECREASE.CONFIRMED", *BOOKED, "ACCOUNT_GROUP.CLOSED"]


def test_a_closing_group_gives_a_decrease_up_that_no_cash_will_come_for(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    asked = decrease(desk, "100")
    desk.advance()
    assert state(desk, asked) == "QUEUED"
    desk.call("account_closure", {"account_id": desk.account_id})
    desk.call("account_group_closure", {"account_group_id": desk.group_id})
    told = desk.advance()
    assert told[-2:] == ["VIRTUAL_CASH_DECREASE.CANCELLED", "ACCOUNT_GROUP.CLOSED"]
    assert state(desk, asked) == "CANCELLED"


@pytest.mark.parametrize("first", [None, "QUEUED"])
def test_no_command_takes_more_than_is_there(open_desk: OpenDesk, first: str | None) -> None:
    desk = open_desk("manual", cash="40")
    asked = decrease(desk, "50")
    if first is not None:
        assert desk.move("virtual_cash_decreases", asked.id, first) == ["VIRTUAL_CASH_DECREASE.QUEUED"]
    with pytest.raises(Hold, match=r"40 EUR are available for withdrawal, and 50\.00 are needed"):
        desk.move("virtual_cash_decreases", asked.id, "CONFIRMED")
    desk.fund("10")
    assert desk.advance("10d") == []  # by command only
    told = desk.move("virtual_cash_decreases", asked.id, "CONFIRMED")
    assert told == ["VIRTUAL_CASH_DECREASE.CONFIRMED", *BOOKED]
    assert books(desk) == ("0", "0", "0")


def test_a_snapshot_keeps_the_queue(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="10")
    early, late = decrease(desk, "60"), decrease(desk, "50")
    desk.advance()
    start = desk.world.snapshot()
    for _ in range(2):
        desk.world.restore(start)
        desk.fund("50")
        desk.advance()
        assert [state(desk, each) for each in (early, late)] == ["CONFIRMED", "QUEUED"]
