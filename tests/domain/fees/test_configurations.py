"""payments.md §10.5: which account pays by which fee model."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from mockserver.domain.accounts.accounts import ACCOUNT_LIFE
from mockserver.domain.fees.configurations import FEE_CONFIGURATIONS
from tests.domain.support.desk import NOBODY, Desk

MODEL = "1df86975-06f4-484d-935e-46b54bab2f6c"
"""The id of the published example."""
OTHER = "2df86975-06f4-484d-935e-46b54bab2f6c"


def create(desk: Desk, **changes: Any) -> Any:
    return desk.call("create_fee_configuration", body={"account_id": desk.account_id, "fee_model_id": MODEL, **changes})


def refused(desk: Desk, **changes: Any) -> tuple[int, str]:
    body = {"account_id": desk.account_id, "fee_model_id": MODEL, **changes}
    refusal = desk.refused("create_fee_configuration", body=body)
    return refusal.rule.status, refusal.rule.name


def patch(desk: Desk, model: str) -> Any:
    return desk.call("update_fee_configuration", {"account_id": desk.account_id}, body={"fee_model_id": model})


def close(desk: Desk) -> None:
    """Close the account by command."""
    for state in ("CLOSING", "CLOSED"):
        ACCOUNT_LIFE.move(desk.world, desk.account, state, "by the test")
    desk.world.undo.clear()


def test_a_configuration_attaches_any_fee_model_to_an_account(desk: Desk) -> None:
    answer = create(desk)
    assert orjson.loads(answer.wire) == {
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "fee_model_id": MODEL,
        "account_id": desk.account_id,
    }
    assert desk.call("retrieve_fee_configurations", {"account_id": desk.account_id}).wire == answer.wire


def test_patch_changes_the_model_and_says_when(desk: Desk) -> None:
    create(desk)
    desk.advance("1h")
    patch(desk, OTHER)
    shown = desk.call("retrieve_fee_configurations", {"account_id": desk.account_id})
    assert (shown.fee_model_id, shown.account_id) == (OTHER, desk.account_id)
    assert (shown.created_at, shown.updated_at) == (
        datetime(2023, 1, 10, 9, tzinfo=UTC),
        datetime(2023, 1, 10, 10, tzinfo=UTC),
    )


def test_no_event_tells_of_configurations(desk: Desk) -> None:
    create(desk)
    patch(desk, OTHER)
    assert desk.advance("1h") == []
    assert desk.types_since() == []


def test_an_unknown_account_is_404(desk: Desk) -> None:
    assert refused(desk, account_id=NOBODY) == (404, "resource.unknown")


def test_a_closed_account_is_400(desk: Desk) -> None:
    close(desk)
    assert refused(desk) == (400, "fee-configuration.account-closed")


def test_a_second_configuration_is_409_whatever_its_model(desk: Desk) -> None:
    create(desk)
    assert refused(desk) == refused(desk, fee_model_id=OTHER) == (409, "fee-configuration.exists")


def test_a_closed_account_counts_before_a_second_configuration(desk: Desk) -> None:
    """404, 400, 409 in this order (payments.md §10.5)."""
    create(desk)
    close(desk)
    assert refused(desk) == (400, "fee-configuration.account-closed")


@pytest.mark.parametrize("operation", ["retrieve_fee_configurations", "update_fee_configuration"])
def test_an_account_without_a_configuration_is_404(desk: Desk, operation: str) -> None:
    body = {"fee_model_id": MODEL} if operation.startswith("update") else None
    for account_id in (NOBODY, desk.account_id):
        refusal = desk.refused(operation, {"account_id": account_id}, body=body)
        assert (refusal.rule.status, refusal.rule.name) == (404, "resource.unknown")


def test_the_model_of_a_closed_account_does_not_change_but_reads(desk: Desk) -> None:
    create(desk)
    close(desk)
    refusal = desk.refused("update_fee_configuration", {"account_id": desk.account_id}, body={"fee_model_id": OTHER})
    assert (refusal.rule.status, refusal.rule.name) == (400, "fee-configuration.account-closed")
    assert desk.call("retrieve_fee_configurations", {"account_id": desk.account_id}).fee_model_id == MODEL


def test_the_last_of_several_changes_in_a_day_counts_for_the_whole_day(desk: Desk) -> None:
    create(desk)
    desk.advance("1d")
    patch(desk, OTHER)
    desk.advance("1h")
    patch(desk, MODEL)
    patch(desk, NOBODY)
    row = desk.world.table(FEE_CONFIGURATIONS)[desk.account_id]
    today = desk.world.now.date()
    assert [row.model_on(today.replace(day=day)) for day in (10, 11, 12)] == [MODEL, NOBODY, NOBODY]


def test_no_model_counts_before_the_first_day(desk: Desk) -> None:
    create(desk)
    patch(desk, OTHER)
    row = desk.world.table(FEE_CONFIGURATIONS)[desk.account_id]
    today = desk.world.now.date()
    assert [row.model_on(today.replace(day=day)) for day in (9, 10)] == [None, OTHER]
