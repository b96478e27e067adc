"""payments.md §7: withdrawals that are requested, paid and cancelled."""

from __future__ import annotations

from decimal import Decimal

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.payments.withdrawals import WITHDRAWALS
from mockserver.kernel.lifecycle import IllegalMoveError
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, Desk
from tests.domain.support.openings import give_role, open_group, person
from tests.domain.support.payouts import (
    books,
    delete,
    fate,
    held,
    now,
    overdraw,
    reference_account,
    requested,
    waits,
    why,
    withdraw,
)

PUBLISHED = "200.00"
"""The amount of the published events (payments.md §2): of 200 available, NEW leaves 200, 0, 0, CONFIRMED leaves 0."""


# --- From the request to the bank ---


def test_the_published_events_have_the_published_sums(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="200")
    withdraw(desk, PUBLISHED)
    assert desk.types_since() == ["WITHDRAWAL.NEW", "CASH_BALANCE.UPDATED"]
    assert books(desk) == ("200", "0", "0")
    desk.advance()
    assert desk.types_since()[2:] == [
        "WITHDRAWAL.PROCESSING",
        "WITHDRAWAL.CONFIRMED",
        "CASH_TRANSACTION.EXECUTED",
        "CASH_BALANCE.UPDATED",
    ]
    assert [row["balance"] for row in desk.told("CASH_BALANCE.UPDATED")] == ["200", "0"]
    assert books(desk) == ("0", "0", "0")


def test_every_step_takes_a_moment(desk: Desk) -> None:
    """payments.md §16: a tenth of a second each."""
    paid = withdraw(desk, "1")
    assert desk.advance("99ms") == []
    assert desk.advance("1ms") == ["WITHDRAWAL.PROCESSING"]
    assert books(desk) == ("10000", "9999", "9999")
    assert desk.advance("100ms")[0] == "WITHDRAWAL.CONFIRMED"
    assert desk.advance("30d") == []
    assert fate(desk, paid.id) == ("CONFIRMED", None)


def test_the_answer_is_what_the_event_shows(desk: Desk) -> None:
    to = reference_account(desk)
    paid = withdraw(desk, "200", to=to, remittance_information="Holidays", purpose_code="OTHR")
    shown = {
        "id": paid.id,
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "reference_account_id": to,
        "account_group_id": desk.group_id,
        "user_id": desk.user_id,
        "amount": "200.00",
        "currency": "EUR",
        "remittance_information": "Holidays",
        "status": "NEW",
        "purpose_code": "OTHR",
    }
    assert orjson.loads(paid.wire) == shown
    assert desk.told("WITHDRAWAL.NEW") == [shown]
    desk.advance()
    (confirmed,) = desk.told("WITHDRAWAL.CONFIRMED")
    assert confirmed == {**shown, "status": "CONFIRMED", "updated_at": "2023-01-10T09:00:00.200000Z"}
    assert orjson.loads(desk.call("retrieve_cash_withdrawal", {"withdrawal_id": paid.id}).wire) == confirmed


def test_what_is_not_sent_has_its_default(desk: Desk) -> None:
    shown = orjson.loads(withdraw(desk, "200").wire)
    assert (shown["remittance_information"], shown["currency"], shown["user_id"]) == ("", "EUR", desk.user_id)
    assert not {"purpose_code", "taxes", "cancellation_reason", "iban", "funded"} & shown.keys()


def test_the_transaction_refers_to_the_withdrawal(desk: Desk) -> None:
    paid = withdraw(desk, "13.37")
    desk.advance()
    (row,) = desk.told("CASH_TRANSACTION.EXECUTED")
    assert (row["type"], row["delta"]) == ("WITHDRAWAL", {"amount": "-13.37", "currency": "EUR"})
    assert row["references"] == [{"id": paid.id, "type": "WITHDRAWAL"}]
    assert (row["booking_date"], row["value_date"]) == ("2023-01-10T00:00:00Z",) * 2
    assert not {"account_id", "instrument"} & row.keys()


def test_what_is_reserved_buys_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="200")
    withdraw(desk, "150")
    order = desk.place("BUY", AT_100, amount="100")
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "NEW"


