"""payments.md §4.1: money collected from the bank account of a mandate."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.kernel.lifecycle import Hold
from tests.domain.conftest import OpenDesk
from tests.domain.payments.bank import booked, collect, collection, debit, mandate, triple
from tests.domain.support.desk import AT_100, Desk

CONFIRMED = ["DIRECT_DEBIT.CONFIRMED", "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]
MANUAL = {"payments": {"magic_ibans": True}}


def wire(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(row.wire)
    return found


# --- A collection that goes through ---


def test_it_is_new_then_processing_then_confirmed_with_the_money(open_desk: OpenDesk) -> None:
    """B 0, then 200: only CONFIRMED raises the balance."""
    desk = open_desk(cash="0")
    before = desk.world.events.end
    made = collect(desk)
    assert desk.types_since(before) == ["DIRECT_DEBIT.NEW"]
    assert desk.advance("100ms") == ["DIRECT_DEBIT.PROCESSING"]
    assert (debit(desk, made.id)["status"], triple(desk)) == ("PROCESSING", ("0", "0", "0"))
    assert desk.advance("100ms") == CONFIRMED
    assert (debit(desk, made.id)["status"], triple(desk)) == ("CONFIRMED", ("200", "200", "200"))
    assert desk.advance("30d") == []


def test_the_answer_is_the_published_example(desk: Desk) -> None:
    made = wire(collect(desk, user_id=desk.user_id))
    assert made == {
        "id": made["id"],
        "created_at": "2023-01-10T09:00:00Z",
        "user_id": desk.user_id,
        "account_group_id": desk.group_id,
        "mandate_id": made["mandate_id"],
        "cash_amount": "200.00",
        "currency": "EUR",
        "status": "NEW",
    }
    assert debit(desk, made["id"]) == made


def test_every_event_has_the_whole_object_as_a_get_shows_it(desk: Desk) -> None:
    made = collect(desk, remittance_information="savings_plan 7", purpose_code="OTHR", cash_amount="7")
    told = desk.told("DIRECT_DEBIT.NEW")
    assert told == [debit(desk, made.id)]
    assert (told[0]["remittance_information"], told[0]["purpose_code"]) == ("savings_plan 7", "OTHR")
    desk.advance()
    assert desk.told("DIRECT_DEBIT.CONFIRMED") == [{**told[0], "status": "CONFIRMED"}]
    assert desk.told("DIRECT_DEBIT.CONFIRMED") == [debit(desk, made.id)]


def test_its_transaction_refers_to_it(desk: Desk) -> None:
    made = collect(desk, cash_amount="12.50")
    desk.advance()
    (row,) = (wire(each) for each in desk.rows("list_cash_transactions"))
    assert row["references"] == [{"id": made.id, "type": "DIRECT_DEBIT"}]
    assert (row["type"], row["delta"]) == ("SEPA_DIRECT_DEBIT", {"amount": "12.50", "currency": "EUR"})
    assert (row["booking_date"], row["value_date"]) == ("2023-01-10T00:00:00Z",) * 2
    assert "account_id" not in row


def test_an_order_that_waits_for_cash_goes_on(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    order = desk.place("BUY", AT_100, amount="150")
    desk.advance()
    collect(desk)
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"
    assert triple(desk) == ("50", "50", "50")


def test_pounds(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    collect(desk, currency="GBP")
    desk.advance()
    assert (desk.cash("GBP")["balance"], desk.cash("EUR")["balance"]) == ("200", "0")


def test_the_user_shown_is_the_one_given_or_the_first_holder(desk: Desk) -> None:
    """Guardians act and hold nothing (§2.1), but may be given."""
    child, guardian = seeding.user(desk.world), seeding.user(desk.world)
    members = [{"id": guardian.id, "type": "GUARDIAN"}, {"id": child.id, "type": "CHILD"}]
    group = seeding.account_group(desk.world, users=members, type="CHILD")
    with_guardian = mandate(desk, user_id=guardian.id)
    body = collection(desk, with_guardian.id, account_group_id=group.id)
    assert desk.call("create_direct_debit", body=body).user_id == child.id
    assert desk.call("create_direct_debit", body={**body, "user_id": guardian.id}).user_id == guardian.id


def test_the_list_of_a_group_is_by_creation(desk: Desk) -> None:
    first = collect(desk)
    desk.advance()
    second = collect(desk)
    path = {"account_group_id": desk.group_id}
    assert [row.id for row in desk.rows("list_direct_debits", path)] == [first.id, second.id]
    assert [row.id for row in desk.rows("list_direct_debits", path, sort="id")] == sorted([first.id, second.id])
    other = seeding.account_group(desk.world, user_id=desk.user_id, type="CHILD")
    assert desk.rows("list_direct_debits", {"account_group_id": other.id}) == []


# --- Failing on demand (§16.3) ---


def last_cause(desk: Desk, identity: str) -> str:
    """Why it came to its state, as its history says."""
    return [move.cause for move in desk.world.moves if move.id == identity][-1]


def test_the_bank_refuses(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    made = collect(desk, "9001")
    assert desk.advance() == ["DIRECT_DEBIT.PROCESSING", "DIRECT_DEBIT.CANCELLED"]
    found = debit(desk, made.id)
    assert (found["status"], found["cancellation_reason"]) == ("CANCELLED", "CANCELLED_BY_BANK")
    assert last_cause(desk, made.id) == "cancelled by bank: the bank refuses it: the IBAN ends in 9001"
    assert (triple(desk), booked(desk)) == (("0", "0", "0"), [])


def test_upvest_refuses(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    made = collect(desk, "9003")
    assert desk.advance() == ["DIRECT_DEBIT.CANCELLED"]
    found = debit(desk, made.id)
    assert (found["status"], found["cancellation_reason"]) == ("CANCELLED", "CANCELLED_BY_UPVEST")
    assert last_cause(desk, made.id) == "cancelled by upvest: Upvest refuses it: the IBAN ends in 9003"
    assert booked(desk) == []


def test_the_bank_never_answers_until_a_command_does(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    made = collect(desk, "9004")
    assert desk.advance("365d") == ["DIRECT_DEBIT.PROCESSING"]
    held = desk.world.holds.get("direct_debits", made.id)
    assert held is not None
    assert held.reason == "the bank never answers: the IBAN ends in 9004"
    assert desk.move("direct_debits", made.id, "CONFIRMED") == CONFIRMED


def test_an_outcome_of_the_profile_beats_the_end(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"stages": {"direct_debit.collect": {"outcomes": {"CONFIRMED": 1}}}}, cash="0")
    ends = ["9001", "9002", "9004", "9005"]
    for end in ends:
        collect(desk, end)
    desk.advance("30d")
    assert booked(desk) == [("SEPA_DIRECT_DEBIT", "200")] * len(ends)


def test_outcomes_may_be_for_some_only(open_desk: OpenDesk) -> None:
    """By the hidden attributes: the end of the payer's IBAN, and whose mandate it is."""
    overrides = [
        {"match": {"iban_end": "1234"}, "outcomes": {"CANCELLED": 1}},
        {"match": {"holder_id": "8c1d9a6e-0000-4000-8000-000000000001"}, "outcomes": {"CANCELLED": 1}},
    ]
    desk = open_desk(overrides={"stages": {"direct_debit.process": {"overrides": overrides}}})
    payer = seeding.user(desk.world, id="8c1d9a6e-0000-4000-8000-000000000001")
    group = seeding.account_group(desk.world, user_id=payer.id)
    theirs = mandate(desk, user_id=payer.id)
    of_payer = desk.call("create_direct_debit", body=collection(desk, theirs.id, account_group_id=group.id))
    by_end, other = collect(desk, "1234"), collect(desk)
    desk.advance()
    states = [debit(desk, made.id)["status"] for made in (of_payer, by_end, other)]
    assert states == ["CANCELLED", "CANCELLED", "CONFIRMED"]


