"""payments.md §12.2: tax wrappers, which their account groups wait for."""

from __future__ import annotations

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.kernel.lifecycle import Hold
from tests.domain.conftest import OpenDesk
from tests.domain.support import isas, onboarding
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.openings import open_account, open_group, person, status_of

ACTIVATED = ["ISA_WRAPPER.ACTIVE", "ISA_WRAPPER_ALLOWANCE.CREATED", "ACCOUNT_GROUP.ACTIVATED"]


def body(group_id: str) -> dict[str, object]:
    return {"account_group_id": group_id, "type": "STOCKS_AND_SHARES_ISA", "is_flexible": True}


# --- Creation ---


def test_a_wrapper_is_new_and_says_whether_it_is_flexible(desk: Desk) -> None:
    group = isas.opened(desk)
    position = desk.world.events.end
    answer = orjson.loads(isas.wrap(desk, group.id, is_flexible=False).wire)
    assert answer == {
        "id": answer["id"],
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "account_group_id": group.id,
        "type": "STOCKS_AND_SHARES_ISA",
        "is_flexible": False,
        "status": "NEW",
    }
    assert desk.types_since(position) == ["ISA_WRAPPER.NEW"]
    assert desk.told("ISA_WRAPPER.NEW") == [answer]


def test_the_group_is_active_after_its_wrapper(desk: Desk) -> None:
    """The account waits for the group, the group for the wrapper, in the documented order of events."""
    group = isas.opened(desk, "GB")
    open_account(desk, group.id, group.users[0].id)
    assert desk.advance("1d") == ["ROLE.ACTIVATED"]
    isas.wrap(desk, group.id)
    assert desk.advance() == [*ACTIVATED, "ACCOUNT.ACTIVATED"]


def test_the_group_says_that_it_waits_for_its_wrapper(desk: Desk) -> None:
    group = isas.opened(desk)
    desk.advance()
    assert reason(desk, group.id) == f"account group {group.id} has no tax wrapper (POST /isa/wrappers)"
    wrapper = isas.wrap(desk, group.id)
    desk.advance()
    user_id = group.users[0].id
    assert reason(desk, wrapper.id, "isa_wrappers") == (
        f"user {user_id} has no ACTIVE tax residency in GB with a tax number (POST /users/{user_id}/tax_residencies)"
    )


def reason(desk: Desk, identity: str, resource: str = "account_groups") -> str:
    held = desk.world.holds.get(resource, identity)
    assert held is not None
    return held.reason


@pytest.mark.parametrize(
    "residencies",
    [
        [{"country": "DE", "tax_identifier_number": "12345678901"}],
        [{"country": "GB", "missing_tin_reason": "TIN_NOT_YET_ASSIGNED"}],
    ],
    ids=["another country", "no number"],
)
def test_the_wrapper_waits_for_a_residency_in_gb_with_a_number(desk: Desk, residencies: list[dict[str, str]]) -> None:
    group = isas.opened(desk)
    desk.advance()
    isas.wrap(desk, group.id)
    user_id = group.users[0].id
    desk.call("set_tax_residencies", {"user_id": user_id}, body={"tax_residencies": residencies})
    assert desk.advance("1d") == []
    onboarding.set_residencies(desk, "DE", "GB", user_id=user_id)
    assert desk.advance() == ACTIVATED


def test_leaving_gb_changes_nothing(desk: Desk) -> None:
    group = isas.opened(desk, "GB")
    isas.wrap(desk, group.id)
    desk.advance()
    onboarding.set_residencies(desk, "DE", user_id=group.users[0].id)
    assert desk.advance("1d") == []
    assert status_of(desk, group.id) == "ACTIVE"


def test_a_group_waits_for_no_wrapper_where_the_profile_says_so(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"isa": {"groups_wait": False}})
    group = isas.opened(desk)
    assert desk.advance() == ["ROLE.ACTIVATED", "ACCOUNT_GROUP.ACTIVATED"]
    onboarding.set_residencies(desk, "GB", user_id=group.users[0].id)
    isas.wrap(desk, group.id)
    assert desk.advance() == ["ISA_WRAPPER.ACTIVE", "ISA_WRAPPER_ALLOWANCE.CREATED"]


@pytest.mark.parametrize("type_", ["PERSONAL", "FRENCH_PEA", "LEGAL_ENTITY"])
def test_only_an_isa_group_is_wrapped(desk: Desk, type_: str) -> None:
    group = open_group(desk, person(desk), type_)
    refusal = desk.refused("create_isa_wrapper", body=body(group.id))
    assert (refusal.rule.status, refusal.rule.name) == (400, "isa-wrapper.group-type")
    assert f"{group.id} is of type {type_}" in refusal.detail


def test_a_group_has_one_wrapper(desk: Desk) -> None:
    group = isas.opened(desk)
    wrapper = isas.wrap(desk, group.id)
    refusal = desk.refused("create_isa_wrapper", body=body(group.id))
    assert (refusal.rule.status, refusal.rule.name) == (400, "isa-wrapper.exists")
    assert wrapper.id in refusal.detail


