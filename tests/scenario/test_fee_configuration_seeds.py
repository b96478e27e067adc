"""Fee configurations as a scenario seeds them, and the fee models of its profile."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest

import mockserver.domain  # noqa: F401 - importing it attaches the rules to the operations
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world, named_ids
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load

MODEL = "1df86975-06f4-484d-935e-46b54bab2f6c"
ACCOUNT = {"accounts": [{"as": "one"}]}


def built(**sections: Any) -> tuple[World, dict[str, str]]:
    scenario = load({"name": "seeded", **sections})
    return build_world(scenario), named_ids(scenario)


def mistakes(**sections: Any) -> str:
    with pytest.raises(ScenarioError) as raised:
        built(**sections)
    return str(raised.value)


def test_a_configuration_is_as_by_request_on_the_first_day() -> None:
    world, ids = built(**ACCOUNT, fee_configurations=[{"account_id": "one", "fee_model_id": MODEL.upper()}])
    assert [orjson.loads(row.wire) for row in world.store.named("fee_configurations") or ()] == [
        {
            "created_at": "2023-01-10T08:00:00Z",
            "updated_at": "2023-01-10T08:00:00Z",
            "fee_model_id": MODEL,
            "account_id": ids["one"],
        }
    ]
    assert [str(task.due) for task in world.clock.upcoming() if task.action == "run.fees"] == [
        "2023-02-01 00:15:00+00:00"
    ]


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([{"account_id": "two", "fee_model_id": MODEL}], "is not among the accounts"),
        ([{"account_id": "one", "fee_model_id": "cheap"}], "fee_model_id"),
        ([{"account_id": "one"}], "fee_model_id"),
        ([{"account_id": "one", "fee_model_id": MODEL}] * 2, "account_id"),
    ],
)
def test_a_mistake_is_named(entries: list[dict[str, str]], said: str) -> None:
    assert said in mistakes(**ACCOUNT, fee_configurations=entries)


def test_an_account_that_is_closed_has_none() -> None:
    accounts = {"accounts": [{"as": "one", "status": "CLOSED"}]}
    said = mistakes(**accounts, fee_configurations=[{"account_id": "one", "fee_model_id": MODEL}])
    assert "is CLOSED and accrues no fees" in said


def test_models_are_found_in_any_spelling_of_their_id() -> None:
    world, _ = built(profile={"fees": {"models": {MODEL.upper(): {"service": 12.5, "vat": "0.19"}}}})
    model = world.profile.fees.model(MODEL)
    assert (model.service, model.platform, model.vat) == (Decimal("12.5"), Decimal(0), Decimal("0.19"))


@pytest.mark.parametrize(
    ("fees", "said"),
    [
        ({"models": {"cheap": {"service": 1}}}, "cheap"),
        ({"models": {MODEL: {"servce": 1}}}, "servce"),
        ({"models": {MODEL: {"service": -1}}}, "service"),
        ({"models": {MODEL: {"vat": 19}}}, "vat"),
        ({"schedule": "weekly"}, "schedule"),
    ],
)
def test_a_mistake_in_the_fees_of_a_profile_is_named(fees: dict[str, Any], said: str) -> None:
    assert said in mistakes(profile={"fees": fees})
