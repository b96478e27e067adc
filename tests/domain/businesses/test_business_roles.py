"""payments.md §14.3: roles that users have in a business, given and deactivated by the client."""

from __future__ import annotations

from typing import Any

from tests.domain.support import companies
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.openings import activate, person


def refused(desk: Desk, body: dict[str, Any]) -> tuple[str, int]:
    rule = desk.refused("create_role", body=body).rule
    return rule.name, rule.status


def test_a_role_is_active_with_its_user(desk: Desk) -> None:
    business_id, user_id = companies.created(desk), person(desk, "INACTIVE")
    (role_id,) = companies.give(desk, business_id, user_id, "TRADER")
    (told,) = [each for each in desk.told("ROLE.CREATED") if each["id"] == role_id]
    assert told == {
        **companies.role_for(business_id, user_id, "TRADER"),
        "id": role_id,
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "status": "PENDING",
    }
    assert desk.advance("1d") == []
    assert activate(desk, user_id) == ["USER.ACTIVATED", "ROLE.ACTIVATED"]


def test_a_user_may_have_several_roles_each_once(desk: Desk) -> None:
    business_id, user_id = companies.created(desk), person(desk)
    companies.give(desk, business_id, user_id, "TRADER", "AUTHORISED_SIGNATORY")
    assert refused(desk, companies.role_for(business_id, user_id, "TRADER")) == ("role.held", 400)
    companies.give(desk, business_id, person(desk), "TRADER")
    assert len(desk.rows("list_roles", entity_id=business_id)) == 3


def test_a_deactivated_role_is_final_and_may_be_given_anew(desk: Desk) -> None:
    business_id, user_id = companies.created(desk), person(desk)
    (role_id,) = companies.give(desk, business_id, user_id, "TRADER")
    position = desk.world.events.end
    desk.call("role_deactivation", {"role_id": role_id})
    desk.call("role_deactivation", {"role_id": role_id})
    assert desk.types_since(position) == ["ROLE.DEACTIVATED"]
    assert desk.call("retrieve_role", {"role_id": role_id}).status == "DEACTIVATED"
    companies.give(desk, business_id, user_id, "TRADER")
    assert desk.advance("1d") == ["ROLE.ACTIVATED"]


def test_roles_in_account_groups_are_not_deactivated_by_request(desk: Desk) -> None:
    (role, *_) = desk.rows("list_roles", user_id=desk.user_id)
    refusal = desk.refused("role_deactivation", {"role_id": role.id})
    assert (refusal.rule.name, refusal.rule.status) == ("role.in-a-group", 403)


def test_a_company_has_no_sole_trader(desk: Desk) -> None:
    body = companies.role_for(companies.created(desk), person(desk), "SOLE_TRADER")
    assert refused(desk, body) == ("role.sole-trader", 400)


def test_unknown_ids_are_refused(desk: Desk) -> None:
    assert refused(desk, companies.role_for(NOBODY, person(desk), "TRADER")) == ("role.entity-unknown", 400)
    assert refused(desk, companies.role_for(companies.created(desk), NOBODY, "TRADER")) == ("role.user-unknown", 400)


def test_a_group_of_a_business_takes_no_role_of_its_own(desk: Desk) -> None:
    group_id = companies.open_group(desk, companies.created(desk))
    body = {"user_id": person(desk), "entity_type": "ACCOUNT_GROUP", "entity_id": group_id, "role_type": "OWNER"}
    assert refused(desk, body) == ("role.group-type", 400)
