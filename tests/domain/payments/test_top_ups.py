"""payments.md §5: top-ups, from the client's guarantee to its payment."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.payments.top_ups import TOP_UPS
from mockserver.domain.users.users import USERS
from mockserver.kernel.lifecycle import Hold, IllegalMoveError
from mockserver.kernel.profile import profile
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, NOBODY, Desk
from tests.domain.support.transfers import send, top_up

BOOKED = ["CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]


def status(desk: Desk, row: Any) -> str:
    return str(desk.call("retrieve_topup", {"topup_id": row.id}).status)


# --- Creation ---


def test_the_cash_is_there_at_once(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    answer = orjson.loads(top_up(desk).wire)
    assert answer == {
        "id": answer["id"],
        "created_at": "2023-01-10T09:00:00Z",
        "account_group_id": desk.group_id,
        "cash_amount": "200.00",
        "currency": "EUR",
        "status": "CONFIRMED",
        "settlement_reference": answer["id"],
    }
    assert desk.types_since() == ["TOPUP.CONFIRMED", *BOOKED]
    assert desk.told("TOPUP.CONFIRMED") == [answer]  # §5: payload of the event = answer [D]
    cash = desk.cash()
    assert (cash["balance"], cash["available_for_trading"], cash["available_for_withdrawal"]) == ("200",) * 3


def test_the_transaction_refers_to_the_top_up(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    row = top_up(desk)
    (booked,) = desk.told("CASH_TRANSACTION.EXECUTED")
    assert (booked["type"], booked["delta"]) == ("TOPUP", {"amount": "200", "currency": "EUR"})
    assert booked["references"] == [{"id": row.id, "type": "TOPUP"}]
    assert {"account_id", "instrument"}.isdisjoint(booked)


@pytest.mark.parametrize(("sent", "shown"), [("200", "200.00"), ("0.01", "0.01"), ("999999999.99", "999999999.99")])
def test_an_amount_is_shown_with_two_decimals(desk: Desk, sent: str, shown: str) -> None:
    assert top_up(desk, sent).cash_amount == shown


def test_pounds_raise_the_balance_in_pounds(desk: Desk) -> None:
    top_up(desk, "5.00", "GBP")
    assert (desk.cash("GBP")["balance"], desk.cash()["balance"]) == ("5", "10000")


def test_an_order_that_waits_for_cash_goes_on(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    order = desk.place("BUY", AT_100, amount="200")
    desk.advance()
    top_up(desk)
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"
    assert desk.cash()["balance"] == "0"


# --- Reading ---


def test_lists_and_get_leave_the_reference_out(desk: Desk) -> None:
    row = top_up(desk)
    read = orjson.loads(desk.call("retrieve_topup", {"topup_id": row.id}).wire)
    (listed,) = desk.rows("list_topups", {"account_group_id": desk.group_id})
    shown = orjson.loads(row.wire)
    assert read == orjson.loads(listed.wire) == {key: shown[key] for key in shown if key != "settlement_reference"}


def test_the_list_is_of_one_group_in_order_of_creation(desk: Desk) -> None:
    other = seeding.account_group(desk.world)
    first = top_up(desk)
    desk.advance()
    second = top_up(desk)
    top_up(desk, account_group_id=other.id)
    assert [row.id for row in desk.rows("list_topups", {"account_group_id": desk.group_id})] == [first.id, second.id]
    by_id = desk.rows("list_topups", {"account_group_id": desk.group_id}, sort="id")
    assert [row.id for row in by_id] == sorted([first.id, second.id])


# --- Settlement and cancellation ---


def test_the_payment_settles_it_and_moves_no_cash(desk: Desk) -> None:
    row = top_up(desk)
    before = desk.cash()
    send(desk, amount="200", remittance_information=f"topup {row.settlement_reference}")
    assert desk.advance() == ["TOPUP.SETTLED"]
    assert (status(desk, row), desk.cash()) == ("SETTLED", before)
    assert desk.told("TOPUP.SETTLED") == [{**orjson.loads(row.wire), "status": "SETTLED"}]


def test_cancelling_takes_the_cash_off_again(desk: Desk) -> None:
    row, position = top_up(desk), desk.world.events.end
    desk.call("cancel_topup", {"topup_id": row.id})
    assert desk.types_since(position) == ["TOPUP.CANCELLED", *BOOKED]
    back = desk.told("CASH_TRANSACTION.EXECUTED")[-1]
    assert (back["type"], back["delta"]["amount"]) == ("TOPUP_CANCELLATION", "-200")
    assert back["references"] == [{"id": row.id, "type": "TOPUP"}]
    assert (status(desk, row), desk.cash()["balance"]) == ("CANCELLED", "10000")


def test_cancelling_what_is_spent_leaves_a_negative_balance(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    row = top_up(desk)
    desk.place("BUY", AT_100, amount="150")
    desk.advance()
    desk.call("cancel_topup", {"topup_id": row.id})
    cash = desk.cash()
    assert (cash["balance"], cash["available_for_trading"], cash["available_for_withdrawal"]) == ("-150",) * 3


def test_an_unpaid_top_up_stays_confirmed(desk: Desk) -> None:
    row = top_up(desk)
    desk.advance("100d")
    assert status(desk, row) == "CONFIRMED"


def test_a_command_settles_and_cancels_in_every_profile(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="0")
    first, second = top_up(desk), top_up(desk)
    assert desk.move("topups", first.id, "SETTLED") == ["TOPUP.SETTLED"]
    assert desk.move("topups", second.id, "CANCELLED") == ["TOPUP.CANCELLED", *BOOKED]
    assert desk.cash()["balance"] == "200"
    for row in (first, second):
        with pytest.raises(IllegalMoveError):
            desk.move("topups", row.id, "CANCELLED")


# --- Refused ---


def body_of(desk: Desk, **others: Any) -> dict[str, Any]:
    return {"account_group_id": desk.group_id, "cash_amount": "200.00", "currency": "EUR", **others}


@pytest.mark.parametrize(
    ("others", "rule"),
    [
        ({"account_group_id": NOBODY}, (404, "resource.unknown")),
        ({"cash_amount": "0.00"}, (400, "payment.amount")),
    ],
)
def test_a_top_up_that_is_refused(desk: Desk, others: dict[str, str], rule: tuple[int, str]) -> None:
    refusal = desk.refused("create_topup", body=body_of(desk, **others))
    assert (refusal.rule.status, refusal.rule.name) == rule


@pytest.mark.parametrize("state", ["PENDING_APPROVAL", "LOCKED", "CLOSING", "CLOSED"])
def test_the_group_has_to_be_active(desk: Desk, state: str) -> None:
    groups = desk.world.table(ACCOUNT_GROUPS)
    groups.put(groups[desk.group_id].evolve(status=state))
    refusal = desk.refused("create_topup", body=body_of(desk))
    assert (refusal.rule.status, refusal.rule.name, state in refusal.detail) == (400, "payment.group-status", True)


def test_a_closing_group_below_zero_may_be_filled(open_desk: OpenDesk) -> None:
    """payments.md §2.2: money in is accepted until the balance is 0."""
    desk = open_desk(cash="0")
    row = top_up(desk)
    desk.place("BUY", AT_100, amount="200")
    desk.advance()
    desk.call("account_group_closure", {"account_group_id": desk.group_id})
    assert desk.refused("create_topup", body=body_of(desk)).rule.name == "payment.group-status"
    desk.call("cancel_topup", {"topup_id": row.id})
    assert desk.cash()["balance"] == "-200"
    top_up(desk)
    assert desk.cash()["balance"] == "0"


def test_the_holder_has_to_be_active(desk: Desk) -> None:
    users = desk.world.table(USERS)
    users.put(users[desk.user_id].evolve(status="INACTIVE"))
    refusal = desk.refused("create_topup", body=body_of(desk))
    assert (refusal.rule.status, refusal.rule.name) == (400, "payment.holder-status")


def test_an_isa_group_holds_pounds_only(desk: Desk) -> None:
    isa = seeding.account_group(desk.world, user_id=desk.user_id, type="ISA")
    refusal = desk.refused("create_topup", body=body_of(desk, account_group_id=isa.id))
    assert (refusal.rule.status, refusal.rule.name) == (400, "payment.currency")
    assert top_up(desk, currency="GBP", account_group_id=isa.id).currency == "GBP"


@pytest.mark.parametrize("operation", ["retrieve_topup", "cancel_topup"])
def test_an_unknown_top_up_is_404(desk: Desk, operation: str) -> None:
    refusal = desk.refused(operation, {"topup_id": NOBODY})
    assert (refusal.rule.status, refusal.detail) == (404, f"There is no top-up {NOBODY}.")


def test_the_list_of_an_unknown_group_is_404(desk: Desk) -> None:
    assert desk.refused("list_topups", {"account_group_id": NOBODY}, {}).rule.status == 404


@pytest.mark.parametrize("final", ["SETTLED", "CANCELLED"])
def test_only_a_confirmed_one_can_be_cancelled(desk: Desk, final: str) -> None:
    row = top_up(desk)
    desk.move("topups", row.id, final)
    refusal = desk.refused("cancel_topup", {"topup_id": row.id})
    assert (refusal.rule.status, refusal.rule.name, final in refusal.detail) == (422, "topup.final", True)


def test_nothing_goes_out_of_a_closed_group(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    row = top_up(desk)
    desk.place("BUY", AT_100, amount="200")
    desk.advance()
    desk.move("account_groups", desk.group_id, "CLOSING")
    desk.move("account_groups", desk.group_id, "CLOSED")
    refusal = desk.refused("cancel_topup", {"topup_id": row.id})
    assert (refusal.rule.status, refusal.rule.name) == (422, "topup.group-closed")
    with pytest.raises(Hold, match="is CLOSED: nothing goes back out of it"):
        desk.move("topups", row.id, "CANCELLED")
    assert desk.cash()["balance"] == "0"
    send(desk, amount="200", remittance_information=f"topup {row.id}")
    assert desk.advance() == ["TOPUP.SETTLED"]  # what the client owes it can still pay


async def test_a_client_without_the_feature_gets_403_whatever_it_sends(desk: Desk, client: Api) -> None:
    desk.world.profile = profile("sandbox", {"payments": {"topups": False}})
    answers = [
        await client.post("/payments/topups", json={"what": "is this"}),
        await client.get(f"/payments/topups/{NOBODY}"),
        await client.delete(f"/payments/topups/{NOBODY}"),
        await client.get(f"/account_groups/{NOBODY}/payments/topups"),
    ]
    assert [answer.status for answer in answers] == [403] * 4
    assert "payments.topups" in answers[0].detail


async def test_the_same_key_is_the_same_top_up(desk: Desk, client: Api) -> None:
    key = "6a1f8f0c-9d3c-4a57-9a55-2f4c0c0c0c0c"
    answers = [await client.post("/payments/topups", json=body_of(desk), key=key) for _ in range(2)]
    assert (answers[0].status, answers[0].json) == (200, answers[1].json)
    assert (len(desk.world.table(TOP_UPS)), desk.cash()["balance"]) == (1, "10200")
