"""payments.md §6.3: credit fundings, and how they go back."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.payments.credit_fundings import CREDIT_FUNDINGS
from mockserver.domain.payments.incoming_transfers import INCOMING_TRANSFERS
from mockserver.kernel.profile import profile
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, NOBODY, Desk
from tests.domain.support.transfers import ERIKA, SENDER, number_of, send

TOLD = ["CREDIT_FUNDING.CONFIRMED", "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]
TOLD_BACK = ["CREDIT_FUNDING.CANCELLED", "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]
SENT_BACK = f"{SENDER[:-4]}9001"
"""An IBAN whose transfers go back (payments.md §16.3)."""


def funded(desk: Desk, **others: Any) -> Any:
    """A credit funding of the desk's group, from a transfer that has arrived."""
    send(desk, **others)
    desk.advance("200ms")
    return list(desk.world.table(CREDIT_FUNDINGS))[-1]


def test_a_funding_shows_what_the_bank_says(desk: Desk) -> None:
    row = funded(desk, amount="200", purpose_code="OTHR")
    (told,) = desk.told("CREDIT_FUNDING.CONFIRMED")
    assert told == {
        "id": row.id,
        "created_at": "2023-01-10T09:00:00.100000Z",
        "account_group_id": desk.group_id,
        "cash_amount": "200.00",
        "currency": "EUR",
        "status": "CONFIRMED",
        "remittance_information": f"CF{number_of(desk)}",
        "counterparty": {
            "identification": {"name": ERIKA},
            "account": {"identification": {"iban": SENDER}},
        },
        "purpose_code": "OTHR",
    }
    assert orjson.loads(desk.call("retrieve_credit_funding", {"credit_funding_id": row.id}).wire) == told


def test_the_list_is_of_one_group_in_order_of_creation(desk: Desk) -> None:
    rows = [funded(desk), funded(desk)]
    other = seeding.account_group(desk.world, user_id=desk.user_id)
    funded(desk, remittance_information=f"CF{number_of(desk, other.id)}")
    assert desk.rows("list_credit_fundings", {"account_group_id": desk.group_id}) == rows


def test_the_transaction_refers_to_the_credit_funding(desk: Desk) -> None:
    funding = funded(desk)
    (row,) = (orjson.loads(each.wire) for each in desk.rows("list_cash_transactions"))
    assert row == {
        "id": row["id"],
        "created_at": "2023-01-10T09:00:00.100000Z",
        "updated_at": "2023-01-10T09:00:00.100000Z",
        "account_group_id": desk.group_id,
        "booking_date": "2023-01-10T00:00:00Z",
        "value_date": "2023-01-10T00:00:00Z",
        "delta": {"amount": "13.37", "currency": "EUR"},
        "references": [{"id": funding.id, "type": "CREDIT_FUNDING"}],
        "taxes": [],
        "taxes_details": {"total_amount": {"amount": "0.00", "currency": "EUR"}, "tax_breakdown": []},
        "type": "CREDIT_FUNDING",
    }
    assert desk.told("CASH_TRANSACTION.EXECUTED") == [row]


# --- Going back ---


def test_a_charge_back_takes_the_money_out_again(open_desk: OpenDesk) -> None:
    """payments.md §2.3: the balance goes down, by a transaction of its own."""
    desk = open_desk(cash="0")
    funding = funded(desk)
    assert desk.move("credit_fundings", funding.id, "CANCELLED") == TOLD_BACK
    back = desk.told("CASH_TRANSACTION.EXECUTED")[-1]
    assert (back["type"], back["delta"]["amount"]) == ("CREDIT_FUNDING_CHARGE_BACK", "-13.37")
    assert back["references"] == [{"id": funding.id, "type": "CREDIT_FUNDING"}]
    assert desk.cash()["balance"] == "0"


def test_a_charge_back_of_spent_money_leaves_the_balance_below_zero(open_desk: OpenDesk) -> None:
    """payments.md §2.3 [O]."""
    desk = open_desk(cash="0")
    funding = funded(desk)
    desk.place("BUY", AT_85, amount="10")
    desk.advance()
    desk.move("credit_fundings", funding.id, "CANCELLED")
    assert desk.cash()["balance"] == "-10"


def test_money_stays_where_nothing_is_wrong(desk: Desk) -> None:
    funding = funded(desk)
    assert desk.advance("30d") == []
    assert desk.call("retrieve_credit_funding", {"credit_funding_id": funding.id}).status == "CONFIRMED"


