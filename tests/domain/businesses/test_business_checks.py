"""payments.md §14.2: KYB and self-assessment, what passes and what fails."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.support import companies
from tests.domain.support.companies import ASSESSMENT, KYB
from tests.domain.support.desk import NOBODY, Desk


def states(desk: Desk, business_id: str) -> list[str]:
    return [str(row.status) for row in desk.call("list_business_checks", {"business_id": business_id}).data]


@pytest.mark.parametrize("body", [KYB, ASSESSMENT], ids=["KYB", "self-assessment"])
def test_a_check_passes_a_moment_later(desk: Desk, body: dict[str, Any]) -> None:
    business_id = companies.created(desk)
    check_id = companies.check(desk, business_id, body)
    shown = body | {"id": check_id, "business_id": business_id, "status": "IN_PROGRESS"}
    if body is KYB:
        shown["document_type"] = "KYB_DOCUMENTS"
    assert desk.told("BUSINESS_CHECK.CREATED") == [shown]
    assert desk.advance("1s") == ["BUSINESS_CHECK.PASSED"]
    assert desk.told("BUSINESS_CHECK.PASSED") == [shown | {"status": "PASSED"}]


@pytest.mark.parametrize(
    ("others", "fails"),
    [
        ({"data_download_link": "https://bucket.customer.com/Fail/kyb.zip"}, True),
        ({"check_confirmed_at": "2021-01-10T08:59:59Z"}, True),  # it is 10 January 2023, 09:00
        ({"check_confirmed_at": "2021-01-10T09:00:01Z"}, False),
    ],
)
def test_the_marker_and_an_age_of_24_months_fail_a_check(desk: Desk, others: dict[str, Any], fails: bool) -> None:
    business_id = companies.created(desk)
    companies.check(desk, business_id, KYB, **others)
    assert desk.advance("1s") == ["BUSINESS_CHECK.FAILED" if fails else "BUSINESS_CHECK.PASSED"]


def test_a_self_assessment_grows_old_too(desk: Desk) -> None:
    business_id = companies.created(desk)
    companies.check(desk, business_id, ASSESSMENT, check_confirmed_at="2020-08-24T14:15:22Z")
    assert desk.advance("1s") == ["BUSINESS_CHECK.FAILED"]


def test_all_checks_of_a_business_are_listed_by_creation(desk: Desk) -> None:
    business_id = companies.created(desk)
    companies.check(desk, companies.created(desk))
    sent = [companies.check(desk, business_id, each) for each in (ASSESSMENT, KYB, KYB)]
    desk.advance("1s")
    listed = desk.call("list_business_checks", {"business_id": business_id})
    assert [row.id for row in listed.data] == sent
    assert states(desk, business_id) == ["PASSED"] * 3


def test_a_check_is_read_under_its_business(desk: Desk) -> None:
    business_id, other = companies.created(desk), companies.created(desk)
    check_id = companies.check(desk, business_id)
    path = {"business_id": business_id, "check_id": check_id}
    assert desk.call("retrieve_business_check", path).id == check_id
    for wrong in (path | {"business_id": other}, path | {"check_id": NOBODY}):
        assert desk.refused("retrieve_business_check", wrong).rule.status == 404


def test_a_check_of_an_unknown_business_is_refused(desk: Desk) -> None:
    refusal = desk.refused("create_business_check", {"business_id": NOBODY}, body=KYB)
    assert (refusal.rule.name, refusal.rule.status) == ("resource.unknown", 404)
