"""Servers in processes of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError

PATIENCE = 20.0


@contextmanager
def serving(*which: str) -> Iterator[list[str]]:
    """A server of :mod:`benchmarks.serving`; gives host, port, path and what else it prints."""
    command = [sys.executable, "-m", "benchmarks.serving", *which]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield process.stdout.readline().split()
        finally:
            process.stdin.close()
            process.terminate()


@contextmanager
def started(path: str, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A server as the command line starts it, and how many seconds its first answer took: that to a GET of ``path``."""
    port = free_port()
    begin = time.perf_counter()
    command = [sys.executable, "-m", "mockserver", "serve", "--port", str(port), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=compiled()) as process:
        assert process.stdout is not None
        try:
            process.stdout.readline()  # it listens; asking all the while would take a core from it
            while not _answers(f"http://127.0.0.1:{port}{path}"):
                if time.perf_counter() - begin > PATIENCE:
                    raise TimeoutError(f"no answer within {PATIENCE} s")
            yield process, time.perf_counter() - begin
        finally:
            process.terminate()


def compiled() -> dict[str, str]:
    """An environment in which bytecode is kept, as it is of whatever pip has installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE):
            return True
    except (URLError, ConnectionError):
        return False


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
