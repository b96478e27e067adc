"""Seeded tax exemptions: defaults, and what no request could have made."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.domain.tax_exemptions.exemptions import TAX_EXEMPTIONS
from mockserver.scenario.build import build_world
from mockserver.scenario.schema import Scenario
from tests.domain.support.desk import MORNING

HERS = "00000000-0000-4000-8000-000000000001"
HIS = "00000000-0000-4000-8000-000000000002"


def built(*entries: dict[str, Any]) -> list[Any]:
    scenario = {"name": "exempt", "users": [{"id": HERS}, {"id": HIS}], "tax_exemptions": list(entries)}
    world = build_world(Scenario.model_validate(scenario), now=MORNING, seed=1)
    return list(world.table(TAX_EXEMPTIONS))


def test_the_default_is_an_active_one_of_the_largest_amount() -> None:
    (row,) = built({"user_ids": [HERS]})
    assert (row.status, row.amount, row.used, row.valid_to_date) == ("ACTIVE", 1000, 0, None)
    assert str(row.valid_from_date) == "2023-01-01"


def test_two_users_are_married_unless_said_otherwise() -> None:
    (row,) = built({"user_ids": [HERS, HIS], "utilized_amount": "500.00"})
    assert (row.tax_exemption_details.tax_exemption_type, row.amount, row.remaining) == ("MARRIED", 2000, 1500)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"user_ids": [HERS], "amount": "1000.01"}, "at most 1000.00 EUR"),
        ({"user_ids": [HERS], "amount": "500", "utilized_amount": "500.01"}, "500.01 EUR of 500"),
        ({"user_ids": [HERS], "status": "NEW", "utilized_amount": "1"}, "that is NEW"),
        ({"user_ids": [HERS], "valid_to_date": "2022-12-31"}, "31 December of 2023 or later"),
        ({"user_ids": [HERS], "valid_to_date": "2023-06-30"}, "31 December of 2023 or later"),
        ({"user_ids": [HERS, HERS]}, "is named twice"),
    ],
)
def test_what_no_request_could_have_made_is_a_mistake(entry: dict[str, Any], said: str) -> None:
    with pytest.raises(Exception, match=said):
        built(entry)


def test_a_user_has_one() -> None:
    with pytest.raises(Exception, match="already"):
        built({"user_ids": [HERS]}, {"user_ids": [HIS, HERS]})
