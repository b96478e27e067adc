"""payments.md §11: transfers through the whole chain; the client checks every answer against the contract."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mockserver.kernel.world import World
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support import moving
from tests.domain.support.desk import AT_85, AT_100, NOBODY, Desk

SECURITIES, ACCOUNTS = "/securities_transfers", "/account_transfers"


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    return open_desk()


@pytest.fixture
def world(desk: Desk) -> World:
    return desk.world


def run(desk: Desk) -> None:
    desk.world.run(desk.world.now + timedelta(seconds=1))


async def test_a_securities_transfer_is_made_and_listed(client: Api, desk: Desk) -> None:
    made = await client.post(SECURITIES, json=moving.single(desk))
    assert (made.status, made.json["status"]) == (200, "NEW")
    run(desk)
    listed = (await client.get(f"{SECURITIES}?direction=INCOMING&sort=updated_at&order=DESC")).json
    assert [(row["id"], row["status"]) for row in listed["data"]] == [(made.json["id"], "SETTLED")]
    assert (listed["meta"]["total_count"], listed["meta"]["sort"]) == (1, "updated_at")


async def test_an_account_transfer_is_made_and_read(client: Api, desk: Desk) -> None:
    lines = moving.lines(**{AT_100: "10", AT_85: "5"})
    made = await client.post(ACCOUNTS, json=moving.body(desk, instruments=lines))
    assert (made.status, made.json["status"]) == (200, "NEW")
    run(desk)
    read = await client.get(f"{ACCOUNTS}/{made.json['id']}")
    assert (read.status, read.json["status"]) == (200, "SETTLED")
    assert (await client.get(f"{ACCOUNTS}/{NOBODY}")).status == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [("", "direction"), ("?direction=SIDEWAYS", "direction"), ("?direction=INCOMING&status=FILLED", "status")],
)
async def test_a_list_needs_a_direction(client: Api, query: str, names: str) -> None:
    answer = await client.get(f"{SECURITIES}{query}")
    assert answer.status == 400
    assert names in answer.detail


async def test_a_filter_that_is_unknown_finds_nothing(client: Api, desk: Desk) -> None:
    await client.post(SECURITIES, json=moving.single(desk))
    for name in ("user_id", "account_id", "account_group_id"):
        answer = await client.get(f"{SECURITIES}?direction=INCOMING&{name}={NOBODY}")
        assert (answer.status, answer.json["data"]) == (200, [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": "0"},
        {"quantity": "1.5"},
        {"instrument_id": "US0378331005"},
        {"transfer_type": "OWNER_CHANGE"},
        {"settlement_reference": "no_underscore"},
        {"settlement_counterparties": {}},
    ],
)
async def test_what_is_wrong_is_answered_with_400(client: Api, desk: Desk, wrong: dict[str, object]) -> None:
    answer = await client.post(SECURITIES, json={**moving.single(desk), **wrong})
    assert answer.status == 400
    assert "(root)" in answer.detail
