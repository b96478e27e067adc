"""What the pytest fixture costs: starting and stopping its server, and a world for each test.

Beside the servers of pytest-httpserver (``clear`` between tests) and Moto (``reset`` between tests), each in this
process, where they are installed. target: a stop under 5 ms.
"""

from __future__ import annotations

import logging
import statistics
import time
import urllib.request
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import Figure, milliseconds
from mockserver.pytest_plugin.marks import marked_world
from mockserver.pytest_plugin.session import opened

TURNS = 10
TESTS = 20
LINES = (
    ("start", "fixture: server start", 50.0),
    ("test", "fixture: a world for a test", 10.0),
    ("stop", "fixture: server stop", 5.0),
)
"""The stop's bound is the design's, the others are ours."""
NOT_THERE = "not installed"


class Costs(NamedTuple):
    """Seconds, medians of several turns."""

    start: float
    test: float
    stop: float


def figures() -> Iterator[Figure]:
    ours = _median(_ours)
    others = {
        "pytest-httpserver": _median(_httpserver) if find_spec("pytest_httpserver") else None,
        "Moto": _median(_moto) if find_spec("moto") and find_spec("flask") else None,
    }
    for name, what, most in LINES:
        beside = ", ".join(
            f"{peer} {NOT_THERE if costs is None else milliseconds(getattr(costs, name))}"
            for peer, costs in others.items()
        )
        mine = getattr(ours, name)
        yield Figure(what, milliseconds(mine), beside, mine * 1e3, most, least=False, unit="ms")


def _ours() -> Costs:
    begin = time.perf_counter()
    with opened(None, None, None) as session:
        started = time.perf_counter()
        plain = marked_world({}, Path())
        for _ in range(TESTS):
            session.make(plain, asynchronous=False).close()
        tested = time.perf_counter()
    return Costs(started - begin, (tested - started) / TESTS, time.perf_counter() - tested)


def _httpserver() -> Costs:
    server = import_module("pytest_httpserver").HTTPServer(host="127.0.0.1", port=0)
    return _played(server.start, server.clear, server.stop)


def _moto() -> Costs:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it would log every reset
    server = import_module("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)

    def reset() -> None:
        host, port = server.get_host_and_port()
        urllib.request.urlopen(f"http://{host}:{port}/moto-api/reset", data=b"").read()

    return _played(server.start, reset, server.stop)


def _played(start: Callable[[], object], between: Callable[[], object], stop: Callable[[], object]) -> Costs:
    begin = time.perf_counter()
    start()
    started = time.perf_counter()
    for _ in range(TESTS):
        between()
    tested = time.perf_counter()
    stop()
    return Costs(started - begin, (tested - started) / TESTS, time.perf_counter() - tested)


def _median(play: Callable[[], Costs]) -> Costs:
    play()  # what is imported at the first use is paid once, and not by each session
    turns = [play() for _ in range(TURNS)]
    return Costs(*(statistics.median(turn[place] for turn in turns) for place in range(3)))
