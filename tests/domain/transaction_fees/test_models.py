"""payments.md §10.6: transaction fee models, created, read and refused."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.conftest import Api
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.fee_models import LADDER, PERCENT, created, ladder, model_request, relative


def test_a_model_is_shown_as_it_was_sent(desk: Desk) -> None:
    """The published example of the contract."""
    body = model_request(
        [{"tier_id": "0", "base_amount_from": "0.00", "fee_amount": "1.00"}],
        label="absolute fee amount - 1 EUR per any order",
        base_amount_scope="ORDER",
    )
    model = desk.call("create_transaction_fee_model", body=body)
    shown = orjson.loads(model.wire)
    assert {name: shown[name] for name in body} == body
    assert shown.keys() - body.keys() == {"id", "created_at", "updated_at"}
    assert desk.call("retrieve_transaction_fee_model", {"transaction_fee_model_id": model.id}) == model


def test_a_relative_model_shows_the_bounds_that_were_sent(desk: Desk) -> None:
    tiers = relative(PERCENT, {"base_amount_from": "20000", "fee_bps": "10"})
    model = desk.call("create_transaction_fee_model", body=model_request(tiers))
    assert orjson.loads(model.wire)["tiers"] == tiers


def test_the_list_has_all_models_in_the_order_of_creation(desk: Desk) -> None:
    ids = []
    for _ in range(3):
        ids.append(created(desk, ladder(LADDER)))
        desk.advance("1s")
    assert [row.id for row in desk.rows("list_transaction_fee_models")] == ids
    assert [row.id for row in desk.rows("list_transaction_fee_models", sort="updated_at")] == ids


def test_an_unknown_model_is_answered_with_404(desk: Desk) -> None:
    refusal = desk.refused("retrieve_transaction_fee_model", {"transaction_fee_model_id": NOBODY})
    assert (refusal.rule.status, refusal.detail) == (404, f"There is no transaction fee model {NOBODY}.")


def tier(start: str = "0", **members: str) -> dict[str, str]:
    return {"tier_id": members.pop("tier_id", start[:1]), "base_amount_from": start, **members}


@pytest.mark.parametrize(
    ("tiers", "members", "detail"),
    [
        (
            [tier("0.01", fee_amount="1")],
            {},
            "(root).tiers.0.base_amount_from: must be 0, not 0.01: every amount needs a tier.",
        ),
        (
            [tier("0", fee_amount="1"), tier("5", fee_amount="1"), tier("5.00", fee_amount="2", tier_id="9")],
            {},
            "(root).tiers.2.base_amount_from: must be above 5, where the tier before begins, not 5.00.",
        ),
        (
            [tier("0", fee_bps="1"), tier("7", fee_bps="2"), tier("6.99", fee_bps="2")],
            {},
            "(root).tiers.2.base_amount_from: must be above 7, where the tier before begins, not 6.99.",
        ),
        (
            [tier("0", fee_amount="1"), tier("5", fee_amount="2", tier_id="0")],
            {},
            "(root).tiers.1.tier_id: 0 is a duplicate; each tier needs a tier_id of its own.",
        ),
        (
            [tier("0", fee_amount="1")],
            {"value_type": "RELATIVE"},
            "(root).tiers: value_type RELATIVE takes tiers with fee_bps, these have fee_amount.",
        ),
        (
            [tier("0", fee_bps="1")],
            {"value_type": "ABSOLUTE"},
            "(root).tiers: value_type ABSOLUTE takes tiers with fee_amount, these have fee_bps.",
        ),
        (
            [tier("0", fee_bps="1"), tier("5", fee_bps="1", min_fee_amount="2.01", max_fee_amount="2")],
            {},
            "(root).tiers.1.min_fee_amount: must be at most max_fee_amount, which is 2, not 2.01.",
        ),
        (
            [tier("0", fee_bps="1", max_fee_amount="")],
            {},
            "(root).tiers.0.max_fee_amount: expected a number such as 0.00, got an empty text.",
        ),
        (
            [tier("0", fee_amount="1"), tier("", fee_amount="", tier_id="1")],
            {},
            "(root).tiers.1.base_amount_from: expected a number such as 0.00, got an empty text.",
        ),
    ],
)
def test_tiers_that_leave_an_amount_without_one_fee_are_refused(
    desk: Desk, tiers: list[dict[str, str]], members: dict[str, Any], detail: str
) -> None:
    refusal = desk.refused("create_transaction_fee_model", body=model_request(tiers, **members))
    assert (refusal.rule.status, refusal.detail) == (400, detail)


def test_bounds_that_are_equal_and_tiers_a_fraction_apart_are_accepted(desk: Desk) -> None:
    same = {"fee_bps": "1", "min_fee_amount": "2", "max_fee_amount": "2.00"}
    assert created(desk, relative(same, {"base_amount_from": "0.0001", "fee_bps": "0"}))


# --- Over HTTP ---


async def test_models_are_created_listed_and_read_without_an_idempotency_key(client: Api) -> None:
    made = await client.post("/transaction_fees/models", json=model_request(ladder(LADDER)), key=None)
    assert (made.status, made.json["tiers"][1]) == (
        200,
        {"tier_id": "1", "base_amount_from": "500", "fee_amount": "2"},
    )
    listed = await client.get("/transaction_fees/models")
    assert (listed.json["meta"]["total_count"], listed.json["data"]) == (1, [made.json])
    read = await client.get(f"/transaction_fees/models/{made.json['id']}")
    assert read.json == made.json


async def test_tiers_of_both_forms_break_the_contract(client: Api) -> None:
    tiers = [tier("0", fee_amount="1"), tier("5", fee_bps="1")]
    refused = await client.post("/transaction_fees/models", json=model_request(tiers))
    assert refused.status == 400