# --- By command ---


@pytest.mark.parametrize("state", ["NEW", "PROCESSING"])
@pytest.mark.parametrize("reason", ["CANCELLED_BY_CLIENT", "CANCELLED_BY_BANK", "CANCELLED_BY_UPVEST", "OTHER"])
def test_a_command_cancels_for_any_reason(open_desk: OpenDesk, state: str, reason: str) -> None:
    """CANCELLED_BY_CLIENT has no other cause: no operation cancels one (§4.1)."""
    desk = open_desk("manual")
    made = collect(desk)
    if state == "PROCESSING":
        assert desk.move("direct_debits", made.id, "PROCESSING") == ["DIRECT_DEBIT.PROCESSING"]
    assert desk.move("direct_debits", made.id, "CANCELLED", reason=reason) == ["DIRECT_DEBIT.CANCELLED"]
    assert debit(desk, made.id)["cancellation_reason"] == reason
    assert last_cause(desk, made.id) == reason.lower().replace("_", " ")


def test_in_the_manual_profile_nothing_happens_by_itself(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", MANUAL, cash="0")
    made = collect(desk, "9002")
    assert desk.advance("365d") == []
    desk.move("direct_debits", made.id, "PROCESSING")
    assert desk.advance("365d") == []
    assert desk.move("direct_debits", made.id, "CONFIRMED") == CONFIRMED
    assert desk.advance("365d") == []
    assert triple(desk) == ("200", "200", "200")


# --- Snapshots and determinism ---


def test_a_snapshot_between_the_steps(desk: Desk) -> None:
    made = collect(desk, "9005")
    desk.advance("100ms")
    snapshot = desk.world.snapshot()
    first = [desk.advance("5s"), booked(desk), desk.cash()]
    desk.world.restore(snapshot)
    assert debit(desk, made.id)["status"] == "PROCESSING"
    assert [desk.advance("5s"), booked(desk), desk.cash()] == first


def test_the_books_cannot_be_confirmed_into_a_closed_group(open_desk: OpenDesk) -> None:
    """Even of one that the closing overlooked: nothing is booked."""
    desk = open_desk("manual", cash="0")
    made = collect(desk)
    desk.move("direct_debits", made.id, "PROCESSING")
    group = desk.call("retrieve_account_group", {"account_group_id": desk.group_id})
    desk.world.table(ACCOUNT_GROUPS).put(group.evolve(status="CLOSED"))
    with pytest.raises(Hold, match="CLOSED: no money comes in"):
        desk.move("direct_debits", made.id, "CONFIRMED")
