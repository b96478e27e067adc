"""What takes long to set up is set up once for a module, and taken back for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mockserver.client import Snapshot
from mockserver.pytest_plugin import MockSession, MockWorld

from robo.api import Api

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def invested(mockserver_session: MockSession) -> Iterator[tuple[MockWorld, Api, Snapshot]]:
    """A world in which the customer has bought and all is settled."""
    with (
        mockserver_session.world(scenario=HERE / "customer.yaml") as world,
        Api(world.url, world.client_id, world.client_secret) as api,
    ):
        users, accounts = world.state.list("users"), world.state.list("accounts")
        api.buy(users[0].id, accounts[0].id, "800.00")
        world.clock.advance("2d")
        yield world, api, world.snapshot()


@pytest.fixture
def world(invested: tuple[MockWorld, Api, Snapshot]) -> MockWorld:
    world, _, snapshot = invested
    world.restore(snapshot)
    return world


@pytest.fixture
def api(invested: tuple[MockWorld, Api, Snapshot]) -> Api:
    return invested[1]


def test_the_customer_has_what_was_bought(world: MockWorld, api: Api, account: str) -> None:
    assert api.positions(account) == {"IE00B4L5Y983": "10"}  # 800 / 80
    api.buy(world.state.list("users")[0].id, account, "80.00")
    world.clock.advance("1d")
    assert api.positions(account) == {"IE00B4L5Y983": "11"}


def test_every_test_begins_there(world: MockWorld, api: Api, account: str) -> None:
    assert api.positions(account) == {"IE00B4L5Y983": "10"}
    assert world.clock.now().isoformat() == "2023-03-03T06:00:00+00:00"
