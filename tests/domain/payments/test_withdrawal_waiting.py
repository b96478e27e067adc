"""payments.md §2.4, §7: withdrawals that wait for cash (setting ``payments.withdrawal_funding: wait``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, Desk
from tests.domain.support.payouts import books, delete, fate, held, now, waits, why, withdraw

OpenWaiting = Callable[..., Desk]
WAIT = {"payments": {"withdrawal_funding": "wait"}}


@pytest.fixture
def waiting(open_desk: OpenDesk) -> OpenWaiting:
    """``waiting(profile, cash="0")``: a desk whose withdrawals wait for cash."""

    def opened(name: str = "sandbox", **others: Any) -> Desk:
        return open_desk(name, WAIT, **{"cash": "0", **others})

    return opened


def states(desk: Desk, *withdrawals: Any) -> list[str]:
    return [fate(desk, each.id)[0] for each in withdrawals]


def test_one_of_more_waits_and_reserves_nothing(waiting: OpenWaiting) -> None:
    desk = waiting(cash="5")
    paid = withdraw(desk, "10")
    assert (desk.types_since(), desk.advance("30d")) == (["WITHDRAWAL.NEW"], [])
    assert (fate(desk, paid.id), books(desk)) == (("NEW", None), ("5", "5", "5"))
    assert waits(desk, paid.id) == "not enough cash: 5 of 10.00 EUR is available for withdrawal"


def test_it_is_funded_as_soon_as_there_is_enough_and_paid_with_the_next_file(waiting: OpenWaiting) -> None:
    desk = waiting(cash="5")
    paid = withdraw(desk, "10")
    desk.advance()
    desk.fund("4.99")
    assert desk.advance() == []
    desk.fund("0.01")
    assert desk.advance("0s") == ["CASH_BALANCE.UPDATED"]
    assert (fate(desk, paid.id)[0], books(desk), waits(desk, paid.id)) == ("NEW", ("10", "0", "0"), None)
    assert desk.advance("100ms") == ["WITHDRAWAL.PROCESSING"]
    desk.advance()
    assert (fate(desk, paid.id)[0], books(desk)) == ("CONFIRMED", ("0", "0", "0"))


def test_settlement_serves_it(waiting: OpenWaiting) -> None:
    """Available for trading does not change with a settlement: only what is available for withdrawal does."""
    desk = waiting("live")
    desk.hold(AT_100, "1")
    desk.place("SELL", AT_100, quantity="1")
    desk.advance("1m")
    paid = withdraw(desk, "100")
    desk.advance("1d")
    assert (fate(desk, paid.id)[0], books(desk)) == ("NEW", ("100", "100", "0"))
    told = desk.advance("1d")  # T+2, 06:00 UTC, then 12:00 in Frankfurt is to come
    assert now(desk, paid.id).funded
    assert told.index("EXECUTION.SETTLED") < told.index("CASH_BALANCE.UPDATED")
    assert books(desk) == ("100", "0", "0")


def test_an_order_that_gives_its_lock_back_serves_it(waiting: OpenWaiting) -> None:
    desk = waiting("sandbox", cash="100")
    desk.instrument("XS0000000709")  # without a price
    order = desk.place("BUY", "XS0000000709", amount="100")
    paid = withdraw(desk, "100")
    desk.advance()
    assert states(desk, paid) == ["NEW"]
    desk.move("orders", order.id, "CANCELLED")
    desk.advance()
    assert states(desk, paid) == ["CONFIRMED"]


def test_those_that_wait_are_served_by_arrival_each_that_fits(waiting: OpenWaiting) -> None:
    desk = waiting()
    first, second, third = (withdraw(desk, amount) for amount in ("10", "7", "3"))
    desk.advance()
    desk.fund("9")  # not for the first; for the second, and then not for the third
    desk.advance()
    assert states(desk, first, second, third) == ["NEW", "CONFIRMED", "NEW"]
    desk.fund("8")  # 10 in all: the first one kept its place
    desk.advance()
    assert states(desk, first, second, third) == ["CONFIRMED", "CONFIRMED", "NEW"]
    desk.fund("3")
    desk.advance()
    assert states(desk, third) == ["CONFIRMED"]
    assert books(desk) == ("0", "0", "0")


@pytest.mark.parametrize("order_first", [True, False])
def test_orders_and_withdrawals_are_served_in_one_row(waiting: OpenWaiting, order_first: bool) -> None:
    desk = waiting()
    if order_first:
        order = desk.place("BUY", AT_100, amount="100")
        desk.advance()
    paid = withdraw(desk, "100")
    desk.advance()
    if not order_first:
        order = desk.place("BUY", AT_100, amount="100")
        desk.advance()
    desk.fund("100")
    desk.advance()
    ended = (desk.call("retrieve_order", {"order_id": order.id}).status, *states(desk, paid))
    assert ended == (("FILLED", "NEW") if order_first else ("NEW", "CONFIRMED"))


def test_a_young_one_that_fits_does_not_wait(waiting: OpenWaiting) -> None:
    desk = waiting(cash="5")
    old = withdraw(desk, "10")
    desk.advance()
    young = withdraw(desk, "5")
    desk.advance()
    assert states(desk, old, young) == ["NEW", "CONFIRMED"]


def test_what_another_one_gives_back_serves_it(waiting: OpenWaiting) -> None:
    desk = waiting("sandbox", cash="10")
    first, second = withdraw(desk, "10"), withdraw(desk, "10")
    delete(desk, first.id)
    desk.advance()
    assert states(desk, first, second) == ["CANCELLED", "CONFIRMED"]


def test_money_that_the_bank_returns_serves_it(waiting: OpenWaiting) -> None:
    desk = waiting(cash="10")
    first = withdraw(desk, "10", end="9001")
    second = withdraw(desk, "10")
    desk.advance("1m")
    assert states(desk, first, second) == ["CANCELLED", "CONFIRMED"]
    assert books(desk) == ("0", "0", "0")


def test_deleting_it_tells_no_balance(waiting: OpenWaiting) -> None:
    desk = waiting()
    paid = withdraw(desk, "10")
    desk.advance()
    position = desk.world.events.end
    delete(desk, paid.id)
    assert desk.types_since(position) == ["WITHDRAWAL.CANCELLED"]
    assert (fate(desk, paid.id), waits(desk, paid.id)) == (("CANCELLED", "CANCELLED_BY_CLIENT"), None)
    desk.fund("10")
    assert desk.advance("1d") == []


def test_it_is_funded_in_a_locked_group_and_paid_when_that_is_unlocked(waiting: OpenWaiting) -> None:
    desk = waiting()
    paid = withdraw(desk, "10")
    desk.move("account_groups", desk.group_id, "LOCKED")
    desk.fund("10")
    assert desk.advance() == ["CASH_BALANCE.UPDATED"]
    assert (states(desk, paid), books(desk)) == (["NEW"], ("10", "0", "0"))
    desk.move("account_groups", desk.group_id, "ACTIVE")
    desk.advance()
    assert states(desk, paid) == ["CONFIRMED"]


def test_in_the_manual_profile_it_is_funded_by_itself_and_sent_by_command(waiting: OpenWaiting) -> None:
    desk = waiting("manual")
    paid = withdraw(desk, "10")
    desk.advance()
    assert held(desk, paid.id, "PROCESSING").startswith("not enough cash")
    desk.fund("10")
    assert desk.advance("30d") == ["CASH_BALANCE.UPDATED"]
    assert states(desk, paid) == ["NEW"]
    assert desk.move("withdrawals", paid.id, "PROCESSING") == ["WITHDRAWAL.PROCESSING"]


def test_a_snapshot_keeps_who_waits(waiting: OpenWaiting) -> None:
    desk = waiting()
    paid = withdraw(desk, "10")
    desk.advance()
    snapshot = desk.world.snapshot()
    desk.fund("10")
    desk.advance()
    desk.world.restore(snapshot)
    assert (states(desk, paid), books(desk)) == (["NEW"], ("0", "0", "0"))
    desk.fund("10")
    desk.advance()
    assert states(desk, paid) == ["CONFIRMED"]


def test_nobody_waits_on_demand_of_an_iban_that_upvest_refuses(waiting: OpenWaiting) -> None:
    desk = waiting()
    paid = withdraw(desk, "10", end="9003")
    assert desk.advance("1d") == ["WITHDRAWAL.CANCELLED"]
    assert why(desk, paid.id) == "Upvest refuses it: the IBAN ends in 9003"
