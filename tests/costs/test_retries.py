"""What the attempts of one delivery cost, however many there were before: counted in instructions and in bytes."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mockserver.control.commands import CommandResponse
from mockserver.control.execution import written
from mockserver.control.views import happened_view
from mockserver.hosting.driver import Driver
from mockserver.hosting.outcome import Happened
from mockserver.webhooks.attempts import Outcome
from mockserver.webhooks.sender import Sender
from tests.costs.instructions import counted
from tests.webhooks.tenants import Tenant, tenant

PAUSE = timedelta(seconds=600)
"""Between two attempts, once there were thirteen."""
SHOWN = 1000

BUSY = Outcome("http://localhost:8000/hooks", 503, (("Content-Length", "4"),), "busy")
REFUSED = Outcome("http://localhost:8000/hooks", error="nothing listens")
SILENT = Outcome("http://localhost:8000/hooks", error="no answer", hung=True)


class Failing(Sender):
    """Sends nothing: every attempt fails alike."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self._outcome = outcome

    async def send(self, *_: Any, **__: Any) -> Outcome:
        return replace(self._outcome)  # another one each time, as from a receiver


async def after(attempts: int, outcome: Outcome) -> tuple[Tenant, Driver]:
    """A world with one delivery that was tried so many times."""
    made = tenant()
    made.subscribe()
    made.tell("a")
    made.world.undo.clear()
    driver = Driver(made.world, Failing(outcome))
    await driver.advance(timedelta(seconds=610))
    await driver.advance((attempts - 13) * PAUSE)
    return made, driver


def told(happened: Happened) -> bytes:
    """The answer of the command."""
    body = written(CommandResponse(200, happened_view(happened, SHOWN))).body
    assert body is not None
    return body


async def instructions(driver: Driver, attempts: int) -> int:
    with counted() as count:
        told(await driver.advance(attempts * PAUSE))
    return count.instructions


@pytest.mark.parametrize("outcome", [BUSY, REFUSED], ids=["503", "refused"])
async def test_the_thousandth_attempt_costs_what_the_twentieth_did(outcome: Outcome) -> None:
    (one, early), (other, late) = [await after(attempts, outcome) for attempts in (20, 1000)]
    few, many = await instructions(early, 6), await instructions(late, 6)
    assert [len(each.outbox.deliveries()[0].attempts) for each in (one, other)] == [26, 1006]
    assert many <= 1.2 * few, f"{few:,} instructions for six attempts, and {many:,} for six later ones"


@pytest.mark.parametrize("outcome", [BUSY, SILENT], ids=["503", "skipped"])
async def test_a_move_ten_times_as_long_costs_ten_times_as_much(outcome: Outcome) -> None:
    """An hour's attempts are six: a move of one day, and one of ten."""
    (_, short), (_, long) = [await after(20, outcome) for _ in range(2)]
    one, ten = await instructions(short, 144), await instructions(long, 1440)
    assert ten <= 10.5 * one, f"{one:,} instructions for a day, and {ten:,} for ten"


async def test_the_answer_of_a_move_grows_with_its_attempts_and_not_with_their_square() -> None:
    (_, short), (_, long) = [await after(20, BUSY) for _ in range(2)]
    small, large = [len(told(await driver.advance(count * PAUSE))) for driver, count in ((short, 50), (long, 500))]
    assert large <= 10.5 * small


@pytest.mark.parametrize(
    ("after_attempts", "bound"), [(20, 750), (1000, 750)], ids=["of the first attempts", "of later ones"]
)
async def test_an_attempt_keeps_a_few_hundred_bytes_in_one_move(after_attempts: int, bound: int) -> None:
    """The feed has each as long as it is among its last 10,000 entries, with the delivery as it was then."""
    _, driver = await after(after_attempts, BUSY)
    found = await memory(lambda: driver.advance(500 * PAUSE))
    assert found / 500 <= bound


async def memory(work: Callable[[], Any]) -> int:
    """Bytes that are held when it is done, its result among them."""
    tracemalloc.start()
    try:
        begin = tracemalloc.get_traced_memory()[0]
        result = await work()
        held = tracemalloc.get_traced_memory()[0] - begin
    finally:
        tracemalloc.stop()
    assert result is not None
    return held
