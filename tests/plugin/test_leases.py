"""Worlds on a running server: their leases end with the run, however it ends; what an older run left is taken over."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from mockserver.client import ControlError, MockServer
from mockserver.kernel import system
from mockserver.pytest_plugin.leases import LEASE, Leases
from tests.foreign_plugins import WITHOUT_FOREIGN
from tests.plugin.conftest import OPTIONS, PREFACE, Run

pytest_plugins = ["pytester"]

CLIENT = "404b170a-9042-41ed-9a51-2eabd0c03f8a"
FIXED = f"""
@pytest.mark.mockserver(scenario={{"name": "fixed", "client": {{"id": "{CLIENT}"}}}})
def test_it(mockserver):
    assert mockserver.client_id == "{CLIENT}"
"""


def options(running: MockServer) -> tuple[str, ...]:
    return (f"--mockserver-url={running.url}", "--mockserver-token=secret")


def test_the_worlds_of_a_run_have_a_lease(run: Run, running: MockServer) -> None:
    run(
        f"""
def test_it(mockserver):
    assert mockserver.show().lease == "{LEASE}"
""",
        *options(running),
    ).assert_outcomes(passed=1)


def test_the_worlds_of_the_runs_own_server_need_none(run: Run) -> None:
    run("""
def test_it(mockserver):
    assert mockserver.show().lease is None
    assert "mockserver-leases" not in [thread.name for thread in threading.enumerate()]
""").assert_outcomes(passed=1)


def test_a_run_that_is_killed_leaves_nothing(
    running: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = f"{PREFACE}\nimport os, signal\ndef test_it(mockserver):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    (tmp_path / "test_user.py").write_text(test, "utf-8")
    command = [sys.executable, "-m", "pytest", *OPTIONS, *WITHOUT_FOREIGN, *options(running), str(tmp_path)]
    killed = subprocess.run(command, capture_output=True, cwd=tmp_path, env=dict(os.environ), check=False)
    assert killed.returncode == -9
    (left,) = [about for about in running.worlds.list() if about.world != "default"]
    real, wall = system.stopwatch, system.wall_now
    monkeypatch.setattr(system, "stopwatch", lambda: real() + 121)
    monkeypatch.setattr(system, "wall_now", lambda: wall() + timedelta(seconds=121))
    running.worlds.create(lease="100ms")  # so the server looks soon
    while left.client_id in {about.client_id for about in running.worlds.list()}:
        pass
    with pytest.raises(ControlError, match="its lease of 2m was not renewed"):
        running.worlds.get(left.client_id)


def test_leases_are_renewed_until_they_are_released(running: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = running.worlds.create(lease="2m")
    dropped = running.worlds.create(lease="2m")
    leases = Leases(running, every=3_600)
    leases.hold(kept)
    leases.hold(dropped)
    leases.release(dropped)
    before = kept.show().removed_at
    assert before is not None
    real, wall = system.stopwatch, system.wall_now
    monkeypatch.setattr(system, "stopwatch", lambda: real() + 60)
    monkeypatch.setattr(system, "wall_now", lambda: wall() + timedelta(seconds=60))
    leases.renew()
    renewed, left = kept.show().removed_at, dropped.show().removed_at
    assert renewed is not None
    assert left is not None
    assert renewed - left == pytest.approx(timedelta(seconds=60), abs=timedelta(seconds=2))
    leases.close()
    kept.remove()
    dropped.remove()


def test_the_thread_renews_by_itself_and_ends_with_the_session(running: MockServer) -> None:
    renewed = threading.Event()

    class Counted(Leases):
        def renew(self) -> None:
            super().renew()
            renewed.set()

    with running.worlds.create(lease="2m") as world:
        leases = Counted(running, every=0.001)
        leases.hold(world)
        assert renewed.wait(30)
        leases.close()
    assert "mockserver-leases" not in [thread.name for thread in threading.enumerate()]


def test_a_world_that_is_gone_is_not_renewed_again(running: MockServer) -> None:
    world = running.worlds.create(lease="2m")
    leases = Leases(running, every=3_600)
    leases.hold(world)
    world.remove()
    leases.renew()
    assert leases._held == {}
    leases.close()


def test_a_broken_network_does_not_end_the_renewing(running: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    world = running.worlds.create(lease="2m")
    leases = Leases(running, every=3_600)
    leases.hold(world)
    with monkeypatch.context() as broken:
        broken.setattr("http.client.HTTPConnection.request", lambda *_, **__: 1 / 0)
        leases.renew()
    leases.renew()
    assert list(leases._held) == [world.client_id]
    leases.close()
    world.remove()


def test_a_fixed_client_id_that_was_left_names_the_option(run: Run, running: MockServer) -> None:
    running.worlds.create(client_id=CLIENT)
    result = run(FIXED, *options(running))
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*--mockserver-take-over*"])


@pytest.mark.parametrize("how", ["option", "ini", "environment"])
def test_it_is_taken_over(run: Run, running: MockServer, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    running.worlds.create(client_id=CLIENT)
    files = {"pytest.ini": "[pytest]\nmockserver_take_over = true\n"} if how == "ini" else {}
    if how == "environment":
        monkeypatch.setenv("MOCKSERVER_TAKE_OVER", "true")
    added = ("--mockserver-take-over",) if how == "option" else ()
    run(FIXED, *options(running), *added, files=files).assert_outcomes(passed=1)
    assert [about.world for about in running.worlds.list()] == ["default"]
