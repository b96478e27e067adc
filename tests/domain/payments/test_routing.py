"""payments.md §6.2: where an incoming transfer goes, row by row, and why one goes nowhere."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.payments.credit_fundings import CREDIT_FUNDINGS
from mockserver.domain.payments.top_ups import TOP_UPS
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, NOBODY, Desk
from tests.domain.support.transfers import (
    ERIKA,
    FOR_VIRTUAL,
    POOLING,
    SENDER,
    dropped,
    fate,
    number_of,
    send,
    top_up,
    virtual_account,
)


def credited(desk: Desk, **others: Any) -> Any:
    """The credit funding that a transfer becomes."""
    sent = send(desk, **others)
    desk.advance()
    assert fate(desk, sent)[0] == "CREDITED", fate(desk, sent)
    return list(desk.world.table(CREDIT_FUNDINGS))[-1]


def settled(desk: Desk, amount: str, text: str, **others: Any) -> tuple[list[str], str]:
    """Which top-ups a transfer settles, in the order in which it does, and what its history says."""
    sent = send(desk, amount=amount, remittance_information=text, **others)
    cash = desk.cash()
    told = desk.advance()
    state, why = fate(desk, sent)
    assert (state, desk.cash()) == ("SETTLED", cash), why
    rows = [event["id"] for event in desk.told("TOPUP.SETTLED")][-len(told) :]
    assert told == ["TOPUP.SETTLED"] * len(rows)
    return rows, why


# --- Rows 1 and 2: a virtual bank account ---


@pytest.mark.parametrize("iban", [FOR_VIRTUAL, POOLING, SENDER])
@pytest.mark.parametrize("text", [None, "rent", "CF000000000", "topup now"])
def test_a_virtual_bank_account_counts_and_no_text(desk: Desk, iban: str, text: str | None) -> None:
    other = seeding.account_group(desk.world, user_id=desk.user_id)
    to = virtual_account(desk, other.id)
    row = credited(desk, virtual_bank_account_id=to.id, account={"iban": iban}, remittance_information=text)
    assert (row.account_group_id, row.virtual_bank_account_id) == (other.id, to.id)
    assert row.remittance_information == (text or "")


def test_the_iban_of_a_virtual_bank_account_is_enough(desk: Desk) -> None:
    other = seeding.account_group(desk.world, user_id=desk.user_id)
    to = virtual_account(desk, other.id)
    row = credited(desk, account={"iban": to.iban})  # the text has the number of the desk's own group
    assert (row.account_group_id, row.virtual_bank_account_id) == (other.id, to.id)


def test_a_virtual_bank_account_is_for_its_holder_only(desk: Desk) -> None:
    to = virtual_account(desk)
    why = dropped(desk, virtual_bank_account_id=to.id, counterparty_name="Max Mustermann")
    assert "'Max Mustermann' is not the name of a holder" in why


# --- Row 3: top-ups ---


def test_a_text_may_name_several_top_ups(desk: Desk) -> None:
    rows = [top_up(desk, "10"), top_up(desk, "20"), top_up(desk, "30")]
    paid, why = settled(desk, "60", "topup " + " topup ".join(row.id for row in rows))
    assert paid == [row.id for row in rows]
    assert "left over" not in why


@pytest.mark.parametrize(
    "text", ["topup {0} {1}", "topup {0}, {1}", "TOPUP {0};TOPUP {1}", "please topup {1} and {0}", "topup: {0} {1} {1}"]
)
def test_references_are_found_however_they_are_written(desk: Desk, text: str) -> None:
    rows = [top_up(desk, "10"), top_up(desk, "20")]
    paid, _ = settled(desk, "30", text.format(*(row.id for row in rows)).replace("TOPUP", "topup"))
    assert set(paid) == {row.id for row in rows}


def test_case_does_not_count(desk: Desk) -> None:
    row = top_up(desk, "10")
    assert settled(desk, "10", f"TOPUP {row.id.upper()}")[0] == [row.id]


def test_the_oldest_is_paid_first(desk: Desk) -> None:
    old = top_up(desk, "20")
    desk.advance()
    young = top_up(desk, "20")
    paid, why = settled(desk, "30", f"topup {young.id} {old.id}")
    assert (paid, "10.00 EUR is left over" in why) == ([old.id], True)


def test_one_too_large_for_the_rest_is_passed_over(desk: Desk) -> None:
    rows = []
    for amount in ("20", "50", "10"):
        rows.append(top_up(desk, amount))
        desk.advance()
    paid, why = settled(desk, "35.50", "topup " + " ".join(row.id for row in rows))
    assert paid == [rows[0].id, rows[2].id]
    assert "5.50 EUR is left over" in why
    assert desk.world.table(TOP_UPS)[rows[1].id].status == "CONFIRMED"


def test_what_is_left_over_is_booked_nowhere(desk: Desk) -> None:
    row = top_up(desk, "10")
    settled(desk, "1000", f"topup {row.id}")  # asserts that the balance stays
    assert len(desk.world.table(CREDIT_FUNDINGS)) == 0


def test_a_top_up_is_settled_once(desk: Desk) -> None:
    row = top_up(desk, "10")
    settled(desk, "10", f"topup {row.id}")
    assert dropped(desk, amount="10", remittance_information=f"topup {row.id}") == f"top-up {row.id} is SETTLED"


def test_the_sender_of_a_top_up_does_not_count(desk: Desk) -> None:
    row = top_up(desk, "10")
    assert settled(desk, "10", f"topup {row.id}", counterparty_name="The Client Ltd")[0] == [row.id]


@pytest.mark.parametrize("state", ["LOCKED", "CLOSING", "CLOSED"])
def test_the_state_of_the_group_does_not_count(desk: Desk, state: str) -> None:
    row = top_up(desk, "10")
    groups = desk.world.table(ACCOUNT_GROUPS)
    groups.put(groups[desk.group_id].evolve(status=state))
    assert settled(desk, "10", f"topup {row.id}")[0] == [row.id]


@pytest.mark.parametrize(
    ("currency", "amount", "why"),
    [
        ("GBP", "200", "top-up {id} is in EUR, not in GBP"),
        ("USD", "200", "top-up {id} is in EUR, not in USD"),
        ("EUR", "199.99", "199.99 EUR does not cover top-up {id} of 200.00"),
    ],
)
def test_a_top_up_that_is_not_paid(desk: Desk, currency: str, amount: str, why: str) -> None:
    row = top_up(desk)
    found = dropped(desk, currency=currency, amount=amount, remittance_information=f"topup {row.id}")
    assert found == why.format(id=row.id)


def test_an_unknown_reference_is_named(desk: Desk) -> None:
    why = dropped(desk, remittance_information=f"topup {NOBODY}")
    assert why == f"there is no top-up with the reference {NOBODY}"


# --- Row 4: the number of an account group ---


@pytest.mark.parametrize("number", ["1234567", "123456789", "123456789012"])
def test_a_securities_account_number_of_any_length_names_its_group(desk: Desk, number: str) -> None:
    group = seeding.account_group(desk.world, user_id=desk.user_id, securities_account_number=number)
    row = credited(desk, remittance_information=f"CF{number}")
    assert (row.account_group_id, row.virtual_bank_account_id) == (group.id, None)


@pytest.mark.parametrize("text", ["CF{}", "  CF{} ", "savings CF{}", "CF{}, for Kim", "cf{}", "CF {}"])
def test_the_number_is_found_in_the_text(desk: Desk, text: str) -> None:
    assert credited(desk, remittance_information=text.format(number_of(desk))).account_group_id == desk.group_id


@pytest.mark.parametrize("iban", [POOLING, FOR_VIRTUAL])
def test_both_of_upvests_accounts_are_known(desk: Desk, iban: str) -> None:
    assert credited(desk, account={"iban": iban}).account_group_id == desk.group_id


def test_a_number_counts_where_no_top_up_can_be_paid(desk: Desk) -> None:
    row = credited(desk, remittance_information=f"topup {NOBODY} CF{number_of(desk)}")
    assert row.account_group_id == desk.group_id


def test_pooling_accounts_are_a_setting(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"payments": {"pooling_ibans": {"transfers": "DE89370400440532013000"}}})
    assert credited(desk, account={"iban": "DE89370400440532013000"}).account_group_id == desk.group_id
    assert POOLING in dropped(desk)


def test_pounds_are_credited_to_the_balance_in_pounds(desk: Desk) -> None:
    credited(desk, currency="GBP")
    assert (desk.cash("GBP")["balance"], desk.cash()["balance"]) == ("13.37", "10000")


def test_either_owner_of_a_joint_group_may_send(desk: Desk) -> None:
    anna = seeding.user(desk.world, first_name="Anna", last_name="Gross")
    members = [{"id": anna.id, "type": "OWNER"}, {"id": desk.user_id, "type": "OWNER"}]
    joint = seeding.account_group(desk.world, users=members, type="JOINT")
    text = f"CF{number_of(desk, joint.id)}"
    for name in ("Anna Gross", ERIKA):
        assert credited(desk, remittance_information=text, counterparty_name=name).account_group_id == joint.id
    assert "'Anna Gross' or 'Erika Mustermann'" in dropped(desk, remittance_information=text, counterparty_name="X")


def test_a_guardian_is_no_holder(desk: Desk) -> None:
    """payments.md §2.1: a guardian acts and holds nothing."""
    child = seeding.user(desk.world, first_name="Kim", last_name="Mustermann")
    members = [{"id": desk.user_id, "type": "GUARDIAN"}, {"id": child.id, "type": "CHILD"}]
    text = f"CF{number_of(desk, seeding.account_group(desk.world, users=members, type='CHILD').id)}"
    credited(desk, remittance_information=text, counterparty_name="Kim Mustermann")
    assert "Kim Mustermann" in dropped(desk, remittance_information=text)


def test_a_closing_group_below_zero_is_filled(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    row = top_up(desk, "13.37")
    desk.place("BUY", AT_100, amount="13.37")
    desk.advance()
    desk.call("account_group_closure", {"account_group_id": desk.group_id})
    desk.call("cancel_topup", {"topup_id": row.id})
    assert desk.cash()["balance"] == "-13.37"
    credited(desk)
    assert desk.cash()["balance"] == "0"
    assert "CLOSING" in dropped(desk)


# --- Row 5: nobody ---


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ({"account": {"iban": SENDER}}, f"{SENDER} is neither a virtual bank account nor one of Upvest's own"),
        ({"remittance_information": None}, "its text '' has neither CF and a securities account number nor topup"),
        ({"remittance_information": "rent"}, "its text 'rent' has neither CF"),
        ({"remittance_information": "CF123"}, "its text 'CF123' has neither CF"),
        ({"remittance_information": "SCF123456789"}, "its text 'SCF123456789' has neither CF"),
        ({"remittance_information": "CF0000000"}, "no account group has the securities account number 0000000"),
        ({"currency": "USD"}, "credit fundings come in EUR, GBP, not in USD"),
        ({"currency": "JPY"}, "credit fundings come in EUR, GBP, not in JPY"),
        ({"currency": "CHF"}, "credit fundings come in EUR, GBP, not in CHF"),
    ],
)
def test_a_transfer_without_a_match_has_no_effect(desk: Desk, others: dict[str, Any], why: str) -> None:
    assert why in dropped(desk, **others)


@pytest.mark.parametrize("name", ["", "Max Mustermann", "Mustermann", "Mustermann Erika"])
def test_a_transfer_of_somebody_else_has_no_effect(desk: Desk, name: str) -> None:
    why = dropped(desk, counterparty_name=name)
    assert why == f"{name!r} is not the name of a holder of account group {desk.group_id}: 'Erika Mustermann'"


@pytest.mark.parametrize("status", ["PENDING_APPROVAL", "LOCKED", "CLOSING", "CLOSED"])
@pytest.mark.parametrize("virtual", [False, True])
def test_a_group_that_is_not_active_gets_nothing(desk: Desk, status: str, virtual: bool) -> None:
    to = virtual_account(desk).id if virtual else None
    groups = desk.world.table(ACCOUNT_GROUPS)
    groups.put(groups[desk.group_id].evolve(status=status))
    assert f"Account group {desk.group_id} is {status}" in dropped(desk, virtual_bank_account_id=to)


def test_an_isa_group_gets_pounds_only(desk: Desk) -> None:
    isa = seeding.account_group(desk.world, user_id=desk.user_id, type="ISA")
    text = f"CF{number_of(desk, isa.id)}"
    assert "is of type ISA and holds GBP, not EUR" in dropped(desk, remittance_information=text)
    assert credited(desk, remittance_information=text, currency="GBP").account_group_id == isa.id


def test_nothing_is_credited_without_the_feature(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"payments": {"credit_funding": False}})
    row = top_up(desk, "13.37")
    for to in (None, virtual_account(desk).id):
        assert "payments.credit_funding" in dropped(desk, virtual_bank_account_id=to)
    settled(desk, "13.37", f"topup {row.id}")


def test_a_reference_account_is_needed_where_the_profile_says_so(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"payments": {"credit_needs_reference_account": True}})
    row = top_up(desk, "13.37")
    texts = (f"CF{number_of(desk)}", f"topup {row.id}")
    for text in texts:
        assert "has a reference account" in dropped(desk, remittance_information=text)
    body = {"user_id": desk.user_id, "account_owner": ERIKA, "iban": SENDER, "bic": "BELADEBE"}
    desk.call("create_reference_account", body={**body, "confirmed_at": "2023-01-01T00:00:00Z"})
    credited(desk, remittance_information=texts[0])
    settled(desk, "13.37", texts[1])


def test_where_it_goes_is_decided_when_it_arrives(desk: Desk) -> None:
    row = top_up(desk)
    sent = send(desk, amount="200", remittance_information=f"topup {row.id}")
    desk.call("cancel_topup", {"topup_id": row.id})
    desk.advance()
    assert fate(desk, sent) == ("UNMATCHED", f"top-up {row.id} is CANCELLED")


def test_no_transfer_settles_more_than_its_amount(desk: Desk) -> None:
    """payments.md §18."""
    amounts = [Decimal(each) for each in ("1.00", "2.00", "3.00")]
    for total in ("0.99", "1.00", "2.50", "3.00", "4.00", "5.99", "6.00", "7.00"):
        rows = [top_up(desk, str(amount)) for amount in amounts]
        send(desk, amount=total, remittance_information="topup " + " ".join(row.id for row in rows))
        desk.advance()
        table = desk.world.table(TOP_UPS)
        paid = sum(amount for row, amount in zip(rows, amounts, strict=True) if table[row.id].status == "SETTLED")
        assert paid <= Decimal(total)
