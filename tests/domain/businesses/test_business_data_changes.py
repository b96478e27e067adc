"""payments.md §14.1: another contact email of a business, applied or refused a moment later."""

from __future__ import annotations

import pytest

from tests.domain.support import companies
from tests.domain.support.desk import NOBODY, Desk


def email(desk: Desk, business_id: str) -> str:
    return str(companies.shown(desk, business_id)["contact_email"])


def test_the_new_address_is_shown_after_the_event(desk: Desk) -> None:
    business_id = companies.created(desk)
    companies.change_email(desk, business_id, "board@example.com")
    assert email(desk, business_id) == "acme.corporation@example.com"
    assert desk.advance("1s") == ["BUSINESS.DATA_CHANGED"]
    assert email(desk, business_id) == "board@example.com"
    assert desk.told("BUSINESS.DATA_CHANGED") == [companies.shown(desk, business_id)]


@pytest.mark.parametrize("address", ["fail@example.com", "board@FAIL.example.com"])
def test_the_marker_in_the_address_fails_the_change(desk: Desk, address: str) -> None:
    business_id = companies.created(desk)
    before = companies.shown(desk, business_id)
    companies.change_email(desk, business_id, address)
    assert desk.advance("1s") == ["BUSINESS.DATA_CHANGE_FAILED"]
    assert desk.told("BUSINESS.DATA_CHANGE_FAILED") == [before] == [companies.shown(desk, business_id)]


def test_changes_are_decided_in_the_order_of_arrival(desk: Desk) -> None:
    business_id = companies.created(desk)
    addresses = ["one@example.com", "two@example.com"]
    for address in addresses:
        companies.change_email(desk, business_id, address)
    desk.advance("1s")
    assert [told["contact_email"] for told in desk.told("BUSINESS.DATA_CHANGED")] == addresses


def test_a_change_of_an_unknown_business_is_refused(desk: Desk) -> None:
    refusal = desk.refused("business_data_change", {"business_id": NOBODY}, body={"contact_email": "a@example.com"})
    assert refusal.rule.status == 404
