"""A server in a thread of this process: for tests without pytest, and for the pytest plugin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mockserver.client import MockServer
from mockserver.embedded.clocks import keep_real_time, prepare, real_names
from mockserver.embedded.files import keep_real_files
from mockserver.testing.background_loop import BackgroundLoop

with real_names():
    from mockserver.server import RunningServer, ServerSettings, start


@contextmanager
def embedded_server(settings: ServerSettings | None = None) -> Iterator[MockServer]:
    """Start a server in a thread, give the client of its control API, and stop it at the end.

    Default settings: a free port of the loopback interface, clocks that are moved by command, and no signatures
    (``auth="token"``). Worlds are made with ``server.worlds.create(…)``.
    """
    with BackgroundLoop() as background, started(background, settings) as running, MockServer(running.url) as server:
        yield server


@contextmanager
def started(background: BackgroundLoop, settings: ServerSettings | None = None) -> Iterator[RunningServer]:
    """Run a server in a thread that is there already, in real time and on real files whatever tests do to theirs."""
    keep_real_time()
    prepare()
    keep_real_files()
    server = background.call(start(settings or ServerSettings(port=0, clock="manual", auth="token")))
    try:
        yield server
    finally:
        background.call(server.stop())
