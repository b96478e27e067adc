"""Whatever is sent in whatever order: one key is one request, done at most once while it is remembered."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

from aiohttp.test_utils import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.hosting.modes import MANUAL
from mockserver.hosting.registry import DEFAULT_CLIENT_ID, Worlds
from mockserver.hosting.tenants import Tenant
from mockserver.kernel import system
from mockserver.kernel.operations import Call
from mockserver.kernel.profile import profile
from mockserver.kernel.world import World
from mockserver.protocol.chain import Chain
from mockserver.protocol.clients import Auth
from mockserver.protocol.connections import Connections
from mockserver.protocol.tokens import all_scopes
from mockserver.webhooks.sender import Sender
from tests.conftest import NOW, Answer, Api, Connected
from tests.protocol.allocations import BODY, KIND, PATH, UNKNOWN, create

DAY = timedelta(hours=24)

requests = st.tuples(
    st.integers(0, 2),  # key
    st.sampled_from(["a", "b", "bad"]),  # name; the rule refuses the last
    st.sampled_from([timedelta(), timedelta(hours=1), timedelta(hours=23), DAY]),  # of wall time before it
)


def refusing(world: World, call: Call[Any]) -> Any:
    if call.body.name == "bad":
        raise UNKNOWN.refuse(id="bad")
    return create(world, call)


class Model:
    """What is promised: the answer by key with its body and the end of its time."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[str, bytes, datetime]] = {}
        self.done = 0

    def check(self, key: int, name: str, now: datetime, answer: Answer) -> None:
        known = self.known.get(key)
        if known is not None and now < known[2]:
            if known[0] == name:
                assert (answer.status, answer.body) == (200, known[1])
            else:
                assert (answer.status, "belongs to another request" in answer.detail) == (400, True)
        elif name == "bad":
            assert answer.status == 404
        else:
            assert answer.status == 200
            assert answer.body not in {body for _, body, _ in self.known.values()}
            self.known[key] = (name, answer.body, now + DAY)
            self.done += 1


async def play(sequence: list[tuple[int, str, timedelta]]) -> None:
    world = World(profile("sandbox"), NOW)
    tenant = Tenant(DEFAULT_CLIENT_ID, "secret", world, Sender(), scopes=all_scopes(), auth=Auth.OFF, mode=MANUAL)
    worlds = Worlds()
    worlds.add(tenant, default=True)
    chain = Chain(worlds, {"create_portfolios_allocation": refusing})
    model, now = Model(), NOW
    http: TestClient[Any, Any] = TestClient(Connected(Connections(chain.__call__)))
    async with http:
        api = Api(http, tenant)
        for key, name, passed in sequence:
            now += passed
            with patch.object(system, "wall_now", lambda now=now: now):
                answer = await api.post(PATH, json=BODY | {"name": name}, key=str(UUID(int=key, version=4)))
            model.check(key, name, now, answer)
            assert len(world.table(KIND)) == model.done


@settings(max_examples=40, deadline=None)
@given(st.lists(requests, max_size=12))
def test_one_key_is_one_request(sequence: list[tuple[int, str, timedelta]]) -> None:
    asyncio.run(play(sequence))
