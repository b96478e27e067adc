"""A timeout counts what the event loop could see, and not how long it stood still."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from mockserver.webhooks.patience import STEPS, TURNS, PatientTimeout

LIMIT = 2.0
STEP = LIMIT / STEPS


class Time:
    """The event loop's time, under the test's control."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def passes(self, seconds: float) -> None:
        """The loop stands still for so long, and turns twice after it: a timer is run at the end of a turn."""
        self.now += seconds
        await asyncio.sleep(0)
        await asyncio.sleep(0)


@pytest.fixture
async def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(asyncio.get_running_loop(), "time", time)
    return time


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    here, there = socket.socketpair()
    here.setblocking(False)
    with here, there:
        yield here, there


async def waited(answer: asyncio.Future[str]) -> str:
    async with PatientTimeout(LIMIT):
        return await answer


async def test_who_does_not_answer_is_waited_for_as_long_as_the_limit_says(time: Time) -> None:
    waiting = asyncio.create_task(waited(asyncio.get_running_loop().create_future()))
    await time.passes(0)
    for _ in range(STEPS - 1):
        await time.passes(1.01 * STEP)
    assert not waiting.done()
    await time.passes(1.01 * STEP)
    for _ in range(2 * TURNS):
        await time.passes(0)
    with pytest.raises(TimeoutError):
        waiting.result()


async def test_a_loop_that_stood_still_counts_as_one_step(time: Time) -> None:
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    waiting = asyncio.create_task(waited(answer))
    await time.passes(0)
    for _ in range(STEPS - 2):
        await time.passes(100 * LIMIT)
    for _ in range(2 * TURNS):
        await time.passes(0)
    answer.set_result("here")
    assert await waiting == "here"


async def test_what_arrived_while_the_loop_stood_still_is_looked_at_first(
    time: Time, pair: tuple[socket.socket, socket.socket]
) -> None:
    here, there = pair
    reader, writer = await asyncio.open_connection(sock=here)

    async def read() -> bytes:
        async with PatientTimeout(LIMIT):
            return await reader.readline()

    waiting = asyncio.create_task(read())
    await time.passes(0)
    for _ in range(STEPS - 1):
        await time.passes(1.01 * STEP)
    there.sendall(b"answered in time\n")
    await time.passes(100 * LIMIT)
    assert await waiting == b"answered in time\n"
    writer.close()


async def test_an_answer_ends_the_timeout(time: Time) -> None:
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    answer.set_result("here")
    assert await waited(answer) == "here"
    for _ in range(2 * STEPS):
        await time.passes(LIMIT)  # would cancel this task


async def test_a_cancelled_wait_is_no_timeout() -> None:
    waiting = asyncio.create_task(waited(asyncio.get_running_loop().create_future()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
