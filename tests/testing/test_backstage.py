"""The thread behind the tests: it starts when it is needed, and is gone afterwards."""

from __future__ import annotations

import asyncio
import threading

import pytest

from mockserver.testing.backstage import Backstage


async def name() -> str:
    return threading.current_thread().name


def test_work_is_done_in_another_thread() -> None:
    with Backstage("behind") as backstage:
        assert "behind" not in [thread.name for thread in threading.enumerate()]
        assert backstage.call(name()) == "behind"
    assert "behind" not in [thread.name for thread in threading.enumerate()]


def test_what_fails_there_fails_here() -> None:
    async def fail() -> None:
        raise LookupError("there")

    with Backstage() as backstage, pytest.raises(LookupError, match="there"):
        backstage.call(fail())


def test_what_still_runs_is_cancelled() -> None:
    ended = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def begin() -> asyncio.Task[None]:
        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        return task

    with Backstage() as backstage:
        backstage.call(begin())
    assert ended == [True]


def test_it_can_be_used_again() -> None:
    backstage = Backstage()
    for _ in range(2):
        assert backstage.call(name()) == "mockserver"
        backstage.stop()
    backstage.stop()
