"""Recordings know all commands: each is a step that replays to the same bytes, or has a reason why it is none."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from itertools import count
from typing import Any, cast
from uuid import UUID

import aiohttp
import orjson
import pytest

from mockserver.control.commands import Command, Commands, LeftOut, changes_nothing, command
from mockserver.control.router import Control
from mockserver.replay.player import replay
from mockserver.scenario.document import Document
from mockserver.scenario.load import read
from mockserver.scenario.steps import ACTIONS
from mockserver.server import RunningServer, ServerSettings, start
from tests.conftest import Api
from tests.control.test_transactions import CASES, request_of
from tests.hostile.conftest import SCENARIO

REGISTERED = Control
"""Importing it registers every command."""

CHANGING = [each for each in command.all if each.method != "GET"]
RECORDED = [each for each in CHANGING if not isinstance(each.records, LeftOut)]
LOOKED_AT = ("clock", "state", "events", "moves", "faults", "webhook_keys", "upcoming", "profile")
AWAY = re.compile(rb'"url":"[^"]*"')
"""Where a subscription delivers to: a receiver of its own in each replay."""
NUMBERED = re.compile(rb'("caused_by":{"kind":"(?:request|command)","number":)\d+')
"""The number of a request or a command that caused something: a recording leaves out those that changed nothing."""
FEED = re.compile(rb'"feed":\d+')
"""How much the feed has told, requests and commands of those among it."""


class Hand:
    """Gives commands to the default world of a server, as the cases of the other test do."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http
        self.keys = (str(UUID(int=number, version=4)) for number in count(1))

    async def request(self, method: str, path: str, json: Any = None) -> Any:
        content = None if json is None else orjson.dumps(json)
        headers = {} if content is None else {"content-type": "application/json", "idempotency-key": next(self.keys)}
        async with self.http.request(method, path, data=content, headers=headers) as response:
            found = await response.read()
            return _Answer(response.status, orjson.loads(found) if found else None)

    async def get(self, path: str) -> Any:
        return await self.request("GET", path)

    async def post(self, path: str, json: Any = None) -> Any:
        return await self.request("POST", path, json)

    async def patch(self, path: str, json: Any = None) -> Any:
        return await self.request("PATCH", path, json)

    async def put(self, path: str, json: Any = None) -> Any:
        return await self.request("PUT", path, json)


class _Answer:
    def __init__(self, status: int, json: Any) -> None:
        self.status, self.json = status, json


@pytest.fixture
async def server() -> AsyncIterator[RunningServer]:
    async with await start(ServerSettings(port=0, auth="off", clock="manual", scenarios=[SCENARIO])) as server:
        yield server


@pytest.fixture
async def hand(server: RunningServer) -> AsyncIterator[Hand]:
    async with aiohttp.ClientSession(server.url) as http:
        yield Hand(http)


async def seen(hand: Hand, world: str) -> dict[str, bytes]:
    """All that a world holds and what was emitted, byte by byte."""
    found = {}
    for part in LOOKED_AT:
        path = f"/_mock/worlds/{world}/{part}"
        found[part] = FEED.sub(b"", NUMBERED.sub(rb"\1", orjson.dumps((await hand.get(path)).json)))
    for resource in orjson.loads(found["state"])["resources"]:
        answer = await hand.get(f"/_mock/worlds/{world}/state/{resource}?limit=1000")
        found[resource] = AWAY.sub(b'"url":""', orjson.dumps(answer.json))
    return found


@pytest.mark.parametrize("each", CHANGING, ids=lambda each: each.name)
def test_a_command_says_what_a_recording_has_of_it(each: Command) -> None:
    assert each.records is not changes_nothing
    if isinstance(each.records, LeftOut):
        assert len(each.records.why.split()) >= 5, "a reason, in words"


@pytest.mark.parametrize("each", RECORDED, ids=lambda each: each.name)
async def test_what_is_recorded_replays_to_the_same_bytes(each: Command, hand: Hand, server: RunningServer) -> None:
    subject = await CASES[each.name][0](cast("Api", hand))
    method, path, body = request_of(each.name, subject)
    before = len((await hand.get("/_mock/worlds/default/scenario?format=json")).json["steps"])
    assert (await hand.request(method, path, body)).status < 300
    data = (await hand.get("/_mock/worlds/default/scenario?format=json")).json
    (step,) = data["steps"][before:]
    assert next(iter(step)) in ACTIONS
    async with (
        await start(ServerSettings(port=0, profile="live", seed=99)) as other,
        aiohttp.ClientSession(other.url) as there,
    ):
        played = await replay(read(Document("recorded", data)), other.url, keep=True)
        assert [entry.problems for entry in played.failures] == []
        assert await seen(Hand(there), str(played.kept)) == await seen(hand, "default")


@pytest.mark.parametrize("records", [None, changes_nothing])
def test_a_command_without_either_is_refused(records: Any) -> None:
    def silent(_: object) -> None:
        """Do something."""

    with pytest.raises(ValueError, match=r"POST /_mock/x: say with records= which step a recording has"):
        Commands()("POST", "/_mock/x", records=records)(silent)
