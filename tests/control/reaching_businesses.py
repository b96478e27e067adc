"""How businesses, their checks and data changes come to each state that is not final: rows of ``reaching``."""

from __future__ import annotations

from mockserver.domain.businesses.data_changes import BUSINESS_DATA_CHANGES
from tests.control.reaching import newest, reaches
from tests.domain.support import companies
from tests.domain.support.desk import Desk


@reaches("businesses", "INACTIVE")
def _new_business(desk: Desk) -> str:
    return companies.created(desk)


@reaches("businesses", "INACTIVE", to="ACTIVE")
def _checked_business(desk: Desk) -> str:
    business_id = companies.onboarded(desk)
    for check in desk.call("list_business_checks", {"business_id": business_id}).data:
        desk.move("business_checks", check.id, "PASSED")
    for role in desk.rows("list_roles", entity_id=business_id):
        desk.move("roles", role.id, "ACTIVE")
    return business_id


@reaches("businesses", "ACTIVE")
def _active_business(desk: Desk) -> str:
    business_id = _checked_business(desk)
    desk.move("businesses", business_id, "ACTIVE")
    return business_id


@reaches("businesses", "OFFBOARDING")
def _leaving_business(desk: Desk) -> str:
    business_id = companies.created(desk)
    desk.move("businesses", business_id, "OFFBOARDING")
    return business_id


@reaches("business_checks", "IN_PROGRESS")
def _business_check(desk: Desk) -> str:
    return companies.check(desk, companies.created(desk))


@reaches("business_data_changes", "PENDING")
def _business_data_change(desk: Desk) -> str:
    companies.change_email(desk, companies.created(desk))
    return newest(desk, BUSINESS_DATA_CHANGES)