@pytest.mark.parametrize("to", ["CLOSING", "CLOSED"])
def test_a_group_that_closes_is_not_wrapped(open_desk: OpenDesk, to: str) -> None:
    desk = open_desk("manual")
    group = isas.opened(desk)
    desk.move("account_groups", group.id, "CLOSING")
    if to == "CLOSED":
        desk.move("account_groups", group.id, "CLOSED")
    refusal = desk.refused("create_isa_wrapper", body=body(group.id))
    assert (refusal.rule.status, refusal.rule.name) == (400, "isa-wrapper.group-status")
    assert f"is {to};" in refusal.detail


def test_an_unknown_group_is_404(desk: Desk) -> None:
    assert desk.refused("create_isa_wrapper", body=body(NOBODY)).rule.status == 404


def test_the_allowances_of_an_unknown_wrapper_are_404(desk: Desk) -> None:
    refusal = desk.refused("retrieve_isa_allowances", {"tax_wrapper_id": NOBODY})
    assert (refusal.rule.status, refusal.detail) == (404, f"There is no tax wrapper {NOBODY}.")


# --- Seeded groups ---


@pytest.mark.parametrize("status", ["ACTIVE", "LOCKED", "CLOSING"])
def test_a_group_that_is_seeded_as_approved_has_a_wrapper_and_an_allowance_silently(desk: Desk, status: str) -> None:
    seen = isas.isa(desk, status=status)
    assert (isas.wrapper(seen).status, isas.wrapper(seen).is_flexible) == ("ACTIVE", True)
    assert [(row.tax_year, row.used_amount) for row in isas.allowances(seen)] == [("2022/2023", "0.00")]
    assert desk.types_since() == []


def test_a_group_that_is_seeded_as_closed_has_a_closed_wrapper(desk: Desk) -> None:
    seen = isas.isa(desk, status="CLOSED")
    assert (isas.wrapper(seen).status, isas.allowances(seen)) == ("CLOSED", [])


def test_a_group_that_is_seeded_as_waiting_has_none(desk: Desk) -> None:
    group = seeding.account_group(desk.world, user_id=desk.user_id, type="ISA", status="PENDING_APPROVAL")
    desk.advance()
    assert reason(desk, group.id) == f"account group {group.id} has no tax wrapper (POST /isa/wrappers)"


# --- Life ---


def test_a_wrapper_is_active_again_by_command(desk: Desk) -> None:
    seen = isas.isa(desk)
    wrapper_id = isas.wrapper(seen).id
    assert desk.move("isa_wrappers", wrapper_id, "INACTIVE") == ["ISA_WRAPPER.INACTIVE"]
    assert desk.move("isa_wrappers", wrapper_id, "ACTIVE") == ["ISA_WRAPPER.ACTIVE"]
    assert len(isas.allowances(seen)) == 1


def test_a_wrapper_is_closed_with_its_group(desk: Desk) -> None:
    seen = isas.isa(desk)
    seen.call("account_closure", {"account_id": seen.account_id})
    seen.call("account_group_closure", {"account_group_id": seen.group_id})
    assert desk.advance()[-2:] == ["ACCOUNT_GROUP.CLOSED", "ISA_WRAPPER.CLOSED"]


def test_a_wrapper_is_not_closed_while_its_group_is_open(desk: Desk) -> None:
    seen = isas.isa(desk)
    with pytest.raises(Hold, match="is ACTIVE"):
        desk.move("isa_wrappers", isas.wrapper(seen).id, "CLOSED")
    assert isas.wrapper(seen).status == "ACTIVE"


# --- Closing at the end of the tax year ---

YEAR_END = {"isa": {"closes_at_year_end": True}}


def close(desk: Desk) -> None:
    desk.call("account_closure", {"account_id": desk.account_id})
    desk.call("account_group_closure", {"account_group_id": desk.group_id})


def test_by_setting_an_isa_group_closes_with_the_tax_year(open_desk: OpenDesk) -> None:
    """From 10 January 09:00 to 6 April 00:00 there are 85 days and 15 hours: 21 + 28 + 31 + 5 days, and the rest."""
    seen = isas.isa(open_desk(overrides=YEAR_END))
    close(seen)
    assert "ACCOUNT_GROUP.CLOSED" not in seen.advance("85d14h59m")
    assert "ACCOUNT_GROUP.CLOSED" in seen.advance("1m")
    assert status_of(seen, seen.group_id) == "CLOSED"


@pytest.mark.parametrize(("country", "closed"), [("GB", "CLOSING"), ("DE", "CLOSED")])
def test_by_setting_a_group_of_a_british_user_closes_with_the_tax_year(
    open_desk: OpenDesk, country: str, closed: str
) -> None:
    desk = open_desk(overrides=YEAR_END, cash="0")
    onboarding.set_residencies(desk, country)
    close(desk)
    desk.advance("1d")
    assert status_of(desk, desk.group_id) == closed
    desk.advance("85d")
    assert status_of(desk, desk.group_id) == "CLOSED"
