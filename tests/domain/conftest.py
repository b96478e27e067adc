"""A desk in a sandbox world on a Tuesday morning; after every test, whatever was told and booked is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockserver.kernel.events import Event
from mockserver.kernel.world import World
from tests.domain.support import desk as desks
from tests.domain.support.books import check_books
from tests.domain.support.desk import Desk, check_event

OpenDesk = Callable[..., Desk]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "rules_fail: rules fail inside this test's clock moves, and are looked at there")


@pytest.fixture(name="worlds", autouse=True)
def checked_worlds(request: pytest.FixtureRequest) -> Iterator[list[World]]:
    """The worlds of the test: in the end every event of each fits the contract, and its books agree.

    A test marked ``rules_fail`` expects failures of rules, and looks at ``world.failures`` itself.
    """
    worlds: list[World] = []
    yield worlds
    for world in worlds:
        for event in world.events:
            check_event(event)
        check_books(world)
        if request.node.get_closest_marker("rules_fail") is None:
            assert not [failure.trace for failure in world.failures]


@pytest.fixture
def open_desk(worlds: list[World]) -> OpenDesk:
    """``open_desk(profile="sandbox", overrides=None, *, now, seed, cash, configured, running)``: see desk.py."""

    def opened(*args: Any, **kwargs: Any) -> Desk:
        desk = desks.open_desk(*args, **kwargs)
        worlds.append(desk.world)
        return desk

    return opened


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    """In the sandbox profile: 10,000 EUR, configured 70/30."""
    return open_desk()


@pytest.fixture
def world(desk: Desk) -> World:
    return desk.world


@pytest.fixture
def call(desk: Desk) -> Callable[..., Any]:
    """``call(operation_id, path={}, query={}, body=None)``"""
    return desk.call


@pytest.fixture
def advance(desk: Desk) -> Callable[..., list[str]]:
    """``advance("1s")``: the types of the events that this caused."""
    return desk.advance


@pytest.fixture
def events_since(desk: Desk) -> Callable[..., list[Event]]:
    """``events_since(position)``: the events told since ``position = world.events.end``."""
    return desk.events_since
