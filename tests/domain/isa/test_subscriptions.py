"""payments.md §12.2: which bookings use the allowance of an ISA, and which give it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from mockserver.domain.payments.credit_fundings import CREDIT_FUNDINGS
from mockserver.domain.payments.direct_debits import DIRECT_DEBITS
from mockserver.domain.payments.virtual_cash import INCREASES
from tests.domain.conftest import OpenDesk
from tests.domain.payments import bank
from tests.domain.support import isas
from tests.domain.support.desk import Desk
from tests.domain.support.payouts import withdraw
from tests.domain.support.transfers import dropped, fate, send, top_up

COUNTED = ["CASH_BALANCE.UPDATED", "ISA_WRAPPER_ALLOWANCE.UPDATED"]
NEXT_YEAR = "100d"
"""From 10 January on: past 6 April."""


def funded(desk: Desk, amount: str) -> Any:
    return send(desk, amount=amount, currency="GBP")


def topped_up(desk: Desk, amount: str) -> Any:
    return top_up(desk, amount, "GBP")


def collected(desk: Desk, amount: str) -> Any:
    return bank.collect(desk, cash_amount=amount, currency="GBP")


def increased(desk: Desk, amount: str) -> Any:
    body = {"account_group_id": desk.group_id, "amount": amount, "currency": "GBP"}
    return desk.call("create_virtual_cash_increase", body=body)


MONEY_IN: dict[str, Callable[[Desk, str], Any]] = {
    "credit funding": funded,
    "top-up": topped_up,
    "direct debit": collected,
    "virtual cash increase": increased,
}


@pytest.fixture
def seen(desk: Desk) -> Desk:
    """An ISA of which nothing is used."""
    return isas.isa(desk)


def going(open_desk: OpenDesk, **isa: Any) -> Desk:
    return isas.isa(open_desk(overrides={"isa": isa}))


# --- Money in ---


@pytest.mark.parametrize("come", MONEY_IN.values(), ids=MONEY_IN)
def test_money_in_is_counted_after_the_balance(seen: Desk, come: Callable[[Desk, str], Any]) -> None:
    position = seen.world.events.end
    come(seen, "1234.50")
    seen.advance()
    row = isas.allowance(seen)
    assert (row.used_amount, row.remaining_amount) == ("1234.50", "18765.50")  # 20000 less 1234.50
    assert seen.types_since(position)[-2:] == COUNTED
    assert seen.cash("GBP")["balance"] == "1234.50"


def test_the_first_subscription_is_remembered(seen: Desk) -> None:
    top_up(seen, "1", "GBP")
    seen.advance("1h")
    top_up(seen, "1", "GBP")
    assert isas.allowance(seen).first_subscription_at == datetime(2023, 1, 10, 9, tzinfo=UTC)


def test_nothing_is_counted_in_a_group_that_is_no_isa(seen: Desk, desk: Desk) -> None:
    position = desk.world.events.end
    top_up(desk, "100", "GBP")
    assert "ISA_WRAPPER_ALLOWANCE.UPDATED" not in desk.types_since(position)
    assert isas.used(seen) == "0.00"


@pytest.mark.parametrize(("amount", "fits"), [("20000.00", True), ("20000.01", False)])
def test_a_top_up_above_what_remains_is_refused(seen: Desk, amount: str, fits: bool) -> None:
    body = {"account_group_id": seen.group_id, "cash_amount": amount, "currency": "GBP"}
    if fits:
        seen.call("create_topup", body=body)
        assert isas.allowance(seen).remaining_amount == "0.00"
        return
    refusal = seen.refused("create_topup", body=body)
    assert (refusal.rule.status, refusal.rule.name) == (400, "isa-subscription.allowance")
    assert "20000.01 GBP is more than remains of allowance 2022/2023: 20000.00 GBP" in refusal.detail


def test_open_direct_debits_count_at_the_next(seen: Desk) -> None:
    """20000 less 15000 that are still to come leaves 5000."""
    given = bank.mandate(seen)
    seen.call("create_direct_debit", body=bank.collection(seen, given.id, cash_amount="15000", currency="GBP"))
    second = bank.collection(seen, given.id, cash_amount="5000.01", currency="GBP")
    refusal = seen.refused("create_direct_debit", body=second)
    assert (refusal.rule.status, refusal.rule.name) == (400, "isa-subscription.allowance")
    assert "less 15000.00 of open direct debits" in refusal.detail
    seen.call("create_direct_debit", body={**second, "cash_amount": "5000"})
    seen.advance()
    assert isas.used(seen) == "20000.00"


def test_a_direct_debit_counts_what_remains_when_it_is_confirmed(seen: Desk) -> None:
    """15000 are collected while 12000 come otherwise: 8000 remain, and 7000 of it are not counted."""
    collected(seen, "15000")
    top_up(seen, "12000", "GBP")
    seen.advance()
    assert (isas.used(seen), seen.cash("GBP")["balance"]) == ("20000.00", "27000")


def test_a_credit_funding_above_what_remains_is_dropped(seen: Desk) -> None:
    assert "20000.01 GBP is more than remains" in dropped(seen, amount="20000.01", currency="GBP")


def test_a_virtual_cash_increase_above_what_remains_is_cancelled(seen: Desk) -> None:
    increased(seen, "20000.01")
    assert seen.advance() == ["VIRTUAL_CASH_INCREASE.CANCELLED"]


@pytest.mark.parametrize("come", MONEY_IN.values(), ids=MONEY_IN)
def test_by_setting_more_is_accepted_and_not_counted(open_desk: OpenDesk, come: Callable[[Desk, str], Any]) -> None:
    seen = going(open_desk, over_subscriptions="accepted")
    come(seen, "20500")
    seen.advance()
    assert (isas.used(seen), seen.cash("GBP")["balance"]) == ("20000.00", "20500")


# --- While it is INACTIVE ---


def stop(desk: Desk) -> None:
    desk.move("isa_wrappers", isas.wrapper(desk).id, "INACTIVE")


def test_an_inactive_wrapper_takes_no_new_subscriptions(seen: Desk) -> None:
    given = bank.mandate(seen)
    stop(seen)
    top_up_body = {"account_group_id": seen.group_id, "cash_amount": "1", "currency": "GBP"}
    debit = bank.collection(seen, given.id, cash_amount="1", currency="GBP")
    for operation_id, body in (("create_topup", top_up_body), ("create_direct_debit", debit)):
        refusal = seen.refused(operation_id, body=body)
        assert (refusal.rule.status, refusal.rule.name) == (400, "isa-subscription.wrapper-inactive")
        assert f"tax wrapper {isas.wrapper(seen).id} of account group {seen.group_id} is INACTIVE" in refusal.detail
    increased(seen, "1")
    assert seen.advance() == ["VIRTUAL_CASH_INCREASE.CANCELLED"]
    assert "is INACTIVE" in dropped(seen, amount="1", currency="GBP")


def test_a_direct_debit_that_was_on_its_way_counts_all_the_same(seen: Desk) -> None:
    collected(seen, "200")
    stop(seen)
    seen.advance()
    assert isas.used(seen) == "200.00"


# --- Money out ---


def flexible(open_desk: OpenDesk, is_flexible: bool) -> Desk:
    """A new ISA by request, with 500 in it that were subscribed."""
    desk = open_desk()
    group = isas.opened(desk, "GB")
    isas.wrap(desk, group.id, is_flexible=is_flexible)
    seen = Desk(desk.world, group.users[0].id, group.id, desk.account_id, desk.allocation_id)
    desk.advance()
    top_up(seen, "500", "GBP")
    return seen


@pytest.mark.parametrize(("is_flexible", "left"), [(True, "300.00"), (False, "500.00")])
def test_a_withdrawal_gives_back_only_if_the_isa_is_flexible(open_desk: OpenDesk, is_flexible: bool, left: str) -> None:
    seen = flexible(open_desk, is_flexible)
    row = withdraw(seen, "200", currency="GBP")
    seen.advance()
    assert isas.used(seen) == left
    seen.move("withdrawals", row.id, "CANCELLED")  # the bank sends it back: 200 are used again
    assert (isas.used(seen), seen.cash("GBP")["balance"]) == ("500.00", "500")


def test_a_withdrawal_gives_back_at_most_what_is_used(open_desk: OpenDesk) -> None:
    """Of 800 in the account 500 were subscribed; a return takes what was given back, not what was paid out."""
    seen = flexible(open_desk, True)
    isas.internal(seen, "300", transfer_date="2022-01-01T00:00:00Z")
    seen.advance()
    row = withdraw(seen, "800", currency="GBP")
    seen.advance()
    assert isas.used(seen) == "0.00"
    seen.move("withdrawals", row.id, "CANCELLED")
    assert isas.used(seen) == "500.00"


def test_a_return_uses_at_most_what_remains(open_desk: OpenDesk) -> None:
    """500 go out and give 500 back, 19800 are subscribed: 200 remain for the 500 that come back."""
    seen = flexible(open_desk, True)
    row = withdraw(seen, "500", currency="GBP")
    seen.advance()
    top_up(seen, "19800", "GBP")
    seen.move("withdrawals", row.id, "CANCELLED")
    assert isas.used(seen) == "20000.00"


def test_what_comes_back_in_the_next_tax_year_uses_nothing(open_desk: OpenDesk) -> None:
    seen = flexible(open_desk, True)
    row = withdraw(seen, "500", currency="GBP")
    seen.advance(NEXT_YEAR)
    seen.move("withdrawals", row.id, "CANCELLED")
    assert [each.used_amount for each in isas.allowances(seen)] == ["0.00", "0.00"]


# --- Money in that goes back ---


def _cancel_top_up(desk: Desk) -> Callable[[], object]:
    row = topped_up(desk, "700")
    return lambda: desk.move("topups", row.id, "CANCELLED")


def _return_funding(desk: Desk) -> Callable[[], object]:
    funded(desk, "700")
    desk.advance()
    (row,) = desk.world.table(CREDIT_FUNDINGS)
    return lambda: desk.move("credit_fundings", row.id, "CANCELLED")


def _charge_back(desk: Desk) -> Callable[[], object]:
    collected(desk, "700")
    desk.advance()
    (debit,) = desk.world.table(DIRECT_DEBITS)
    desk.world.undo.clear()
    from mockserver.domain.payments.direct_debits import charge_back

    charge_back(desk.world, debit.id)
    return lambda: desk.move("direct_debit_returns", debit.id, "BOOKED")


GOES_BACK = {"top-up": _cancel_top_up, "credit funding": _return_funding, "direct debit": _charge_back}


@pytest.mark.parametrize("come", GOES_BACK.values(), ids=GOES_BACK)
def test_money_in_that_goes_back_gives_back_what_it_used(
    open_desk: OpenDesk, come: Callable[[Desk], Callable[[], object]]
) -> None:
    seen = isas.isa(open_desk("sandbox", {"stages": {"direct_debit.return": {"delay": "never"}}}))
    top_up(seen, "100", "GBP")
    back = come(seen)
    assert isas.used(seen) == "800.00"
    position = seen.world.events.end
    back()
    assert isas.used(seen) == "100.00"
    assert seen.types_since(position)[-2:] == COUNTED


@pytest.mark.parametrize("come", GOES_BACK.values(), ids=GOES_BACK)
def test_in_the_next_tax_year_it_gives_nothing_back(
    open_desk: OpenDesk, come: Callable[[Desk], Callable[[], object]]
) -> None:
    seen = isas.isa(open_desk("sandbox", {"stages": {"direct_debit.return": {"delay": "never"}}}))
    back = come(seen)
    seen.advance(NEXT_YEAR)
    top_up(seen, "50", "GBP")
    back()
    assert [row.used_amount for row in isas.allowances(seen)] == ["700.00", "50.00"]


def test_what_was_not_counted_is_not_given_back(open_desk: OpenDesk) -> None:
    """Of a second top-up of 15000 only 5000 were counted: without it 15000 are used."""
    seen = going(open_desk, over_subscriptions="accepted")
    top_up(seen, "15000", "GBP")
    second = top_up(seen, "15000", "GBP")
    seen.move("topups", second.id, "CANCELLED")
    assert isas.used(seen) == "15000.00"


def test_a_top_up_that_is_paid_counts_once(seen: Desk) -> None:
    row = top_up(seen, "700", "GBP")
    sent = send(seen, amount="700", currency="GBP", remittance_information=f"topup {row.id}")
    seen.advance()
    assert (fate(seen, sent)[0], isas.used(seen)) == ("SETTLED", "700.00")


def test_an_increase_that_is_forced_counts_what_remains(seen: Desk) -> None:
    increased(seen, "20001")
    (row,) = seen.world.table(INCREASES)
    seen.move("virtual_cash_increases", row.id, "CONFIRMED")
    assert isas.used(seen) == "20000.00"