def test_unsettled_proceeds_cannot_be_withdrawn(open_desk: OpenDesk) -> None:
    """Of a sale of 100 the cash may be traded with at once, and leaves when it has settled (payments.md §2)."""
    desk = open_desk("live", {"stages": {"withdrawal.check": {"delay": "0s"}}}, cash="0")
    desk.hold(AT_100, "1")
    desk.place("SELL", AT_100, quantity="1")
    desk.advance("1m")
    assert books(desk) == ("100", "100", "0")
    early = withdraw(desk, "0.01")
    desk.advance("1s")
    assert fate(desk, early.id) == ("CANCELLED", "CANCELLED_BY_UPVEST")
    desk.advance("3d")
    assert books(desk) == ("100", "100", "100")
    late = withdraw(desk, "100")
    desk.advance("4d")
    assert fate(desk, late.id) == ("CONFIRMED", None)


def test_pounds_are_paid_from_the_balance_in_pounds(desk: Desk) -> None:
    seeding.cash(desk.world, account_group_id=desk.group_id, amount=Decimal(5), currency="GBP")
    withdraw(desk, "5", currency="GBP")
    desk.advance()
    assert (books(desk, "GBP"), books(desk)) == (("0", "0", "0"), ("10000", "10000", "10000"))


def test_a_user_of_the_group_may_be_named(desk: Desk) -> None:
    owner, other = person(desk), person(desk)
    group = open_group(desk, owner, "JOINT")
    give_role(desk, group.id, other)
    desk.advance()
    seeding.cash(desk.world, account_group_id=group.id, amount=Decimal(10))
    to = reference_account(desk, user_id=owner)
    assert withdraw(desk, "1", to=to, account_group_id=group.id).user_id == owner
    assert withdraw(desk, "1", to=to, account_group_id=group.id, user_id=other).user_id == other


def test_the_largest_amount_is_paid(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="1999999999.98")
    withdraw(desk, "999999999.99")
    desk.advance()
    assert books(desk) == ("999999999.99",) * 3


# --- More than is available ---


def test_one_of_more_is_accepted_and_cancelled_a_moment_later(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="50")
    paid = withdraw(desk, "50.01")
    assert (paid.status, desk.types_since()) == ("NEW", ["WITHDRAWAL.NEW"])
    assert desk.advance("99ms") == []
    assert desk.advance("1ms") == ["WITHDRAWAL.CANCELLED"]
    assert fate(desk, paid.id) == ("CANCELLED", "CANCELLED_BY_UPVEST")
    assert why(desk, paid.id) == "not enough cash: 50 of 50.01 EUR is available for withdrawal"
    assert (books(desk), desk.told("CASH_BALANCE.UPDATED"), desk.advance("30d")) == (("50", "50", "50"), [], [])


def test_cash_that_comes_before_the_check_does_not_save_it(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    paid = withdraw(desk, "5")
    desk.fund("5")
    desk.advance()
    assert fate(desk, paid.id) == ("CANCELLED", "CANCELLED_BY_UPVEST")


def test_a_second_one_has_only_what_the_first_leaves(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="100")
    first, second, third = (withdraw(desk, amount) for amount in ("60", "40.01", "40"))
    desk.advance()
    assert [fate(desk, each.id)[0] for each in (first, second, third)] == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert books(desk) == ("0", "0", "0")


def test_a_balance_below_zero_pays_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="0")
    overdraw(desk, "5")
    paid = withdraw(desk, "0.01")
    assert (fate(desk, paid.id), books(desk)) == (("NEW", None), ("-5", "-5", "-5"))


def test_a_profile_may_refuse_it_at_once(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"payments": {"withdrawal_funding": "refuse"}}, cash="50")
    to = reference_account(desk)
    refusal = desk.refused("create_cash_withdrawal", body=requested(desk, "50.01", to=to))
    assert (refusal.rule.name, refusal.rule.status) == ("withdrawal.funds", 400)
    assert "50.01 EUR" in refusal.detail
    assert "50 EUR" in refusal.detail
    withdraw(desk, "50", to=to)
    desk.advance()
    assert books(desk) == ("0", "0", "0")


# --- Cancelled by the client ---


def test_a_new_one_may_be_cancelled(desk: Desk) -> None:
    paid, position = withdraw(desk, "200"), desk.world.events.end
    delete(desk, paid.id)
    assert desk.types_since(position) == ["WITHDRAWAL.CANCELLED", "CASH_BALANCE.UPDATED"]
    assert fate(desk, paid.id) == ("CANCELLED", "CANCELLED_BY_CLIENT")
    assert (books(desk), desk.advance("30d")) == (("10000", "10000", "10000"), [])


