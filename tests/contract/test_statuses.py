"""Every status that an operation declares is reached by a test, or has a reason why only a fault makes it."""

from __future__ import annotations

import pytest

from mockserver.cli.statuses import ONLY_BY_FAULT, reason, table
from mockserver.contract import contract
from tests import statuses
from tests.conftest import Api
from tests.statuses import evidence, exists

DECLARED = {(of.id, status) for of in contract().operations.values() for status in of.statuses}
EXCUSED = {pair for pair in DECLARED if reason(*pair) is not None}

HOW = "python -m pytest --write-statuses, with the test that reaches it; or a row in mockserver/cli/statuses.py"


def test_what_is_declared_is_reached_or_has_a_reason() -> None:
    assert not sorted(DECLARED - evidence().keys() - EXCUSED), HOW


def test_what_is_reached_has_no_reason_not_to_be() -> None:
    assert not sorted(EXCUSED & evidence().keys())


def test_the_tests_that_are_named_exist() -> None:
    assert not {test for test in evidence().values() if not exists(test)}, "python -m pytest --write-statuses"


@pytest.mark.parametrize("row", ONLY_BY_FAULT, ids=lambda row: f"{row.status}-{row.why[:20]}")
def test_a_reason_is_about_what_is_declared(row: object) -> None:
    rows = [each for each in ONLY_BY_FAULT if each is row]
    covered = {
        operation_id for operation_id, status in DECLARED if any(each.covers(operation_id, status) for each in rows)
    }
    assert covered >= set(rows[0].operations)
    assert covered


def test_each_pair_has_one_reason() -> None:
    assert all(sum(row.covers(*pair) for row in ONLY_BY_FAULT) == 1 for pair in EXCUSED)


def test_the_table_has_every_declared_status_once() -> None:
    listed = [
        (operation_id, status) for operation_id, row in table().items() for each in row.values() for status in each
    ]
    assert sorted(listed) == sorted(DECLARED)


def test_a_run_proves_a_reason_or_the_evidence_wrong() -> None:
    excused, reached = min(EXCUSED), min(evidence())
    assert statuses.disproved({excused: "a test", reached: "another"}).keys() == {excused}
    assert statuses.unproved({pair: "a test" for pair in evidence() if pair != reached}).keys() == {reached}


async def test_answers_are_noted_unless_a_fault_made_them(client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    noted: dict[tuple[str, int], str] = {}
    monkeypatch.setattr(statuses, "_reached", noted)
    await client.post("/_mock/worlds/default/faults", json={"request": {"operation": "list_users"}, "status": 503})
    assert (await client.get("/users")).status == 503
    assert (await client.get("/businesses")).status == 200
    assert noted.keys() == {("list_businesses", 200)}
    with statuses.unnoted():
        await client.get("/users", headers={"accept": "text/html"})
        await client.get("/webhooks")
    assert noted.keys() == {("list_businesses", 200)}
