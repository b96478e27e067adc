"""Reports as a scenario seeds them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

import mockserver.domain  # noqa: F401 - importing it attaches the rules to the operations
from mockserver.domain.reports.document import document
from mockserver.domain.reports.records import REPORTS
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world, named_ids
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load

BASE: dict[str, Any] = {
    "name": "seeded",
    "profile": "sandbox",
    "clock": "2023-01-10T08:00:00Z",
    "users": [{"as": "erika"}, {"as": "max"}],
    "account_groups": [{"as": "group", "user_id": "erika"}],
    "accounts": [{"as": "depot", "account_group_id": "group", "type": "TRADING"}],
}
OLD = {"as": "old", "type": "BUY_ORDER", "user_id": "erika", "created_at": "2022-12-30T16:00:00Z", "text": "as it was"}


def built(*reports: dict[str, Any]) -> tuple[World, dict[str, str]]:
    scenario = load({**BASE, "reports": list(reports)})
    return build_world(scenario), named_ids(scenario)


def test_one_of_an_account_refers_to_it_and_nothing_is_told() -> None:
    world, ids = built({**OLD, "account_id": "depot"})
    (record,) = world.table(REPORTS)
    assert orjson.loads(record.wire) == {
        "id": ids["old"],
        "created_at": "2022-12-30T16:00:00Z",
        "user_id": ids["erika"],
        "type": "BUY_ORDER",
        "substituted_report_id": None,
        "data": {"account": {"id": ids["depot"]}, "references": [{"id": ids["depot"], "type": "ACCOUNT_ID"}]},
    }
    assert len(world.events) == 0


def test_its_document_says_its_text_and_has_the_same_bytes_in_each_world() -> None:
    first, second = (document(next(iter(built(OLD)[0].table(REPORTS)))) for _ in range(2))
    assert b"as it was" in first
    assert first == second


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"user_id": None}, "needs either user_id or business_id"),
        ({"type": "ORDER_EX_ANTE_COST"}, "make it by POST /reports"),
        ({"type": "BUY"}, "type"),
        ({"created_at": "2023-01-11T08:00:00Z"}, "later than the beginning of the scenario"),
        ({"user_id": "max", "account_id": "depot"}, "does not own account"),
    ],
)
def test_what_cannot_be_is_a_mistake(members: dict[str, Any], text: str) -> None:
    entry = {name: value for name, value in {**OLD, **members}.items() if value is not None}
    with pytest.raises(ScenarioError, match=text):
        built(entry)
