"""Transaction fee models and configurations as a scenario seeds them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

import mockserver.domain  # noqa: F401 - importing it attaches the rules to the operations
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world, named_ids
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load

CATEGORY = "PENSION_DE_CONTRIBUTION"


def built(**sections: Any) -> tuple[World, dict[str, str]]:
    scenario = load({"name": "seeded", **sections})
    return build_world(scenario), named_ids(scenario)


def rows(world: World, name: str) -> list[Any]:
    return [orjson.loads(row.wire) for row in world.store.named(name) or ()]


def test_a_model_of_two_tiers_has_the_defaults_of_a_plain_fee() -> None:
    tiers = [{"fee_amount": "1.00"}, {"base_amount_from": 500, "fee_amount": 2}]
    world, ids = built(transaction_fee_models=[{"as": "ladder", "tiers": tiers}])
    assert rows(world, "transaction_fee_models") == [
        {
            "id": ids["ladder"],
            "created_at": "2023-01-10T08:00:00Z",
            "updated_at": "2023-01-10T08:00:00Z",
            "label": "",
            "currency": "EUR",
            "charge_method": "COLLECTED_BY_UPVEST",
            "value_type": "ABSOLUTE",
            "application_type": "VOLUME",
            "base_amount_scope": "GROSS_AMOUNT",
            "tiers": [
                {"tier_id": "0", "base_amount_from": "0.00", "fee_amount": "1.00"},
                {"tier_id": "1", "base_amount_from": "500", "fee_amount": "2"},
            ],
        }
    ]


def test_a_model_by_basis_points_says_so() -> None:
    tiers = [{"tier_id": "7", "fee_bps": 12.5, "min_fee_amount": 1, "max_fee_amount": "100.00"}]
    members = {"label": "share", "currency": "GBP", "charge_method": "CHARGED_BY_CLIENT", "base_amount_scope": "ORDER"}
    (row,) = rows(built(transaction_fee_models=[{"tiers": tiers, **members}])[0], "transaction_fee_models")
    assert {name: row[name] for name in members} == members
    assert (row["value_type"], row["tiers"]) == (
        "RELATIVE",
        [
            {
                "tier_id": "7",
                "base_amount_from": "0.00",
                "fee_bps": "12.5",
                "min_fee_amount": "1",
                "max_fee_amount": "100.00",
            }
        ],
    )


def test_a_configuration_names_group_and_model() -> None:
    world, ids = built(
        account_groups=[{"as": "group"}],
        transaction_fee_models=[{"as": "flat", "tiers": [{"fee_amount": "1"}]}],
        transaction_fee_configurations=[
            {"as": "saving", "account_group_id": "group", "fee_model_id": "flat", "transaction_category": CATEGORY}
        ],
    )
    (row,) = rows(world, "transaction_fee_configurations")
    assert (row["id"], row["account_group_id"], row["fee_model_id"]) == (ids["saving"], ids["group"], ids["flat"])


@pytest.mark.parametrize(
    ("tiers", "said"),
    [
        ([{}], "exactly one of fee_amount and fee_bps is needed"),
        ([{"fee_amount": 1, "fee_bps": 1}], "exactly one of fee_amount and fee_bps is needed"),
        ([{"fee_amount": 1}, {"base_amount_from": 5, "fee_bps": 1}], "all fee_amount, or all fee_bps"),
        ([{"fee_amount": 1, "max_fee_amount": 2}], "min_fee_amount and max_fee_amount go with fee_bps"),
        ([{"base_amount_from": 1, "fee_amount": 1}], "must be 0, not 1"),
        ([{"fee_amount": 1}, {"fee_amount": 2}], "must be above 0.00"),
        ([{"fee_bps": 1, "min_fee_amount": 3, "max_fee_amount": 2}], "must be at most max_fee_amount, which is 2"),
        ([{"fee_amount": -1}], "fee_amount"),
        ([], "tiers"),
    ],
)
def test_tiers_that_a_request_could_not_have_are_mistakes(tiers: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        built(transaction_fee_models=[{"tiers": tiers}])
    assert said in str(raised.value)


def test_a_category_twice_and_a_model_that_is_not_there_are_mistakes() -> None:
    row = {"account_group_id": "group", "fee_model_id": "flat", "transaction_category": CATEGORY}
    sections: dict[str, Any] = {
        "account_groups": [{"as": "group"}],
        "transaction_fee_models": [{"as": "flat", "tiers": [{"fee_amount": "1"}]}],
    }
    with pytest.raises(ScenarioError, match="transaction_fee_configurations"):
        built(**sections, transaction_fee_configurations=[row, row])
    with pytest.raises(ScenarioError, match="is not among the transaction_fee_models"):
        built(**sections, transaction_fee_configurations=[{**row, "fee_model_id": "other"}])
