"""The thread behind the tests: it starts when it is needed, and is gone afterwards."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from concurrent.futures import CancelledError

import pytest

from mockserver.testing.backstage import Backstage, BackstageError


async def threaded() -> str:
    return threading.current_thread().name


def test_work_is_done_in_another_thread() -> None:
    with Backstage("behind") as backstage:
        assert "behind" not in [thread.name for thread in threading.enumerate()]
        assert backstage.call(threaded()) == "behind"
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
        assert backstage.call(threaded()) == "mockserver"
        backstage.stop()
    backstage.stop()


# --- A thread that fails ---


class Broken(BaseException):
    """What nothing expects."""


def fails(monkeypatch: pytest.MonkeyPatch, target: object, name: str, error: BaseException) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(target, name, fail)


@pytest.mark.parametrize(
    ("target", "name"),
    [(socket, "socket"), (asyncio, "Runner"), (asyncio.Runner, "get_loop"), (asyncio, "Event")],
    ids=lambda each: each if isinstance(each, str) else each.__name__,
)
@pytest.mark.parametrize("error", [OSError(24, "Too many open files"), RuntimeError("no"), Broken("no")], ids=repr)
def test_what_keeps_it_from_starting_reaches_who_calls(
    target: object, name: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    backstage = Backstage("behind")
    with monkeypatch.context() as patched:
        fails(patched, target, name, error)
        with pytest.raises(BackstageError, match=f"'behind' could not start: {type(error).__name__}: ") as caught:
            backstage.call(asyncio.sleep(0))
    assert caught.value.__cause__ is error
    assert backstage.call(threaded()) == "behind", "it can be tried again"
    backstage.stop()


def test_a_thread_that_cannot_be_started_is_an_error_too(monkeypatch: pytest.MonkeyPatch) -> None:
    fails(monkeypatch, threading.Thread, "start", RuntimeError("can't start new thread"))
    with Backstage() as backstage, pytest.raises(RuntimeError, match="can't start new thread"):
        backstage.call(asyncio.sleep(0))


async def end_the_loop() -> None:
    def die() -> None:
        raise SystemExit("all over")  # asyncio takes it as the end of the loop, unlike other exceptions of a callback

    asyncio.get_running_loop().call_soon(die)
    await asyncio.Event().wait()


def test_a_thread_that_ends_by_itself_answers_who_waits_and_who_comes_later() -> None:
    ended = r"'behind' has ended, and its servers with it: SystemExit: all over"
    with Backstage("behind") as backstage:
        for work in (end_the_loop, lambda: asyncio.sleep(0)):
            with pytest.raises(BackstageError, match=ended) as caught:
                backstage.call(work())
            assert isinstance(caught.value.__cause__, SystemExit)
    assert backstage.call(threaded()) == "behind", "stopped, it can be used again"
    backstage.stop()


def test_others_that_wait_then_are_answered_as_well() -> None:
    answers: list[BaseException | None] = []
    begun = threading.Event()

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    def ask(backstage: Backstage) -> None:
        try:
            backstage.call(wait())
        except BackstageError as error:
            answers.append(error.__cause__)

    with Backstage() as backstage:
        backstage.call(asyncio.sleep(0))
        other = threading.Thread(target=ask, args=(backstage,))
        other.start()
        begun.wait()
        with pytest.raises(BackstageError):
            backstage.call(end_the_loop())
        other.join()
    assert [type(each) for each in answers] == [SystemExit]


def test_work_that_cancels_itself_is_no_end_of_the_thread() -> None:
    async def cancel() -> None:
        raise asyncio.CancelledError

    with Backstage() as backstage:
        with pytest.raises(CancelledError):
            backstage.call(cancel())
        assert backstage.running


def test_the_time_of_its_loop_is_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    async def passed() -> float:
        loop = asyncio.get_running_loop()
        before = loop.time()
        await asyncio.sleep(0.001)
        return loop.time() - before

    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    with Backstage() as backstage:
        assert backstage.call(passed()) > 0
