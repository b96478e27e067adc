"""payments.md §4.2: the payer's bank takes the money of a confirmed direct debit back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from mockserver.domain.payments.direct_debit_returns import DIRECT_DEBIT_RETURNS
from mockserver.kernel.lifecycle import CYCLES, Hold, IllegalMoveError
from tests.domain.conftest import OpenDesk
from tests.domain.payments.bank import booked, collect, collection, debit, mandate, triple
from tests.domain.support.desk import AT_100, NOBODY, Desk

COLLECTED, RETURNED, FEE = "SEPA_DIRECT_DEBIT", "SEPA_DIRECT_DEBIT_CHARGE_BACK", "DD_REFUND_REJECT_FEE"
TRANSACTION, BALANCE = "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"
LIFE = CYCLES["direct_debit_returns"]


def confirmed(open_desk: OpenDesk, end: str = "0402", **options: Any) -> tuple[Desk, Any]:
    """A desk without cash but for a direct debit of 200 that was just confirmed."""
    desk = open_desk(**{"cash": "0", **options})
    made = collect(desk, end)
    desk.advance("200ms")
    assert debit(desk, made.id)["status"] == "CONFIRMED"
    return desk, made


def charge_back(desk: Desk, identity: str, to: str = "BOOKED") -> list[str]:
    """By command, as the control API does it; the types of the events that this caused."""
    position = desk.world.events.end
    desk.world.undo.clear()
    try:
        row = LIFE.open(desk.world, identity)
        assert row is not None
        if to != LIFE.state_of(row):
            LIFE.carry(desk.world, row, to)
    except BaseException:
        desk.world.undo.roll_back()
        raise
    return desk.types_since(position)


def causes(desk: Desk) -> list[str]:
    """Why returns came to their states."""
    return [move.cause for move in desk.world.moves if move.resource == "direct_debit_returns"]


# --- By the IBAN ---


def test_one_second_later_the_money_is_gone_without_an_event_of_the_direct_debit(open_desk: OpenDesk) -> None:
    desk, made = confirmed(open_desk, "9002")
    assert desk.advance("999ms") == []
    assert desk.advance("1ms") == [TRANSACTION, BALANCE]
    assert causes(desk) == ["the bank sends it back afterwards: the IBAN ends in 9002", "the money went back"]
    assert (debit(desk, made.id)["status"], triple(desk)) == ("CONFIRMED", ("0", "0", "0"))
    assert booked(desk) == [(COLLECTED, "200"), (RETURNED, "-200")]


def test_what_is_spent_is_missing(open_desk: OpenDesk) -> None:
    """200 in, 150 spent, 200 returned: B, T and W are -150 (§4.2)."""
    desk, _ = confirmed(open_desk, "9002")
    order = desk.place("BUY", AT_100, amount="150")
    desk.advance("500ms")
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"
    assert triple(desk) == ("50", "50", "50")
    desk.advance("1s")
    assert triple(desk) == ("-150", "-150", "-150")
    later = desk.place("BUY", AT_100, amount="10")
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": later.id}).status == "NEW"  # it waits for cash
    collect(desk)
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": later.id}).status == "FILLED"
    assert triple(desk) == ("40", "40", "40")  # -150 + 200 - 10


def test_transactions_refer_to_the_direct_debit(open_desk: OpenDesk) -> None:
    desk, made = confirmed(open_desk, "9005")
    desk.advance()
    rows = [orjson.loads(row.wire) for row in desk.rows("list_cash_transactions")]
    assert [row["references"] for row in rows] == [[{"id": made.id, "type": "DIRECT_DEBIT"}]] * 3


@pytest.mark.parametrize(
    ("end", "fee", "taken"),
    [
        ("9002", "0", []),
        ("9002", "1.50", [(FEE, "-1.50")]),
        ("9005", "0", [(FEE, "-3")]),  # 3.00 where the profile has none
        ("9005", "1.50", [(FEE, "-1.50")]),
    ],
)
def test_the_reject_fee(open_desk: OpenDesk, end: str, fee: str, taken: list[tuple[str, str]]) -> None:
    """Two transactions, then one balance; the fee is gone for good."""
    desk, _ = confirmed(open_desk, end, overrides={"payments": {"reject_fee": fee}})
    assert desk.advance() == [*[TRANSACTION] * (1 + len(taken)), BALANCE]
    assert booked(desk)[1:] == [(RETURNED, "-200"), *taken]
    assert triple(desk) == (taken[0][1] if taken else "0",) * 3  # 200 - 200, and the fee


@pytest.mark.parametrize(
    ("collected", "returned"),
    [
        ("2023-01-10T09:00:00+00:00", "2023-01-16T11:00:00+00:00"),  # Thursday the 12th, then Friday, Monday
        ("2023-04-03T09:00:00+00:00", "2023-04-11T10:00:00+00:00"),  # Wednesday; Thursday, and Tuesday after Easter
    ],
)
def test_live_it_comes_two_business_days_after_the_money(open_desk: OpenDesk, collected: str, returned: str) -> None:
    desk = open_desk("live", {"payments": {"magic_ibans": True}}, now=datetime.fromisoformat(collected).astimezone(UTC))
    made = collect(desk, "9002")
    desk.advance("20d")
    moves = [move for move in desk.world.moves if move.resource == "direct_debit_returns"]
    assert [(move.id, move.to) for move in moves] == [(made.id, "DUE"), (made.id, "BOOKED")]
    assert moves[1].at.isoformat() == returned


# --- By the profile ---


def test_the_profile_returns_some_by_chance(open_desk: OpenDesk) -> None:
    """About half of 200: four standard deviations of a fair coin are 28."""
    outcomes = {"CONFIRMED": 1, "RETURNED": 1}
    desk = open_desk(overrides={"stages": {"direct_debit.collect": {"outcomes": outcomes}}}, cash="0")
    given = mandate(desk)
    for _ in range(200):
        desk.call("create_direct_debit", body=collection(desk, given.id))
    desk.advance("5s")
    counted = [type_ for type_, _ in booked(desk)].count(RETURNED)
    assert 72 <= counted <= 128
    assert triple(desk) == (str(200 * (200 - counted)),) * 3


def test_the_profile_returns_those_of_some_ibans(open_desk: OpenDesk) -> None:
    overrides = [{"match": {"iban_end": "1234"}, "outcomes": {"RETURNED": 1}}]
    desk = open_desk(overrides={"stages": {"direct_debit.collect": {"overrides": overrides}}}, cash="0")
    bad, good = collect(desk, "1234"), collect(desk, "4321")
    desk.advance("5s")
    assert [row.id for row in desk.world.table(DIRECT_DEBIT_RETURNS)] == [bad.id]
    assert causes(desk) == ["the bank sends it back afterwards", "the money went back"]
    assert (debit(desk, good.id)["status"], triple(desk)) == ("CONFIRMED", ("200", "200", "200"))


# --- By command ---


def test_any_confirmed_direct_debit_can_be_charged_back_at_once(open_desk: OpenDesk) -> None:
    desk, made = confirmed(open_desk)
    desk.advance("30d")
    assert charge_back(desk, made.id) == [TRANSACTION, BALANCE]
    assert (triple(desk), desk.world.table(DIRECT_DEBIT_RETURNS)[made.id].status) == (("0", "0", "0"), "BOOKED")


def test_or_after_the_delay_of_the_stage(open_desk: OpenDesk) -> None:
    desk, made = confirmed(open_desk)
    assert charge_back(desk, made.id, "DUE") == []
    assert desk.advance("1s") == [TRANSACTION, BALANCE]


def test_one_that_is_due_can_be_booked_early(open_desk: OpenDesk) -> None:
    desk, made = confirmed(open_desk, "9002")
    assert desk.move("direct_debit_returns", made.id, "BOOKED") == [TRANSACTION, BALANCE]
    assert desk.advance("30d") == []  # once only


@pytest.mark.parametrize("state", ["NEW", "PROCESSING", "CANCELLED"])
def test_only_a_confirmed_one_is_returned(open_desk: OpenDesk, state: str) -> None:
    """No forcing makes money disappear that never came."""
    desk = open_desk("manual", cash="0")
    made = collect(desk)
    if state != "NEW":
        desk.move("direct_debits", made.id, state)
    with pytest.raises(IllegalMoveError, match=f"direct debit {made.id} is {state}: only a CONFIRMED one is returned"):
        charge_back(desk, made.id)
    assert (booked(desk), len(desk.world.table(DIRECT_DEBIT_RETURNS))) == ([], 0)


def test_nothing_is_returned_that_does_not_exist(desk: Desk) -> None:
    with pytest.raises(LookupError, match=f"there is no direct debit {NOBODY}"):
        charge_back(desk, NOBODY)


def test_it_is_booked_once(open_desk: OpenDesk) -> None:
    desk, made = confirmed(open_desk)
    charge_back(desk, made.id)
    with pytest.raises(IllegalMoveError, match="is BOOKED and cannot become BOOKED"):
        desk.move("direct_debit_returns", made.id, "BOOKED")
    assert len(booked(desk)) == 2


# --- A closed group ---


def closed_by_hand(open_desk: OpenDesk, end: str) -> tuple[Desk, Any]:
    """A group that Upvest closed while its money was there."""
    desk, made = confirmed(open_desk, end)
    desk.move("account_groups", desk.group_id, "CLOSING")
    desk.move("account_groups", desk.group_id, "CLOSED")
    return desk, made


def test_nothing_goes_back_out_of_a_closed_group(open_desk: OpenDesk) -> None:
    desk, made = closed_by_hand(open_desk, "9002")
    assert desk.advance("30d") == []
    held = desk.world.holds.get("direct_debit_returns", made.id)
    assert held is not None
    assert held.reason == f"account group {desk.group_id} is CLOSED: nothing goes back out of it"
    assert booked(desk) == [(COLLECTED, "200")]


def test_by_command_neither(open_desk: OpenDesk) -> None:
    desk, made = closed_by_hand(open_desk, "0402")
    with pytest.raises(Hold, match="is CLOSED: nothing goes back out of it"):
        charge_back(desk, made.id)
    assert len(desk.world.table(DIRECT_DEBIT_RETURNS)) == 0


def test_a_closing_group_is_overdrawn_and_waits(open_desk: OpenDesk) -> None:
    desk, _ = confirmed(open_desk, "9002")
    desk.place("BUY", AT_100, amount="150")
    desk.advance("500ms")
    desk.move("account_groups", desk.group_id, "CLOSING")
    desk.advance("5s")
    assert triple(desk) == ("-150", "-150", "-150")
    status = desk.call("retrieve_account_group", {"account_group_id": desk.group_id}).status
    assert status == "CLOSING"


def test_a_snapshot_while_it_is_due(open_desk: OpenDesk) -> None:
    desk, _ = confirmed(open_desk, "9005")
    snapshot = desk.world.snapshot()
    first = [desk.advance(), triple(desk), booked(desk)]
    desk.world.restore(snapshot)
    assert [desk.advance(), triple(desk), booked(desk)] == first
