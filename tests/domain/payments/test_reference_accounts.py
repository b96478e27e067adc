"""payments.md §3.1: the bank accounts that withdrawals go to."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from mockserver.domain import seeding
from mockserver.domain.payments.reference_accounts import REFERENCE_ACCOUNTS
from tests.domain.conftest import OpenDesk
from tests.domain.payments.bank import CONFIRMED_AT, IBAN, details, reference_account
from tests.domain.support.desk import NOBODY, Desk


def body(desk: Desk, **others: Any) -> dict[str, Any]:
    return details(desk, **{"account_owner": "Max Mustermann", **others})


def wire(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(row.wire)
    return found


def test_the_answer_is_the_request_with_an_obfuscated_iban(desk: Desk) -> None:
    """The published example, with the desk's user and instant."""
    made = wire(desk.call("create_reference_account", body=body(desk, name="Max's Reference Account")))
    assert made == {
        "id": made["id"],
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "user_id": desk.user_id,
        "account_owner": "Max Mustermann",
        "name": "Max's Reference Account",
        "iban": "DE0210**********0402",
        "bic": "BELADEBE",
        "confirmed_at": CONFIRMED_AT,
    }
    found = desk.call("retrieve_reference_account", {"reference_account_id": made["id"]})
    assert wire(found) == made


def test_a_name_that_was_left_out_is_empty(desk: Desk) -> None:
    assert wire(desk.call("create_reference_account", body=body(desk)))["name"] == ""


def test_nothing_is_told(desk: Desk) -> None:
    before = desk.world.events.end
    reference_account(desk)
    assert desk.types_since(before) == desk.advance("30d") == []


def test_the_whole_iban_is_kept_but_shown_nowhere(desk: Desk) -> None:
    row = desk.world.table(REFERENCE_ACCOUNTS)[reference_account(desk).id]
    assert (row.full_iban, row.iban_end, row.holder_id) == (IBAN, "0402", desk.user_id)
    assert IBAN.encode() not in row.wire


def test_the_same_iban_twice_is_fine(desk: Desk) -> None:
    """Accepted (§3.1, inferred)."""
    assert reference_account(desk).id != reference_account(desk).id


def test_the_list_of_a_user_is_by_creation(desk: Desk) -> None:
    first = reference_account(desk)
    desk.advance("1s")
    second = reference_account(desk)
    other = seeding.user(desk.world)
    reference_account(desk, user_id=other.id)
    path = {"user_id": desk.user_id}
    assert [row.id for row in desk.rows("list_reference_accounts", path)] == [first.id, second.id]
    by_id = [row.id for row in desk.rows("list_reference_accounts", path, sort="id")]
    assert by_id == sorted([first.id, second.id])


def test_a_user_who_is_not_active_yet_may_register_one(open_desk: OpenDesk) -> None:
    """BYOL onboarding asks for one (§3.1); a leaver needs one to be paid out."""
    desk = open_desk()
    for status in ("INACTIVE", "OFFBOARDING"):
        of = seeding.user(desk.world, status=status)
        assert reference_account(desk, user_id=of.id).user_id == of.id


def test_nobody_is_paid_out_who_has_left(desk: Desk) -> None:
    left = seeding.user(desk.world, status="OFFBOARDED")
    refusal = desk.refused("create_reference_account", body=body(desk, user_id=left.id))
    assert (refusal.rule.name, refusal.rule.status) == ("reference-account.holder", 400)


@pytest.mark.parametrize("member", ["user_id", "business_id"])
def test_an_unknown_holder(desk: Desk, member: str) -> None:
    given = {"user_id": None, member: NOBODY}
    refusal = desk.refused("create_reference_account", body=body(desk, **given))
    assert (refusal.rule.status, refusal.detail) == (404, f"There is no {member[:-3]} {NOBODY}.")


@pytest.mark.parametrize(
    "others",
    [
        {"user_id": None},
        {"business_id": NOBODY},
        {"iban": "DE02 1005 0000 0054 5404 02"},
        {"iban": "DE0210**********0402"},
        {"bic": "belladebe"},
        {"account_owner": None},
        {"account_owner": "x" * 141},
        {"name": "x" * 101},
        {"confirmed_at": None},
        {"colour": "red"},
    ],
)
def test_what_the_contract_forbids(desk: Desk, others: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        desk.call("create_reference_account", body=body(desk, **others))


def test_a_confirmation_in_the_future_is_refused_in_the_strict_sandbox_only(open_desk: OpenDesk) -> None:
    """A client sends its machine's time, which may be ahead of the world's (§3.1, inferred)."""
    later = "2023-01-10T09:00:01Z"
    assert reference_account(open_desk(), confirmed_at=later).confirmed_at.isoformat() == "2023-01-10T09:00:01+00:00"
    strict = open_desk("sandbox-strict")
    refusal = strict.refused("create_reference_account", body=body(strict, confirmed_at=later))
    assert (refusal.rule.name, refusal.rule.status) == ("bank-details.confirmed-at", 400)
    assert reference_account(strict, confirmed_at="2023-01-10T09:00:00Z")


# --- Deleting ---


def delete(desk: Desk, identity: str) -> Any:
    return desk.call("delete_reference_account", {"reference_account_id": identity})


def test_one_of_two_can_be_deleted_and_is_gone(desk: Desk) -> None:
    old, new = reference_account(desk), reference_account(desk)
    delete(desk, old.id)
    for operation in ("retrieve_reference_account", "delete_reference_account"):
        refusal = desk.refused(operation, {"reference_account_id": old.id})
        assert (refusal.rule.status, refusal.detail) == (404, f"There is no reference account {old.id}.")
    assert [row.id for row in desk.rows("list_reference_accounts", {"user_id": desk.user_id})] == [new.id]


def test_the_last_one_of_a_holder_cannot_be_deleted(desk: Desk) -> None:
    """Others' do not count (§3.1 [G])."""
    only = reference_account(desk)
    reference_account(desk, user_id=seeding.user(desk.world).id)
    refusal = desk.refused("delete_reference_account", {"reference_account_id": only.id})
    assert (refusal.rule.name, refusal.rule.status) == ("reference-account.last", 403)
    reference_account(desk)
    delete(desk, only.id)


def test_a_snapshot_brings_a_deleted_one_back(desk: Desk) -> None:
    old, _ = reference_account(desk), reference_account(desk)
    snapshot = desk.world.snapshot()
    delete(desk, old.id)
    desk.world.restore(snapshot)
    found = desk.call("retrieve_reference_account", {"reference_account_id": old.id})
    assert found.full_iban == IBAN


# --- Lists ---


def test_lists_of_unknown_holders(desk: Desk) -> None:
    assert desk.refused("list_reference_accounts", {"user_id": NOBODY}).rule.status == 404
    assert desk.refused("list_business_reference_accounts", {"business_id": NOBODY}).rule.status == 404
    assert desk.rows("list_reference_accounts", {"user_id": desk.user_id}) == []
