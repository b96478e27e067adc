"""payments.md §10.8: which account group has which transaction fee model, by category."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.domain import seeding
from tests.conftest import Api
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.fee_models import LADDER, created, ladder, model_request

CREATE = "create_transaction_fee_account_group_configuration"
UPDATE = "update_transaction_fee_account_group_configuration"
CATEGORIES = (
    "PENSION_DE_CONTRIBUTION",
    "PENSION_DE_CONTRIBUTION_GOVERNMENT_BONUS",
    "PENSION_DE_INCOMING_TRANSFER",
    "PENSION_DE_OUTGOING_TRANSFER",
)


def request(desk: Desk, model_id: str, category: str = CATEGORIES[0], group_id: str = "") -> dict[str, Any]:
    return {
        "fee_model_id": model_id,
        "account_group_id": group_id or desk.group_id,
        "transaction_category": category,
    }


def test_a_group_has_one_model_per_category(desk: Desk) -> None:
    model_id = created(desk, ladder(LADDER))
    rows = [desk.call(CREATE, body=request(desk, model_id, category)) for category in CATEGORIES]
    assert [row.transaction_category for row in rows] == list(CATEGORIES)
    refusal = desk.refused(CREATE, body=request(desk, created(desk, ladder(LADDER)), CATEGORIES[2]))
    assert (refusal.rule.status, refusal.detail) == (
        409,
        f"Account group {desk.group_id} has a transaction fee model for {CATEGORIES[2]} already; "
        f"change configuration {rows[2].id} with PATCH.",
    )


def test_another_group_may_have_the_same_category(desk: Desk) -> None:
    model_id = created(desk, ladder(LADDER))
    desk.call(CREATE, body=request(desk, model_id))
    other = seeding.account_group(desk.world, user_id=seeding.user(desk.world).id)
    assert desk.call(CREATE, body=request(desk, model_id, group_id=other.id)).account_group_id == other.id


def test_a_change_takes_another_model_and_stamps_it(desk: Desk) -> None:
    first, second = created(desk, ladder(LADDER)), created(desk, ladder({"0": "3"}))
    row = desk.call(CREATE, body=request(desk, first))
    desk.advance("1h")
    path = {"transaction_fee_account_group_configuration_id": row.id}
    changed = desk.call(UPDATE, path, body={"fee_model_id": second})
    assert (changed.id, changed.fee_model_id, changed.created_at) == (row.id, second, row.created_at)
    assert changed.updated_at == desk.world.now != row.updated_at


@pytest.mark.parametrize(("of", "what"), [("fee_model_id", "transaction fee model"), ("account_group_id", None)])
def test_unknown_ids_are_answered_with_404(desk: Desk, of: str, what: str | None) -> None:
    body = request(desk, created(desk, ladder(LADDER))) | {of: NOBODY}
    refusal = desk.refused(CREATE, body=body)
    assert refusal.rule.status == 404
    assert (what or "account group") in refusal.detail


def test_unknown_ids_of_a_change_are_answered_with_404(desk: Desk) -> None:
    model_id = created(desk, ladder(LADDER))
    path = {"transaction_fee_account_group_configuration_id": NOBODY}
    assert desk.refused(UPDATE, path, body={"fee_model_id": model_id}).rule.status == 404
    row = desk.call(CREATE, body=request(desk, model_id))
    path = {"transaction_fee_account_group_configuration_id": row.id}
    assert desk.refused(UPDATE, path, body={"fee_model_id": NOBODY}).rule.status == 404


async def test_a_category_twice_conflicts_over_http(desk: Desk, client: Api) -> None:
    model = await client.post("/transaction_fees/models", json=model_request(ladder(LADDER)))
    body = request(desk, model.json["id"])
    made = await client.post("/transaction_fees/configurations", json=body, key=None)
    again = await client.post("/transaction_fees/configurations", json=body, key=None)
    assert (made.status, again.status) == (200, 409)
    changed = await client.patch(
        f"/transaction_fees/configurations/{made.json['id']}", json={"fee_model_id": model.json["id"]}
    )
    assert changed.json["fee_model_id"] == model.json["id"]
