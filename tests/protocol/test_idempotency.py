"""Idempotency keys over HTTP (concepts.md §3)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from mockserver.contract import contract
from mockserver.kernel import system
from mockserver.kernel.operations import Call
from mockserver.kernel.rules import Refusal
from mockserver.kernel.world import World
from mockserver.protocol.idempotency import Key, Replies
from tests.conftest import NOW, Api
from tests.protocol.allocations import BODY, HANDLERS, KIND, PATH, UNKNOWN, create
from tests.protocol.conftest import Serve

KEY = "404b170a-9042-41ed-9a51-2eabd0c03f8a"


@pytest.fixture
async def api(serve: Serve) -> Api:
    return await serve(HANDLERS)


async def test_a_missing_key_is_told_as_published(api: Api) -> None:
    answer = await api.post(PATH, json=BODY, key=None)
    assert answer.status == 400
    assert answer.json["type"] == "https://docs.upvest.co/errors/missing_idempotency_key"
    assert answer.json["title"] == "Missing idempotency key"


@pytest.mark.parametrize("key", ["1", "404b170a-9042-61ed-9a51-2eabd0c03f8a", "x" * 5000, "404b170a_9042"])
async def test_a_malformed_key_is_refused(api: Api, key: str) -> None:
    answer = await api.post(PATH, json=BODY, key=key)
    assert (answer.status, answer.json["type"]) == (400, "https://docs.upvest.co/errors/invalid_request")


async def test_a_repeat_gets_the_same_bytes_and_is_not_done_again(api: Api, world: World) -> None:
    first = await api.post(PATH, json=BODY, key=KEY)
    again = await api.post(PATH, json=BODY, key=KEY)
    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers["upvest-request-id"] != first.headers["upvest-request-id"]
    assert len(world.table(KIND)) == 1


async def test_a_key_may_be_written_in_any_way(api: Api) -> None:
    first = await api.post(PATH, json=BODY, key=KEY)
    assert (await api.post(PATH, json=BODY, key=KEY.upper().replace("-", ""))).body == first.body


async def test_another_key_does_it_again(api: Api, world: World) -> None:
    await api.post(PATH, json=BODY)
    await api.post(PATH, json=BODY)
    assert len(world.table(KIND)) == 2


async def test_a_failed_request_is_executed_again(serve: Serve, world: World) -> None:
    attempts: list[int] = []

    def second_time_lucky(world: World, call: Call[Any]) -> Any:
        attempts.append(1)
        if len(attempts) == 1:
            raise UNKNOWN.refuse(id="yet")
        return create(world, call)

    api = await serve({**HANDLERS, "create_portfolios_allocation": second_time_lucky})
    assert (await api.post(PATH, json=BODY, key=KEY)).status == 404
    assert (await api.post(PATH, json=BODY, key=KEY)).status == 200


async def test_an_invalid_request_does_not_use_its_key_up(api: Api) -> None:
    assert (await api.post(PATH, json={}, key=KEY)).status == 400
    assert (await api.post(PATH, json=BODY, key=KEY)).status == 200


async def test_the_key_of_another_body_is_refused(api: Api) -> None:
    await api.post(PATH, json=BODY, key=KEY)
    answer = await api.post(PATH, json=BODY | {"name": "other"}, key=KEY)
    assert (answer.status, answer.detail) == (
        400,
        f"The idempotency key {KEY} belongs to another request, create_portfolios_allocation at {PATH} "
        "with another body: use a new key.",
    )


@pytest.mark.parametrize("path", [f"{PATH}?limit=1", "/portfolios/configurations"])
async def test_the_key_of_another_path_is_refused(api: Api, path: str) -> None:
    await api.post(PATH, json=BODY, key=KEY)
    answer = await api.post(path, json=BODY, key=KEY)
    assert (answer.status, answer.detail) == (
        400,
        f"The idempotency key {KEY} belongs to another request, create_portfolios_allocation at {PATH}: use a new key.",
    )


def test_the_key_of_another_operation_is_refused() -> None:
    replies, operations = Replies(), contract().operations
    replies.keep(Key(KEY, operations["create_portfolios_order"], "/portfolios/orders", b"{}", NOW), 200, b"{}")
    with pytest.raises(Refusal, match="belongs to another request, create_portfolios_order"):
        replies.find(Key(KEY, operations["create_portfolios_allocation"], PATH, b"{}", NOW))


async def test_where_no_key_is_needed_it_has_no_effect(api: Api) -> None:
    assert (await api.get(PATH, key="nonsense")).status == 200


async def test_an_answer_is_kept_for_a_day_of_wall_time(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = [NOW]
    monkeypatch.setattr(system, "wall_now", lambda: wall[0])
    await api.post(PATH, json=BODY, key=KEY)
    wall[0] += timedelta(hours=24) - timedelta(seconds=1)
    await api.post(PATH, json=BODY, key=KEY)
    assert len(world.table(KIND)) == 1
    wall[0] += timedelta(seconds=1)
    await api.post(PATH, json=BODY, key=KEY)
    assert len(world.table(KIND)) == 2


async def test_a_reset_forgets_the_answers(api: Api, world: World) -> None:
    await api.post(PATH, json=BODY, key=KEY)
    api.tenant.reset()
    await api.post(PATH, json=BODY, key=KEY)
    assert len(world.table(KIND)) == 1


async def test_a_snapshot_holds_the_answers(api: Api, world: World) -> None:
    first = await api.post(PATH, json=BODY, key=KEY)
    snapshot = world.snapshot()
    api.tenant.reset()
    world.restore(snapshot)
    assert (await api.post(PATH, json=BODY, key=KEY)).body == first.body


async def test_a_request_made_after_a_snapshot_is_made_again_after_its_restore(api: Api, world: World) -> None:
    snapshot = world.snapshot()
    first = await api.post(PATH, json=BODY, key=KEY)
    world.restore(snapshot)
    assert len(world.table(KIND)) == 0
    again = await api.post(PATH, json=BODY, key=KEY)
    assert (again.body, len(world.table(KIND))) == (first.body, 1)


async def test_a_snapshot_is_not_changed_by_what_follows(api: Api, world: World) -> None:
    await api.post(PATH, json=BODY, key=KEY)
    before = world.snapshot()
    await api.post(PATH, json=BODY)
    after = world.snapshot()
    for snapshot, count in ((before, 1), (after, 2), (before, 1)):
        world.restore(snapshot)
        assert len(api.tenant.replies.snapshot().sent) == count
        await api.post(PATH, json=BODY, key="9ed77463-c18e-4794-ab5c-17423f9b801a")


async def test_another_client_may_use_the_same_key(client: Api) -> None:
    other = "404b170a-9042-41ed-9a51-2eabd0c03f8a"
    await client.post("/_mock/worlds", json={"client_id": other, "auth": "off", "seed": 9, "profile": "sandbox"})
    body = {"allocation": [{"instrument_id": "IE00BKBF6H24", "instrument_id_type": "ISIN", "weight": "1"}]}
    mine = await client.post(PATH, json=body | {"name": "mine"}, key=KEY)
    theirs = await client.post(PATH, json=body | {"name": "theirs"}, key=KEY, headers={"upvest-client-id": other})
    assert (mine.status, mine.json["name"]) == (200, "mine")
    assert (theirs.status, theirs.json["name"]) == (200, "theirs")


def test_answers_whose_time_is_over_are_dropped() -> None:
    replies, operation = Replies(), contract().operations["create_portfolios_allocation"]

    def keep(key: str, at: datetime) -> None:
        replies.keep(Key(key, operation, PATH, b"", at), 200, b"")

    keep("a", NOW)
    keep("b", NOW + timedelta(hours=1))
    keep("c", NOW + timedelta(hours=24))
    assert list(replies.snapshot().sent) == ["b", "c"]


def test_the_oldest_answers_go_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.protocol.idempotency.MOST_REPLIES", 2)
    replies, operation = Replies(), contract().operations["create_portfolios_allocation"]
    for key in "abc":
        replies.keep(Key(key, operation, PATH, b"", NOW), 200, b"")
    assert list(replies.snapshot().sent) == ["b", "c"]


def test_the_oldest_answers_go_when_they_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.protocol.idempotency.MOST_BYTES", 10_000)
    replies, operation = Replies(), contract().operations["create_portfolios_allocation"]
    sizes: list[int] = []
    for key in "abcdefgh":
        replies.keep(Key(key, operation, PATH, b"", NOW), 200, b"x" * 3_000)
        sizes.append(len(replies.snapshot().sent))
    assert sizes == [1, 2, 2, 2, 2, 2, 2, 2]
    replies.keep(Key("h", operation, PATH, b"", NOW), 200, b"x" * 20_000)  # the last one is kept, however large
    assert list(replies.snapshot().sent) == ["h"]


def test_their_bytes_follow_snapshots_and_repeated_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.protocol.idempotency.MOST_BYTES", 10_000)
    replies, operation = Replies(), contract().operations["create_portfolios_allocation"]

    def keep(key: str) -> None:
        replies.keep(Key(key, operation, PATH, b"", NOW), 200, b"x" * 3_000)

    empty = replies.snapshot()
    for _ in range(10):
        keep("a")
    keep("b")
    assert list(replies.snapshot().sent) == ["a", "b"]
    for _ in range(5):
        replies.restore(empty)
        keep("c")
        keep("d")
        assert list(replies.snapshot().sent) == ["c", "d"]


async def test_a_key_is_asked_for_where_the_contract_says_and_nowhere_else(api: Api) -> None:
    for operation in contract().operations.values():
        path = re.sub(r"\{\w+\}", KEY, operation.path)
        answer = await api.request(operation.method, path, key=None)
        asked = answer.status == 400 and answer.json["title"] == "Missing idempotency key"
        assert asked == operation.idempotent, operation.id


def test_the_contract_asks_for_31_keys() -> None:
    assert sum(operation.idempotent for operation in contract().operations.values()) == 31
