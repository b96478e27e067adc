"""Load from a process of its own: by wrk where it is installed, else by the client of :mod:`benchmarks.client`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

CONNECTIONS: Final = 8
COUNT: Final = 8_000
"""Requests of a turn of the small client; wrk asks for :data:`SECONDS`."""
SECONDS: Final = 1
TOOL: Final = "wrk" if shutil.which("wrk") else "the small client"
SCRIPT: Final = Path(__file__).with_name("requests.lua")


def get(host: str, port: str, path: str, headers: Mapping[str, str]) -> bytes:
    """The bytes of a GET."""
    sent = {"host": f"{host}:{port}", "accept": "application/json", **headers}
    return "\r\n".join([f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]).encode()


def repeated(address: Sequence[str], headers: Mapping[str, str] | None = None) -> float:
    """Answers a second to one GET, sent again and again; ``address``: host, port and path."""
    host, port, path, *_ = address
    if TOOL == "wrk":
        options = [f"-H{name}: {value}" for name, value in {"accept": "application/json", **(headers or {})}.items()]
        return _wrk(f"-d{SECONDS}s", *options, f"http://{host}:{port}{path}")
    return _client(host, port, [get(host, port, path, headers or {})])


def once(host: str, port: str, requests: Sequence[bytes]) -> float:
    """Answers a second to requests that are sent once each; there have to be enough for :data:`SECONDS`."""
    if TOOL != "wrk":
        return _client(host, port, requests)
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"\0".join(requests))
        file.flush()
        return _wrk(f"-d{SECONDS}s", "-s", str(SCRIPT), f"http://{host}:{port}/", "--", file.name)


def _wrk(*arguments: str) -> float:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", *arguments]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    failed = sum(
        int(count) for count in re.findall(r"(?:Non-2xx or 3xx responses: |(?:connect|read|write|timeout) )(\d+)", said)
    )
    rate = re.search(r"Requests/sec: +([0-9.]+)", said)
    if rate is None or failed:
        raise RuntimeError(f"{' '.join(command)}: {said}")
    return float(rate[1])


def _client(host: str, port: str, requests: Sequence[bytes]) -> float:
    command = [sys.executable, "-m", "benchmarks.client", host, port, str(CONNECTIONS), str(COUNT)]
    run = subprocess.run(command, input=b"\0".join(requests), stdout=subprocess.PIPE, check=True)
    return float(run.stdout)
