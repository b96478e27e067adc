"""payments.md §14.1: companies and sole traders, from creation to the end of the relation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.conftest import OpenDesk
from tests.domain.support import companies
from tests.domain.support.companies import COMPANY, REQUIRED, SOLE_TRADER
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.openings import person
from tests.domain.support.people import waits

# --- Creating and reading ---


@pytest.mark.parametrize("body", [COMPANY, SOLE_TRADER], ids=["company", "sole trader"])
def test_a_new_business_waits_for_its_checks(desk: Desk, body: dict[str, Any]) -> None:
    business_id = companies.created(desk, body)
    assert companies.shown(desk, business_id) == body | {
        "id": business_id,
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "status": "INACTIVE",
    }
    assert desk.told("BUSINESS.CREATED") == [companies.shown(desk, business_id)]
    assert desk.advance("1d") == []


def test_members_that_were_not_sent_are_not_shown(desk: Desk) -> None:
    body = {name: value for name, value in SOLE_TRADER.items() if name != "registration_number"}
    assert "registration_number" not in companies.shown(desk, companies.created(desk, body))


def test_a_profile_may_take_businesses_on_without_checks(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", {"businesses": {"new_business": "ACTIVE"}})
    assert companies.status(desk, companies.created(desk)) == "ACTIVE"
    assert [event.type for event in desk.world.events if event.family == "BUSINESS"] == ["BUSINESS.CREATED"]


def test_businesses_are_listed_by_creation(desk: Desk) -> None:
    first = companies.created(desk)
    desk.advance("1s")
    second = companies.created(desk, SOLE_TRADER)
    assert [row.id for row in desk.rows("list_businesses")] == [first, second]
    desk.advance("1s")
    companies.change_email(desk, first)
    desk.advance("1s")
    assert [row.id for row in desk.rows("list_businesses", sort="updated_at")] == [second, first]


@pytest.mark.parametrize(
    "operation", ["retrieve_business", "list_business_checks", "list_business_accounts", "list_business_account_groups"]
)
def test_an_unknown_business_is_not_found(desk: Desk, operation: str) -> None:
    refusal = desk.refused(operation, {"business_id": NOBODY})
    assert (refusal.rule.status, refusal.detail) == (404, f"There is no business {NOBODY}.")


# --- Activation ---


def test_a_company_is_activated_with_its_checks_and_roles(desk: Desk) -> None:
    business_id = companies.onboarded(desk)
    assert desk.advance("1s") == [
        "BUSINESS_CHECK.PASSED",
        "BUSINESS_CHECK.PASSED",
        *["ROLE.ACTIVATED"] * len(REQUIRED),
        "BUSINESS.ACTIVATED",
    ]
    assert companies.status(desk, business_id) == "ACTIVE"
    assert desk.told("BUSINESS.ACTIVATED") == [companies.shown(desk, business_id)]


def test_a_sole_trader_needs_no_kyb_check(desk: Desk) -> None:
    business_id = companies.created(desk, SOLE_TRADER)
    companies.check(desk, business_id, companies.ASSESSMENT)
    companies.give(desk, business_id, person(desk), "SOLE_TRADER")
    desk.advance("1s")
    assert companies.status(desk, business_id) == "ACTIVE"


@pytest.mark.parametrize("lacking", REQUIRED)
def test_a_company_without_a_required_role_waits_for_it(desk: Desk, lacking: str) -> None:
    business_id = companies.created(desk)
    for each in (companies.KYB, companies.ASSESSMENT):
        companies.check(desk, business_id, each)
    companies.give(desk, business_id, person(desk), *(each for each in REQUIRED if each != lacking), "TRADER")
    desk.advance("1s")
    assert waits(desk, "businesses", business_id) == f"business {business_id} still needs an ACTIVE role of {lacking}"
    companies.give(desk, business_id, person(desk), lacking)
    assert desk.advance("1s") == ["ROLE.ACTIVATED", "BUSINESS.ACTIVATED"]


@pytest.mark.parametrize(
    ("body", "type_"), [(companies.KYB, "KYB"), (companies.ASSESSMENT, "BUSINESS_SELF_ASSESSMENT")]
)
def test_the_newest_check_of_a_type_counts(desk: Desk, body: dict[str, Any], type_: str) -> None:
    business_id = companies.onboarded(desk)
    stale = companies.check(desk, business_id, body, check_confirmed_at="2020-08-24T14:15:22Z")
    desk.advance("1s")
    assert waits(desk, "businesses", business_id) == (
        f"business {business_id} still needs a passed {type_} check (the newest, {stale}, is FAILED)"
    )
    companies.check(desk, business_id, body)
    assert desk.advance("1s")[-1] == "BUSINESS.ACTIVATED"


def test_a_profile_may_ask_for_roles_only(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", {"businesses": {"checks_needed": False}})
    business_id = companies.created(desk)
    companies.give(desk, business_id, person(desk), *REQUIRED)
    desk.advance("1s")
    assert companies.status(desk, business_id) == "ACTIVE"


# --- Deactivation ---


def test_the_last_role_of_a_required_type_deactivates_the_business(desk: Desk) -> None:
    business_id = companies.onboarded(desk)
    (second,) = companies.give(desk, business_id, person(desk), "LEGAL_REPRESENTATIVE")
    desk.advance("1s")
    roles = {row.role_type: row.id for row in desk.rows("list_roles", entity_id=business_id) if row.id != second}
    position = desk.world.events.end
    desk.call("role_deactivation", {"role_id": second})
    assert desk.types_since(position) == ["ROLE.DEACTIVATED"]
    desk.call("role_deactivation", {"role_id": roles["LEGAL_REPRESENTATIVE"]})
    assert desk.types_since(position) == ["ROLE.DEACTIVATED", "ROLE.DEACTIVATED", "BUSINESS.DEACTIVATED"]
    companies.give(desk, business_id, person(desk), "LEGAL_REPRESENTATIVE")
    assert desk.advance("1s") == ["ROLE.ACTIVATED", "BUSINESS.ACTIVATED"]


def test_a_role_that_no_company_needs_does_not_deactivate_it(desk: Desk) -> None:
    business_id = companies.onboarded(desk)
    (trader,) = companies.give(desk, business_id, person(desk), "TRADER")
    desk.advance("1s")
    desk.call("role_deactivation", {"role_id": trader})
    assert desk.advance("1d") == []
    assert companies.status(desk, business_id) == "ACTIVE"


def test_what_upvest_deactivates_only_a_command_activates_again(desk: Desk) -> None:
    business_id = companies.onboarded(desk)
    desk.advance("1s")
    assert desk.move("businesses", business_id, "INACTIVE") == ["BUSINESS.DEACTIVATED"]
    assert desk.advance("1d") == []
    assert "only a command" in str(waits(desk, "businesses", business_id))
    assert desk.move("businesses", business_id, "ACTIVE") == ["BUSINESS.ACTIVATED"]


def test_a_deactivated_business_opens_no_group(desk: Desk) -> None:
    business_id = companies.onboarded(desk)
    desk.advance("1s")
    desk.move("businesses", business_id, "INACTIVE")
    refusal = desk.refused("create_account_group", body={"business_id": business_id, "type": "BUSINESS"})
    assert (refusal.rule.name, refusal.rule.status) == ("business.deactivated", 400)


# --- Offboarding ---


def test_offboarding_waits_for_the_last_group(desk: Desk) -> None:
    business_id = companies.onboarded(desk)
    group_id = companies.open_group(desk, business_id)
    account_id = companies.open_account(desk, business_id, group_id)
    desk.advance("1s")
    assert desk.move("businesses", business_id, "OFFBOARDING") == ["BUSINESS.OFFBOARDING_INITIATED"]
    assert desk.advance("1d") == []
    assert waits(desk, "businesses", business_id) == f"account {account_id} is ACTIVE (2 still open)"
    desk.call("account_closure", {"account_id": account_id})
    desk.call("account_group_closure", {"account_group_id": group_id}, {"closure_reason": "user_initiated"})
    assert desk.advance("1s")[-1] == "BUSINESS.OFFBOARDED"
    assert companies.status(desk, business_id) == "OFFBOARDED"


def test_a_business_that_leaves_takes_nothing_new(desk: Desk) -> None:
    business_id = companies.onboarded(desk)
    group_id = companies.open_group(desk, business_id)
    desk.advance("1s")
    desk.move("businesses", business_id, "OFFBOARDING")
    asked: dict[str, dict[str, Any]] = {
        "create_account_group": {"business_id": business_id, "type": "BUSINESS"},
        "create_account": {"business_id": business_id, "account_group_id": group_id, "type": "TRADING"},
        "create_role": companies.role_for(business_id, person(desk), "TRADER"),
    }
    for operation, body in asked.items():
        refusal = desk.refused(operation, body=body)
        assert (refusal.rule.name, refusal.rule.status) == ("business.offboarding", 400), operation
    refusal = desk.refused("business_data_change", {"business_id": business_id}, body={"contact_email": "a@b.cd"})
    assert refusal.rule.name == "business.offboarding"
