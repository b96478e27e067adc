"""What a command says happened: counts of all of it, also of what is kept no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mockserver.control.views import happened_view
from mockserver.hosting.driver import Driver
from mockserver.hosting.outcome import mark
from mockserver.kernel.events import Event
from mockserver.kernel.failures import Failure
from mockserver.kernel.log import CHUNK, Log
from mockserver.kernel.moves import Moved
from mockserver.kernel.world import World
from mockserver.webhooks.attempts import Outcome
from mockserver.webhooks.sender import Sender
from tests.conftest import Plain
from tests.webhooks.tenants import tenant

AT = datetime(2023, 1, 10, 9, tzinfo=UTC)
MANY = 5 * CHUNK
"""More than a record of the least size keeps, which is two chunks."""


@pytest.fixture
def forgetful(world: World) -> World:
    """A world whose records keep as little as records can."""
    world.moves, world.events, world.failures = (Log(world.undo, limit=1) for _ in range(3))
    return world


def test_counts_are_of_what_happened_and_not_of_what_is_kept(forgetful: World) -> None:
    start = mark(forgetful)
    for number in range(MANY):
        forgetful.moves.append(Moved(AT, "order", str(number), None, "NEW", "a test"))
        forgetful.events.append(Event(str(number), AT, "ORDER.NEW", Plain(b"{}")))
        forgetful.failures.append(Failure(AT, "action", (), "a test", "error", ""))
    happened = start.happened(forgetful)
    kept = (len(happened.moves), len(happened.events), len(happened.failures))
    assert max(kept) < MANY
    shown = happened_view(happened, 3)
    assert shown["counts"] == {"moves": MANY, "events": MANY, "deliveries": 0, "skipped": 0, "failures": MANY}
    assert [event["id"] for event in shown["events"].views] == [str(MANY - 3), str(MANY - 2), str(MANY - 1)]


def test_what_happened_before_is_not_counted(forgetful: World) -> None:
    forgetful.events.append(Event("before", AT, "ORDER.NEW", Plain(b"{}")))
    assert mark(forgetful).happened(forgetful).counts == (0, 0, 0, 0, 0)


async def test_attempts_are_counted_that_a_move_keeps_no_more() -> None:
    small = tenant({"limits": {"kept": 1024}})
    small.subscribe(config={"max_package_size": 100})
    small.tell(*map(str, range(1030)))
    happened = await Driver(small.world, Accepting()).advance(timedelta(seconds=1))
    assert happened.counts.deliveries == 1030
    assert [delivery.number for delivery in happened.deliveries] == list(range(7, 1031))


class Accepting(Sender):
    """Sends nothing: every attempt succeeds."""

    async def send(self, *_: Any, **__: Any) -> Outcome:
        return Outcome("http://localhost:8000/hooks", 204)