def test_one_that_is_not_funded_tells_no_balance_when_it_is_cancelled(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    paid, position = withdraw(desk, "200"), desk.world.events.end
    delete(desk, paid.id)
    assert (desk.types_since(position), desk.advance("30d")) == (["WITHDRAWAL.CANCELLED"], [])


def test_what_a_cancelled_one_gives_back_buys(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="100")
    paid = withdraw(desk, "50")
    order = desk.place("BUY", AT_100, amount="100")
    delete(desk, paid.id)
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"


@pytest.mark.parametrize("status", ["PROCESSING", "CONFIRMED", "CANCELLED"])
def test_another_one_cannot_be_cancelled(open_desk: OpenDesk, status: str) -> None:
    desk = open_desk("manual")
    paid = withdraw(desk, "1")
    for to in {"CONFIRMED": ("PROCESSING", "CONFIRMED")}.get(status, (status,)):
        desk.move("withdrawals", paid.id, to)
    refusal = desk.refused("cancel_cash_withdrawal", {"withdrawal_id": paid.id})
    assert (refusal.rule.name, refusal.rule.status) == ("withdrawal.state", 422)
    assert status in refusal.detail


# --- Reading ---


def test_a_group_lists_its_own_by_creation(desk: Desk) -> None:
    first = withdraw(desk, "1")
    desk.advance("1s")
    second = withdraw(desk, "2")
    listed = desk.rows("list_cash_withdrawals", {"account_group_id": desk.group_id})
    assert [(row.id, row.status) for row in listed] == [(first.id, "CONFIRMED"), (second.id, "NEW")]
    by_id = desk.rows("list_cash_withdrawals", {"account_group_id": desk.group_id}, sort="id")
    assert [row.id for row in by_id] == sorted([first.id, second.id])
    other = open_group(desk, person(desk))
    assert desk.rows("list_cash_withdrawals", {"account_group_id": other.id}) == []


def test_the_reference_account_may_be_deleted_meanwhile(desk: Desk) -> None:
    """payments.md §3: the withdrawal keeps a copy, and fails as the IBAN that it has says."""
    reference_account(desk)  # the last one of a user cannot be deleted
    to = reference_account(desk, end="9001")
    paid = withdraw(desk, "1", to=to)
    desk.call("delete_reference_account", {"reference_account_id": to})
    desk.advance("1m")
    assert fate(desk, paid.id) == ("CANCELLED", "CANCELLED_BY_BANK")
    assert now(desk, paid.id).reference_account_id == to


# --- By command ---


def test_in_the_manual_profile_every_step_waits_for_a_command(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="200")
    paid = withdraw(desk, PUBLISHED)
    assert (desk.advance("30d"), books(desk)) == ([], ("200", "0", "0"))
    assert desk.move("withdrawals", paid.id, "PROCESSING") == ["WITHDRAWAL.PROCESSING"]
    assert desk.advance("30d") == []
    told = desk.move("withdrawals", paid.id, "CONFIRMED")
    assert told == ["WITHDRAWAL.CONFIRMED", "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]
    assert (desk.advance("30d"), books(desk)) == ([], ("0", "0", "0"))


def test_a_command_gives_the_reason(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    paid = withdraw(desk, "1")
    told = desk.move("withdrawals", paid.id, "CANCELLED", reason="CANCELLED_BY_BANK")
    assert told == ["WITHDRAWAL.CANCELLED", "CASH_BALANCE.UPDATED"]
    assert fate(desk, paid.id) == ("CANCELLED", "CANCELLED_BY_BANK")


def test_one_that_is_not_funded_needs_its_cash_to_be_sent_by_command(open_desk: OpenDesk) -> None:
    """No amount of forcing makes money appear (payments.md §18)."""
    desk = open_desk("manual", cash="5")
    paid = withdraw(desk, "10")
    assert held(desk, paid.id, "PROCESSING") == "not enough cash: 5 of 10.00 EUR is available for withdrawal"
    with pytest.raises(IllegalMoveError):
        desk.move("withdrawals", paid.id, "CONFIRMED")
    desk.fund("5")
    told = desk.move("withdrawals", paid.id, "PROCESSING")
    assert told == ["CASH_BALANCE.UPDATED", "WITHDRAWAL.PROCESSING"]
    assert books(desk) == ("10", "0", "0")


def test_the_bank_may_refuse_the_payment_by_command(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="5")
    paid = withdraw(desk, "5")
    desk.move("withdrawals", paid.id, "PROCESSING")
    assert desk.move("withdrawals", paid.id, "CANCELLED") == ["WITHDRAWAL.CANCELLED", "CASH_BALANCE.UPDATED"]
    assert (fate(desk, paid.id), books(desk)) == (("CANCELLED", "CANCELLED_BY_BANK"), ("5", "5", "5"))


# --- A locked group ---


def test_in_a_locked_group_a_new_one_waits_and_one_at_the_bank_goes_on(desk: Desk) -> None:
    sent = withdraw(desk, "1")
    desk.advance("100ms")
    waiting = withdraw(desk, "2")
    desk.move("account_groups", desk.group_id, "LOCKED")
    desk.advance("1d")
    assert (fate(desk, sent.id)[0], fate(desk, waiting.id)[0]) == ("CONFIRMED", "NEW")
    assert waits(desk, waiting.id) == f"account group {desk.group_id} is LOCKED"
    assert held(desk, waiting.id, "PROCESSING") == f"account group {desk.group_id} is LOCKED"
    desk.move("account_groups", desk.group_id, "ACTIVE")
    desk.advance()
    assert fate(desk, waiting.id) == ("CONFIRMED", None)


def test_one_that_waits_in_a_locked_group_may_be_cancelled(desk: Desk) -> None:
    waiting = withdraw(desk, "2")
    desk.move("account_groups", desk.group_id, "LOCKED")
    desk.advance()
    delete(desk, waiting.id)
    assert (books(desk), waits(desk, waiting.id)) == (("10000",) * 3, None)


# --- Over HTTP ---


async def test_the_whole_chain(desk: Desk, client: Api) -> None:
    answer = await client.post("/payments/withdrawals", json=requested(desk, "200"))
    assert (answer.status, answer.json["status"]) == (200, "NEW")
    path = f"/payments/withdrawals/{answer.json['id']}"
    await client.post("/_mock/worlds/default/clock/advance", json={"by": "1s"})
    assert (await client.get(path)).json["status"] == "CONFIRMED"
    assert (await client.delete(path, key=None)).status == 422
    listed = await client.get(f"/account_groups/{desk.group_id}/payments/withdrawals?order=DESC&limit=1")
    assert (listed.json["data"], listed.json["meta"]["total_count"]) == ([(await client.get(path)).json], 1)
    second = await client.post("/payments/withdrawals", json=requested(desk, "1"))
    assert (await client.delete(f"/payments/withdrawals/{second.json['id']}", key=None)).status == 204


async def test_the_same_key_is_the_same_withdrawal(desk: Desk, client: Api) -> None:
    key, body = "6a1f8f0c-9d3c-4a57-9a55-2f4c0c0c0c0c", requested(desk, "200")
    answers = [await client.post("/payments/withdrawals", json=body, key=key) for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert len(desk.world.table(WITHDRAWALS)) == 1
    assert (await client.post("/payments/withdrawals", json=body, key=None)).status == 400


async def test_what_is_promised_away_is_shown_by_the_control_api_alone(desk: Desk, client: Api) -> None:
    withdraw(desk, "12.50")
    api = (await client.get(f"/account_groups/{desk.group_id}/payments/cash_balances/EUR")).json
    (state,) = (await client.get("/_mock/worlds/default/state/cash_balances")).json["data"]
    assert state["object"] == {**api, "reserved": "12.50"}
    assert (api["balance"], api["available_for_trading"]) == ("10000", "9987.50")
    assert desk.told("CASH_BALANCE.UPDATED") == [api]


async def test_the_control_api_says_what_it_waits_for(desk: Desk, client: Api) -> None:
    path = f"/_mock/worlds/default/state/withdrawals/{withdraw(desk, '1').id}"
    desk.move("account_groups", desk.group_id, "LOCKED")
    desk.advance()
    told = (await client.get(path)).json
    reason = f"account group {desk.group_id} is LOCKED"
    assert told["waits"] == {"stage": "withdrawal.process", "reason": reason, "for": f"group/{desk.group_id}"}
    assert {move["to"] for move in told["possible"]} == {"PROCESSING", "CANCELLED"}
    desk.move("account_groups", desk.group_id, "ACTIVE")
    desk.advance()
    told = (await client.get(path)).json
    assert (told["state"], told["waits"]) == ("CONFIRMED", None)
    assert told["explanation"].startswith("CONFIRMED: it stays so until it is moved on (CANCELLED: ")
