"""payments.md §6.4, trading.md §16: the pretended bank transfer, and what it does."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from mockserver.domain.payments.incoming_transfers import INCOMING_TRANSFERS
from mockserver.kernel.lifecycle import IllegalMoveError
from mockserver.kernel.profile import profile
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, NOBODY, Desk
from tests.domain.support.transfers import SENDER, dropped, fate, payment, send, top_up

TOLD = ["CREDIT_FUNDING.CONFIRMED", "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]


def status(desk: Desk, sent: Any) -> str:
    return fate(desk, sent)[0]


# --- A transfer that fits ---


def test_the_money_is_credited_and_told_in_the_documented_order(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    send(desk)
    assert desk.cash()["balance"] == "0"  # not yet
    assert desk.advance() == TOLD
    cash = desk.cash()
    assert (cash["balance"], cash["available_for_trading"], cash["available_for_withdrawal"]) == ("13.37",) * 3
    assert (cash["locked_for_trading"], cash["pending_settlement"]) == ("0", "0")
    assert desk.told("CASH_BALANCE.UPDATED") == [cash]


def test_the_answer_names_the_transfer_and_its_bank_reference(desk: Desk) -> None:
    first, second = send(desk), send(desk)
    assert len({first.id, second.id, first.bank_reference, second.bank_reference}) == 4


def test_an_order_that_waits_for_cash_goes_on(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    order = desk.place("BUY", AT_85, amount="10")
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "NEW"
    send(desk)
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"
    assert desk.cash()["balance"] == "3.37"


@pytest.mark.parametrize(("amount", "balance"), [("0.01", "0.01"), ("5", "5"), ("999999999.99", "999999999.99")])
def test_amounts_lose_no_digit(open_desk: OpenDesk, amount: str, balance: str) -> None:
    desk = open_desk(cash="0")
    send(desk, amount=amount)
    desk.advance()
    assert desk.cash()["balance"] == balance


def test_a_balance_grows_beyond_the_largest_amount(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    for _ in range(2):
        send(desk, amount="999999999.99")
    desk.advance()
    assert desk.cash()["balance"] == "1999999999.98"


# --- Failing on demand (payments.md §16.3) ---


def test_an_end_of_9003_drops_it(desk: Desk) -> None:
    assert "ends in 9003" in dropped(desk, counterparty_account={"iban": f"{SENDER[:-4]}9003"})


def test_an_end_of_9004_lets_it_arrive_a_day_later(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    send(desk, counterparty_account={"iban": f"{SENDER[:-4]}9004"})
    assert desk.advance("23h") + desk.advance("3599s") == []
    assert desk.advance() == TOLD


def test_an_outcome_of_the_profile_counts_more_than_an_end(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"stages": {"bank_transfer.arrive": {"outcomes": {"CREDITED": 1}}}})
    sent = send(desk, counterparty_account={"iban": f"{SENDER[:-4]}9003"})
    desk.advance()
    assert status(desk, sent) == "CREDITED"


def test_a_profile_may_delay_the_transfers_of_one_sender(open_desk: OpenDesk) -> None:
    override = {"match": {"iban_end": SENDER[-4:]}, "delay": "1h"}
    desk = open_desk(overrides={"stages": {"bank_transfer.arrive": {"overrides": [override]}}})
    send(desk)
    assert (desk.advance("59m"), desk.advance("1m")) == ([], TOLD)


# --- Refused ---


@pytest.mark.parametrize("amount", ["13.37", "0"])
def test_an_unknown_virtual_bank_account_is_404(desk: Desk, amount: str) -> None:
    body = payment(desk, virtual_bank_account_id=NOBODY, amount=amount)
    refusal = desk.refused("create_bank_transaction", body=body)
    assert (refusal.rule.status, refusal.detail) == (404, f"There is no virtual bank account {NOBODY}.")


@pytest.mark.parametrize("amount", ["0", "0.00", "000000000"])
def test_an_amount_of_zero_is_400(desk: Desk, amount: str) -> None:
    refusal = desk.refused("create_bank_transaction", body=payment(desk, amount=amount))
    assert (refusal.rule.status, refusal.rule.name) == (400, "tests.amount-zero")


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "-1"},
        {"amount": "1.5"},
        {"amount": "1000000000"},
        {"currency": "SEK"},
        {"counterparty_name": "Müller"},
        {"account": {"iban": "nowhere"}},
        {"counterparty_account": None},
        {"colour": "red"},
    ],
)
def test_what_the_contract_does_not_know_is_not_a_transfer(desk: Desk, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        send(desk, **wrong)


def test_the_live_environment_has_no_tests(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    refusal = desk.refused("create_bank_transaction", body=payment(desk))
    assert (refusal.rule.status, refusal.rule.name) == (403, "tests.live")


async def test_the_live_environment_looks_at_no_body(desk: Desk, client: Api) -> None:
    desk.world.profile = profile("sandbox", {"behaviour": {"tests_endpoints": False}})
    answer = await client.post("/tests/payments/transactions", json={"colour": "red"})
    assert answer.status == 403


# --- By command ---


def test_a_transfer_waits_for_a_command_in_the_manual_profile(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="0")
    sent = send(desk)
    assert desk.advance("1d") == []
    assert desk.move("bank_transfers", sent.id, "CREDITED") == TOLD
    assert desk.cash()["balance"] == "13.37"


def test_what_fits_nobody_cannot_be_credited_by_command(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="0")
    sent = send(desk, currency="JPY")
    with pytest.raises(IllegalMoveError, match="cannot be credited: credit fundings come in EUR, GBP, not in JPY"):
        desk.move("bank_transfers", sent.id, "CREDITED")
    with pytest.raises(IllegalMoveError, match="pays no top-up: credit fundings come in EUR, GBP, not in JPY"):
        desk.move("bank_transfers", sent.id, "SETTLED")
    assert desk.move("bank_transfers", sent.id, "UNMATCHED") == []


def test_forcing_neither_credits_nor_settles_twice(open_desk: OpenDesk) -> None:
    """payments.md §18: a payment of a top-up raises no cash, whichever move is forced."""
    desk = open_desk("manual", cash="0")
    row = top_up(desk, "200")
    before = desk.cash()
    first, second = (send(desk, amount="200", remittance_information=f"topup {row.id}") for _ in range(2))
    with pytest.raises(IllegalMoveError, match=f"cannot be credited: it pays {row.id}"):
        desk.move("bank_transfers", first.id, "CREDITED")
    assert desk.move("bank_transfers", first.id, "SETTLED") == ["TOPUP.SETTLED"]
    with pytest.raises(IllegalMoveError, match=f"top-up {row.id} is SETTLED"):
        desk.move("bank_transfers", second.id, "SETTLED")
    assert desk.cash() == before


def test_what_fits_may_be_dropped_by_command(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="0")
    sent = send(desk)
    assert desk.move("bank_transfers", sent.id, "UNMATCHED") == []
    assert (fate(desk, sent), desk.cash()["balance"]) == (("UNMATCHED", "dropped by command"), "0")


def test_a_snapshot_keeps_a_transfer_under_way(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    row = top_up(desk, "5")
    send(desk)
    send(desk, amount="5", remittance_information=f"topup {row.id}")
    kept = desk.world.snapshot()
    told, balance = desk.advance(), desk.cash()
    assert (told, balance["balance"]) == ([*TOLD, "TOPUP.SETTLED"], "18.37")
    desk.world.restore(kept)
    assert (desk.cash()["balance"], desk.call("retrieve_topup", {"topup_id": row.id}).status) == ("5", "CONFIRMED")
    assert (desk.advance(), desk.cash()) == (told, balance)


# --- Over HTTP ---


async def test_the_whole_chain(desk: Desk, client: Api) -> None:
    answer = await client.post("/tests/payments/transactions", json=payment(desk))
    assert answer.status == 200
    await client.post("/_mock/worlds/default/clock/advance", json={"by": "1s"})
    balance = await client.get(f"/account_groups/{desk.group_id}/payments/cash_balances/EUR")
    assert balance.json["balance"] == "10013.37"
    booked = await client.get(f"/transactions/cash?account_group_id={desk.group_id}")
    assert [row["type"] for row in booked.json["data"]] == ["CREDIT_FUNDING"]


async def test_a_transfer_needs_an_idempotency_key(desk: Desk, client: Api) -> None:
    answer = await client.post("/tests/payments/transactions", json=payment(desk), key=None)
    assert (answer.status, len(desk.world.table(INCOMING_TRANSFERS))) == (400, 0)


async def test_the_same_key_is_the_same_transfer(desk: Desk, client: Api) -> None:
    key = "6a1f8f0c-9d3c-4a57-9a55-2f4c0c0c0c0c"
    answers = [await client.post("/tests/payments/transactions", json=payment(desk), key=key) for _ in range(2)]
    assert answers[0].json == answers[1].json
    await client.post("/_mock/worlds/default/clock/advance", json={"by": "1s"})
    assert desk.cash()["balance"] == "10013.37"


async def test_the_control_api_says_why_a_transfer_had_no_effect(desk: Desk, client: Api) -> None:
    sent = await client.post("/tests/payments/transactions", json=payment(desk, remittance_information="rent"))
    await client.post("/_mock/worlds/default/clock/advance", json={"by": "1s"})
    shown = await client.get(f"/_mock/worlds/default/state/bank_transfers/{sent.json['id']}")
    assert "its text 'rent' has neither CF and a securities account number nor topup" in shown.body.decode()
