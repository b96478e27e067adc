"""payments.md §3.2: the permission to collect money from a bank account."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from mockserver.domain import seeding
from mockserver.domain.payments.mandates import MANDATES
from tests.domain.conftest import OpenDesk
from tests.domain.payments.bank import CONFIRMED_AT, IBAN, collection, debit, details, mandate
from tests.domain.support.desk import NOBODY, Desk

ADDRESS = {
    "address_line1": "Strasse 1",
    "address_line2": "Company GmbH",
    "postcode": "12345",
    "city": "Berlin",
    "state": "BE",
    "country": "DE",
}


def wire(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(row.wire)
    return found


def test_the_answer_names_the_creditor(desk: Desk) -> None:
    """The published example, with the desk's user and instant."""
    made = wire(mandate(desk, iban="DE89000000000000000000", bic="ABCDEXXX"))
    assert made == {
        "id": made["id"],
        "created_at": "2023-01-10T09:00:00Z",
        "user_id": desk.user_id,
        "iban": "DE8900**********0000",
        "bic": "ABCDEXXX",
        "creditor_name": "Creditor Company",
        "creditor_id": "DE98ZZZ09999999999",
        "creditor_address": ADDRESS,
        "type": "RECURRENT",
        "confirmed_at": CONFIRMED_AT,
    }
    assert wire(desk.call("retrieve_mandate", {"mandate_id": made["id"]})) == made


def test_the_creditor_is_a_setting(open_desk: OpenDesk) -> None:
    creditor = {"name": "Savings App GmbH", "id": "DE98ZZZ09999999998", "address": {"city": "Köln"}}
    made = wire(mandate(open_desk(overrides={"payments": {"creditor": creditor}})))
    assert (made["creditor_name"], made["creditor_id"]) == ("Savings App GmbH", "DE98ZZZ09999999998")
    assert made["creditor_address"] == {**ADDRESS, "city": "Köln"}


def test_nothing_is_told(desk: Desk) -> None:
    before = desk.world.events.end
    mandate(desk)
    assert desk.types_since(before) == desk.advance("30d") == []


def test_the_whole_iban_is_kept_but_shown_nowhere(desk: Desk) -> None:
    row = desk.world.table(MANDATES)[mandate(desk).id]
    assert (row.full_iban, row.iban_end, row.holder_id) == (IBAN, "0402", desk.user_id)
    assert IBAN.encode() not in row.wire


def test_the_list_of_a_user_is_by_creation(desk: Desk) -> None:
    first = mandate(desk)
    desk.advance("1s")
    second = mandate(desk)
    mandate(desk, user_id=seeding.user(desk.world).id)
    assert [row.id for row in desk.rows("list_mandates", {"user_id": desk.user_id})] == [first.id, second.id]


@pytest.mark.parametrize("status", ["INACTIVE", "OFFBOARDING", "OFFBOARDED"])
def test_the_holder_has_to_be_active(desk: Desk, status: str) -> None:
    of = seeding.user(desk.world, status=status)
    refusal = desk.refused("create_mandate", body=details(desk, user_id=of.id))
    assert (refusal.rule.name, refusal.rule.status) == ("payment.holder-status", 400)
    assert status in refusal.detail


@pytest.mark.parametrize("member", ["user_id", "business_id"])
def test_an_unknown_holder(desk: Desk, member: str) -> None:
    refusal = desk.refused("create_mandate", body=details(desk, **{"user_id": None, member: NOBODY}))
    assert (refusal.rule.status, refusal.detail) == (404, f"There is no {member[:-3]} {NOBODY}.")


@pytest.mark.parametrize(
    "others", [{"user_id": None}, {"business_id": NOBODY}, {"iban": "DE"}, {"bic": "X"}, {"type": "RECURRENT"}]
)
def test_what_the_contract_forbids(desk: Desk, others: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        desk.call("create_mandate", body=details(desk, **others))


def test_a_confirmation_in_the_future_is_refused_in_the_strict_sandbox_only(open_desk: OpenDesk) -> None:
    later = "2023-01-10T09:00:01Z"
    assert mandate(open_desk(), confirmed_at=later)
    strict = open_desk("sandbox-strict")
    refusal = strict.refused("create_mandate", body=details(strict, confirmed_at=later))
    assert refusal.rule.name == "bank-details.confirmed-at"


# --- Deleting ---


def test_a_deleted_mandate_is_gone_for_good(desk: Desk) -> None:
    made = mandate(desk)
    desk.call("delete_mandate", {"mandate_id": made.id})
    for operation in ("retrieve_mandate", "delete_mandate"):
        refusal = desk.refused(operation, {"mandate_id": made.id})
        assert (refusal.rule.status, refusal.detail) == (404, f"There is no mandate {made.id}.")
    assert desk.rows("list_mandates", {"user_id": desk.user_id}) == []
    assert desk.refused("create_direct_debit", body=collection(desk, made.id)).rule.status == 404


def test_direct_debits_under_way_go_on_without_it(desk: Desk) -> None:
    made = mandate(desk)
    under_way = desk.call("create_direct_debit", body=collection(desk, made.id))
    desk.call("delete_mandate", {"mandate_id": made.id})
    desk.advance()
    found = debit(desk, under_way.id)
    assert (found["status"], found["mandate_id"]) == ("CONFIRMED", made.id)


def test_lists_of_unknown_holders(desk: Desk) -> None:
    assert desk.refused("list_mandates", {"user_id": NOBODY}).rule.status == 404
    assert desk.refused("list_business_mandates", {"business_id": NOBODY}).rule.status == 404
