"""payments.md §10.5: which account pays by which fee model."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from mockserver.domain.accounts.accounts import ACCOUNT_LIFE
from mockserver.domain.fees.configurations import FEE_CONFIGURATIONS
from mockserver.domain.profile_changes import change
from tests.domain.conftest import OpenDesk
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


def test_a_refused_first_configuration_plans_no_run(desk: Desk) -> None:
    close(desk)
    refused(desk)
    assert "run.fees" not in {task.action for task in desk.world.clock.upcoming()}


@pytest.mark.parametrize(
    ("schedule", "now", "due"),
    [
        ("monthly", "2023-01-10T09:00", "2023-02-01T00:15"),
        ("monthly", "2023-02-01T00:14", "2023-02-01T00:15"),
        ("monthly", "2023-02-01T00:15", "2023-03-01T00:15"),  # what runs now was planned before
        ("monthly", "2023-12-31T23:59", "2024-01-01T00:15"),
        ("yearly", "2023-01-10T09:00", "2024-01-01T00:15"),
        ("yearly", "2023-01-01T00:00", "2023-01-01T00:15"),
        ("never", "2023-01-10T09:00", None),
    ],
)
def test_the_first_configuration_plans_the_next_run(
    open_desk: OpenDesk, schedule: str, now: str, due: str | None
) -> None:
    desk = open_desk("sandbox", {"fees": {"schedule": schedule}}, now=datetime.fromisoformat(f"{now}+00:00"))
    create(desk)
    planned = [(task.action, task.due.isoformat()[:16]) for task in desk.world.clock.upcoming()]
    assert planned == ([] if due is None else [("run.fees", due)])


def test_the_run_comes_at_the_time_of_the_valuations(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", {"runs": {"valuations": {"at": "22:30"}}})
    create(desk)
    assert [str(task.due) for task in desk.world.clock.upcoming()] == ["2023-02-01 22:30:00+00:00"]


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


# --- The profile changes ---


@pytest.mark.parametrize(
    ("settings", "due"),
    [
        ({"fees": {"schedule": "yearly"}}, ["2024-01-01T00:15"]),
        ({"fees": {"schedule": "never"}}, []),
        ({"runs": {"valuations": {"at": "22:30"}}}, ["2023-02-01T22:30"]),
        ({"fees": {"models": {MODEL: {"service": "1"}}}}, ["2023-02-01T00:15"]),
    ],
)
def test_the_next_run_is_due_anew_when_its_settings_change(
    desk: Desk, settings: dict[str, Any], due: list[str]
) -> None:
    create(desk)
    change(desk.world, settings, "test")
    assert planned(desk) == due


def test_a_schedule_that_was_never_begins_when_it_is_set(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", {"fees": {"schedule": "never"}})
    create(desk)
    change(desk.world, {"fees": {"schedule": "monthly"}}, "test")
    assert planned(desk) == ["2023-02-01T00:15"]


def test_a_run_of_today_is_not_lost_when_its_time_is_past(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", {"runs": {"valuations": {"at": "22:30"}}}, running=True)
    create(desk)
    desk.advance("22d3h")  # 1 February, noon
    change(desk.world, {"runs": {"valuations": {"at": "00:15"}}}, "test")
    assert planned(desk) == ["2023-02-01T12:00"]


def test_a_world_without_configurations_has_no_run(desk: Desk) -> None:
    change(desk.world, {"fees": {"schedule": "yearly"}}, "test")
    assert planned(desk) == []


def planned(desk: Desk) -> list[str]:
    return [task.due.isoformat()[:16] for task in desk.world.clock.pending("run.fees")]
