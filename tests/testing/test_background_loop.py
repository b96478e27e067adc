"""The thread behind the tests: it starts when it is needed, and is gone afterwards."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from concurrent.futures import CancelledError

import pytest

from mockserver.testing.background_loop import BackgroundLoop, BackgroundLoopError


async def threaded() -> str:
    return threading.current_thread().name


def test_work_is_done_in_another_thread() -> None:
    with BackgroundLoop("behind") as background:
        assert "behind" not in [thread.name for thread in threading.enumerate()]
        assert background.call(threaded()) == "behind"
    assert "behind" not in [thread.name for thread in threading.enumerate()]


def test_what_fails_there_fails_here() -> None:
    async def fail() -> None:
        raise LookupError("there")

    with BackgroundLoop() as background, pytest.raises(LookupError, match="there"):
        background.call(fail())


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

    with BackgroundLoop() as background:
        background.call(begin())
    assert ended == [True]


def test_it_can_be_used_again() -> None:
    background = BackgroundLoop()
    for _ in range(2):
        assert background.call(threaded()) == "mockserver"
        background.stop()
    background.stop()


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
    background = BackgroundLoop("behind")
    with monkeypatch.context() as patched:
        fails(patched, target, name, error)
        with pytest.raises(BackgroundLoopError, match=f"'behind' could not start: {type(error).__name__}: ") as caught:
            background.call(asyncio.sleep(0))
    assert caught.value.__cause__ is error
    assert background.call(threaded()) == "behind", "it can be tried again"
    background.stop()


def test_a_thread_that_cannot_be_started_is_an_error_too(monkeypatch: pytest.MonkeyPatch) -> None:
    fails(monkeypatch, threading.Thread, "start", RuntimeError("can't start new thread"))
    with BackgroundLoop() as background, pytest.raises(RuntimeError, match="can't start new thread"):
        background.call(asyncio.sleep(0))


async def end_the_loop() -> None:
    def die() -> None:
        raise SystemExit("all over")  # asyncio takes it as the end of the loop, unlike other exceptions of a callback

    asyncio.get_running_loop().call_soon(die)
    await asyncio.Event().wait()


def test_a_thread_that_ends_by_itself_answers_who_waits_and_who_comes_later() -> None:
    ended = r"'behind' has ended, and its servers with it: SystemExit: all over"
    with BackgroundLoop("behind") as background:
        for work in (end_the_loop, lambda: asyncio.sleep(0)):
            with pytest.raises(BackgroundLoopError, match=ended) as caught:
                background.call(work())
            assert isinstance(caught.value.__cause__, SystemExit)
    assert background.call(threaded()) == "behind", "stopped, it can be used again"
    background.stop()


def test_others_that_wait_then_are_answered_as_well() -> None:
    answers: list[BaseException | None] = []
    begun = threading.Event()

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    def ask(background: BackgroundLoop) -> None:
        try:
            background.call(wait())
        except BackgroundLoopError as error:
            answers.append(error.__cause__)

    with BackgroundLoop() as background:
        background.call(asyncio.sleep(0))
        other = threading.Thread(target=ask, args=(background,))
        other.start()
        begun.wait()
        with pytest.raises(BackgroundLoopError):
            background.call(end_the_loop())
        other.join()
    assert [type(each) for each in answers] == [SystemExit]


def test_work_that_cancels_itself_is_no_end_of_the_thread() -> None:
    async def cancel() -> None:
        raise asyncio.CancelledError

    with BackgroundLoop() as background:
        with pytest.raises(CancelledError):
            background.call(cancel())
        assert background.running


def test_the_time_of_its_loop_is_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    async def passed() -> float:
        loop = asyncio.get_running_loop()
        before = loop.time()
        await asyncio.sleep(0.001)
        return loop.time() - before

    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    with BackgroundLoop() as background:
        assert background.call(passed()) > 0
