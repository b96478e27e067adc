"""A long move of the clock says how far it has come, and is stopped by another command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from mockserver.kernel.events import emit
from mockserver.kernel.world import World
from mockserver.webhooks.subscriptions import seed_subscription
from tests.conftest import Api
from tests.webhooks.targets import Target, target
from tests.webhooks.tenants import Thing

DEFAULT = "/_mock/worlds/default"
CLOCK = f"{DEFAULT}/clock"


@pytest.fixture
async def receiver(world: World) -> AsyncIterator[Target]:
    async with target() as receiver:
        seed_subscription(world, url=receiver.url, config={"delay": "30s"})
        yield receiver


async def answered(client: Api, receiver: Target, command: tuple[str, str], **how: Any) -> tuple[Any, Any]:
    """The answers to a command that a receiver gives in the middle of a move, and to the move."""
    told: list[Any] = []

    async def handler(_: web.Request) -> web.StreamResponse:
        told.append((await client.request(*command)).json)
        return web.Response(status=204)

    receiver.answer = handler
    emit(client.world, "ORDER.NEW", Thing("a"))
    move = (await client.post(f"{CLOCK}/advance", json=how)).json
    return told[0], move


async def test_a_move_says_how_far_it_has_come(client: Api, receiver: Target) -> None:
    shown, _ = await answered(client, receiver, ("GET", CLOCK), by="5m")
    assert shown["move"] == {"from": "2023-01-10T09:00:00Z", "until": "2023-01-10T09:05:00Z", "done": 0.1}
    assert shown["under_way"]
    assert (await client.get(CLOCK)).json["move"] is None


async def test_one_without_a_known_end_says_where_it_began(client: Api, receiver: Target) -> None:
    shown, _ = await answered(client, receiver, ("GET", CLOCK), until="idle")
    assert shown["move"] == {"from": "2023-01-10T09:00:00Z", "until": None, "done": None}


@pytest.mark.parametrize("how", [{"by": "30d"}, {"to": "2023-03-01T00:00:00Z"}, {"until": "idle"}])
async def test_a_move_that_is_stopped_stays_at_its_instant(client: Api, receiver: Target, how: dict[str, Any]) -> None:
    stopped, move = await answered(client, receiver, ("DELETE", f"{CLOCK}/advance"), **how)
    assert (stopped["stopped"], stopped["now"]) == (True, "2023-01-10T09:00:30Z")
    assert (move["stopped"], move["now"]) == (True, "2023-01-10T09:00:30Z")
    assert [each["state"] for each in move["deliveries"]] == ["DELIVERED"]
    assert (await client.get(CLOCK)).json["now"] == "2023-01-10T09:00:30Z"
    again = (await client.post(f"{CLOCK}/advance", json={"by": "1d"})).json
    assert (again["stopped"], again["now"]) == (False, "2023-01-11T09:00:30Z")


async def test_its_recording_comes_as_far(client: Api, receiver: Target) -> None:
    await answered(client, receiver, ("DELETE", f"{CLOCK}/advance"), by="30d")
    done = client.tenant.command_log.done
    assert [each.recorded.steps for each in done] == [({"advance": {"to": "2023-01-10T09:00:30Z"}},)]


async def test_where_nothing_moves_nothing_is_stopped(client: Api) -> None:
    answer = (await client.delete(f"{CLOCK}/advance")).json
    assert (answer["stopped"], answer["move"]) == (False, None)
    moved = (await client.post(f"{CLOCK}/advance", json={"by": "1h"})).json
    assert (moved["stopped"], moved["now"]) == (False, "2023-01-10T10:00:00Z")