def test_money_from_an_iban_that_ends_in_9001_goes_back_after_a_second(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    send(desk, counterparty_account={"iban": SENT_BACK})
    assert desk.advance("100ms") == TOLD
    assert desk.advance("999ms") == []
    assert desk.advance("1ms") == TOLD_BACK
    assert desk.cash()["balance"] == "0"
    (why,) = [move.cause for move in desk.world.moves if (move.resource, move.to) == ("credit_fundings", "CANCELLED")]
    assert "ends in 9001" in why


def test_in_live_times_it_goes_back_after_two_business_days(open_desk: OpenDesk) -> None:
    """payments.md §16.1: at 12:00 in Berlin, 11:00 UTC in January. From Tuesday, so on Thursday."""
    sandbox_of_live = {"behaviour": {"tests_endpoints": True}, "payments": {"magic_ibans": True}}
    desk = open_desk("live", sandbox_of_live, cash="0")
    send(desk, counterparty_account={"iban": SENT_BACK})
    desk.advance("1d")
    (funding,) = desk.world.table(CREDIT_FUNDINGS)
    assert funding.status == "CONFIRMED"
    desk.advance("2d")
    (back,) = [move for move in desk.world.moves if (move.resource, move.to) == ("credit_fundings", "CANCELLED")]
    assert back.at.isoformat() == "2023-01-12T11:00:00+00:00"


@pytest.mark.parametrize("end", ["9002", "9005"])
def test_ends_that_mean_something_elsewhere_mean_nothing_here(desk: Desk, end: str) -> None:
    funding = funded(desk, counterparty_account={"iban": SENDER[:-4] + end})
    assert (funding.iban_end, desk.advance("3d")) == (end, [])


@pytest.mark.parametrize("profile", ["live", "manual"])
def test_ends_mean_nothing_where_the_profile_does_not_say_so(open_desk: OpenDesk, profile: str) -> None:
    desk = open_desk(profile, {"behaviour": {"tests_endpoints": True}})
    send(desk, counterparty_account={"iban": SENT_BACK})
    desk.advance("1m")
    if profile == "manual":
        (transfer,) = desk.world.table(INCOMING_TRANSFERS)
        desk.move("bank_transfers", transfer.id, "CREDITED")
    desk.advance("10d")
    (funding,) = desk.world.table(CREDIT_FUNDINGS)
    assert funding.status == "CONFIRMED"


def test_a_profile_may_send_any_money_back(open_desk: OpenDesk) -> None:
    """An outcome of the profile counts more than an end (payments.md §16.3)."""
    match = {"match": {"iban_end": SENDER[-4:]}, "outcomes": {"CANCELLED": 1}}
    stage = {"outcomes": {"CONFIRMED": 1}, "overrides": [match]}
    desk = open_desk(overrides={"stages": {"credit_funding.return": stage}})
    rows = [funded(desk), funded(desk, counterparty_account={"iban": SENT_BACK})]
    desk.advance("1m")
    table = desk.world.table(CREDIT_FUNDINGS)
    assert [table[row.id].status for row in rows] == ["CANCELLED", "CONFIRMED"]


def test_nothing_goes_back_out_of_a_closed_group(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    send(desk, amount="100", counterparty_account={"iban": SENT_BACK})
    desk.advance("100ms")
    desk.place("BUY", AT_85, amount="100")
    desk.advance("500ms")
    for state in ("CLOSING", "CLOSED"):
        desk.move("account_groups", desk.group_id, state)
    assert desk.advance("1d") == []
    (funding,) = desk.world.table(CREDIT_FUNDINGS)
    held = desk.world.holds.get("credit_fundings", funding.id)
    assert held is not None
    assert (funding.status, "CLOSED" in held.reason) == ("CONFIRMED", True)


# --- Refused ---


async def test_a_client_without_the_feature_gets_403(desk: Desk, client: Api) -> None:
    desk.world.profile = profile("sandbox", {"payments": {"credit_funding": False}})
    paths = (
        f"/payments/credit_fundings/{NOBODY}",
        f"/account_groups/{desk.group_id}/payments/credit_fundings",
        f"/account_groups/{desk.group_id}/payments/credit_funding_details",
    )
    answers = [await client.get(path) for path in paths]
    assert [answer.status for answer in answers] == [403] * 3
    assert "payments.credit_funding" in answers[0].detail
