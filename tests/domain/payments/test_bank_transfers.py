"""trading.md §16, payments.md §6: the pretended bank transfer, and what it does."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.payments.bank_transfers import BANK_TRANSFERS
from mockserver.domain.payments.credit_fundings import CREDIT_FUNDINGS
from mockserver.kernel.lifecycle import IllegalMoveError
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, NOBODY, Desk

POOLING = "NL70ABNA0106295004"
SENDER = "DE95500105173934555844"
ERIKA = "Erika Mustermann"


def payment(desk: Desk, **others: Any) -> dict[str, Any]:
    """A transfer from the user of the desk to its account group."""
    number = desk.world.table(ACCOUNT_GROUPS)[desk.group_id].securities_account_number
    body = {
        "account": {"iban": POOLING},
        "amount": "13.37",
        "currency": "EUR",
        "client_reference": "a-client-reference",
        "counterparty_name": ERIKA,
        "counterparty_account": {"iban": SENDER},
        "remittance_information": f"CF{number}",
    }
    return {key: value for key, value in {**body, **others}.items() if value is not None}


def send(desk: Desk, **others: Any) -> Any:
    """Pretend a transfer; the answer."""
    return desk.call("create_bank_transaction", body=payment(desk, **others))


def fate(desk: Desk, **others: Any) -> tuple[str, str]:
    """What became of a transfer, and why; asserts that one without a match has no effect."""
    sent, balance = send(desk, **others), desk.cash()
    told = desk.advance()
    status = desk.world.table(BANK_TRANSFERS)[sent.id].status
    if status != "CREDITED":
        assert (told, desk.cash(), len(desk.world.table(CREDIT_FUNDINGS))) == ([], balance, 0)
    (why,) = [move.cause for move in desk.world.moves if (move.id, move.to) == (sent.id, status)]
    return status, why


# --- A transfer that fits ---


def test_the_money_is_credited_and_told_in_the_documented_order(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    send(desk)
    assert desk.cash()["balance"] == "0"  # not yet
    assert desk.advance() == ["CREDIT_FUNDING.CONFIRMED", "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]
    cash = desk.cash()
    assert (cash["balance"], cash["available_for_trading"], cash["available_for_withdrawal"]) == ("13.37",) * 3
    assert (cash["locked_for_trading"], cash["pending_settlement"]) == ("0", "0")
    assert desk.told("CASH_BALANCE.UPDATED") == [cash]


def test_the_answer_names_the_transfer_and_its_bank_reference(desk: Desk) -> None:
    first, second = send(desk), send(desk)
    assert len({first.id, second.id, first.bank_reference, second.bank_reference}) == 4


def test_the_credit_funding_shows_what_the_bank_says(desk: Desk) -> None:
    send(desk, amount="200", purpose_code="OTHR")
    desk.advance()
    (funding,) = desk.told("CREDIT_FUNDING.CONFIRMED")
    number = desk.world.table(ACCOUNT_GROUPS)[desk.group_id].securities_account_number
    assert funding == {
        "id": funding["id"],
        "created_at": "2023-01-10T09:00:00.100000Z",
        "account_group_id": desk.group_id,
        "cash_amount": "200.00",
        "currency": "EUR",
        "status": "CONFIRMED",
        "remittance_information": f"CF{number}",
        "counterparty": {
            "identification": {"name": ERIKA},
            "account": {"identification": {"iban": SENDER}},
        },
        "purpose_code": "OTHR",
    }


def test_the_transaction_refers_to_the_credit_funding(desk: Desk) -> None:
    send(desk)
    desk.advance()
    (funding,) = desk.told("CREDIT_FUNDING.CONFIRMED")
    (row,) = (orjson.loads(each.wire) for each in desk.rows("list_cash_transactions"))
    assert row == {
        "id": row["id"],
        "created_at": funding["created_at"],
        "updated_at": funding["created_at"],
        "account_group_id": desk.group_id,
        "booking_date": "2023-01-10T00:00:00Z",
        "value_date": "2023-01-10T00:00:00Z",
        "delta": {"amount": "13.37", "currency": "EUR"},
        "references": [{"id": funding["id"], "type": "CREDIT_FUNDING"}],
        "taxes": [],
        "taxes_details": {"total_amount": {"amount": "0.00", "currency": "EUR"}, "tax_breakdown": []},
        "type": "CREDIT_FUNDING",
    }
    assert desk.told("CASH_TRANSACTION.EXECUTED") == [row]


def test_an_order_that_waits_for_cash_goes_on(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    order = desk.place("BUY", AT_85, amount="10")
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "NEW"
    send(desk)
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"
    assert desk.cash()["balance"] == "3.37"


def test_pounds_are_credited_to_the_balance_in_pounds(desk: Desk) -> None:
    assert fate(desk, currency="GBP")[0] == "CREDITED"
    assert (desk.cash("GBP")["balance"], desk.cash()["balance"]) == ("13.37", "10000")


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


@pytest.mark.parametrize("number", ["1234567", "123456789", "123456789012"])
def test_a_securities_account_number_of_any_length_names_its_group(desk: Desk, number: str) -> None:
    group = seeding.account_group(desk.world, user_id=desk.user_id, securities_account_number=number)
    send(desk, remittance_information=f"CF{number}")
    desk.advance()
    assert [each["account_group_id"] for each in desk.told("CREDIT_FUNDING.CONFIRMED")] == [group.id]


@pytest.mark.parametrize(
    ("first", "last", "sender"),
    [
        ("Erika", "Mustermann", "ERIKA  MUSTERMANN"),
        ("Jürgen", "Groß", "Juergen Gross"),
        ("Jürgen", "Groß", "Jurgen Gross"),
        ("Zoë", "Ångström", "Zoe Angstrom"),
        ("Łukasz", "Bjørnsen", "Lukasz Bjornsen"),
        ("Mary-Ann", "O'Neil", "Mary-Ann O'Neil"),
    ],
)
def test_a_name_fits_as_banks_may_write_it(desk: Desk, first: str, last: str, sender: str) -> None:
    owner = seeding.user(desk.world, first_name=first, last_name=last)
    group = seeding.account_group(desk.world, user_id=owner.id)
    text = f"CF{group.securities_account_number}"
    assert fate(desk, counterparty_name=sender, remittance_information=text)[0] == "CREDITED"


# --- A transfer that fits nobody: 200, and no effect ---


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ({"account": {"iban": SENDER}}, f"{SENDER} is not Upvest's account for transfers, which is {POOLING}"),
        ({"remittance_information": None}, "its text '' is not CF and a securities account number"),
        ({"remittance_information": "rent"}, "its text 'rent' is not CF and a securities account number"),
        ({"remittance_information": "CF123"}, "its text 'CF123' is not CF and a securities account number"),
        ({"remittance_information": "CF0000000"}, "no account group has the securities account number 0000000"),
        ({"remittance_information": f"topup {NOBODY}"}, f"there is no open top-up {NOBODY}"),
        ({"currency": "USD"}, "credit fundings come in EUR, GBP, not in USD"),
        ({"currency": "JPY"}, "credit fundings come in EUR, GBP, not in JPY"),
        ({"currency": "CHF"}, "credit fundings come in EUR, GBP, not in CHF"),
    ],
)
def test_a_transfer_without_a_match_has_no_effect(desk: Desk, others: dict[str, Any], why: str) -> None:
    assert fate(desk, **others) == ("UNMATCHED", why)


@pytest.mark.parametrize("name", ["", "Max Mustermann", "Mustermann", "Mustermann Erika"])
def test_a_transfer_of_somebody_else_has_no_effect(desk: Desk, name: str) -> None:
    status, why = fate(desk, counterparty_name=name)
    assert (status, why) == ("UNMATCHED", f"{name!r} is not the name of who owns account group {desk.group_id}")


@pytest.mark.parametrize("status", ["PENDING_APPROVAL", "LOCKED", "CLOSING", "CLOSED"])
def test_a_group_that_is_not_active_gets_nothing(desk: Desk, status: str) -> None:
    groups = desk.world.table(ACCOUNT_GROUPS)
    groups.put(groups[desk.group_id].evolve(status=status))
    assert fate(desk) == ("UNMATCHED", f"account group {desk.group_id} is {status}")


# --- Refused ---


def test_an_unknown_virtual_bank_account_is_404(desk: Desk) -> None:
    refusal = desk.refused("create_bank_transaction", body=payment(desk, virtual_bank_account_id=NOBODY))
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


# --- By command ---


def test_a_transfer_waits_for_a_command_in_the_manual_profile(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="0")
    sent = send(desk)
    assert desk.advance("1d") == []
    assert desk.move("bank_transfers", sent.id, "CREDITED")[0] == "CREDIT_FUNDING.CONFIRMED"
    assert desk.cash()["balance"] == "13.37"


def test_what_fits_nobody_cannot_be_credited_by_command(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="0")
    sent = send(desk, currency="JPY")
    with pytest.raises(IllegalMoveError, match="cannot be credited: credit fundings come in EUR, GBP, not in JPY"):
        desk.move("bank_transfers", sent.id, "CREDITED")
    assert desk.move("bank_transfers", sent.id, "UNMATCHED") == []


def test_a_charge_back_takes_the_money_out_again(open_desk: OpenDesk) -> None:
    """payments.md §2: the balance goes down, by a transaction of its own."""
    desk = open_desk(cash="0")
    send(desk)
    desk.advance()
    (funding,) = desk.told("CREDIT_FUNDING.CONFIRMED")
    told = desk.move("credit_fundings", funding["id"], "CANCELLED")
    assert told == ["CREDIT_FUNDING.CANCELLED", "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]
    back = desk.told("CASH_TRANSACTION.EXECUTED")[-1]
    assert (back["type"], back["delta"]["amount"]) == ("CREDIT_FUNDING_CHARGE_BACK", "-13.37")
    assert back["references"] == [{"id": funding["id"], "type": "CREDIT_FUNDING"}]
    assert desk.cash()["balance"] == "0"


def test_a_charge_back_of_spent_money_leaves_the_balance_below_zero(open_desk: OpenDesk) -> None:
    """payments.md §2 [O]."""
    desk = open_desk(cash="0")
    send(desk)
    desk.place("BUY", AT_85, amount="10")
    desk.advance()
    desk.move("credit_fundings", desk.told("CREDIT_FUNDING.CONFIRMED")[0]["id"], "CANCELLED")
    assert desk.cash()["balance"] == "-10"


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
    assert (answer.status, len(desk.world.table(BANK_TRANSFERS))) == (400, 0)


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
    assert "its text 'rent' is not CF and a securities account number" in shown.body.decode()
