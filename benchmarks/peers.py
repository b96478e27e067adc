"""The mock beside its peers, on the same machine in the same run.

Each sends one account by id: start (the command to the first 200), the time of that first answer, answers a second over
eight kept connections, reset, stop, and memory before and after the load. `benchmarks/peers.md` says how the peers are
installed; what is not there is left out.
"""

from __future__ import annotations

import http.client
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks import load
from benchmarks.measure import Row
from benchmarks.processes import compiled, free_port
from mockserver.contract import contract
from mockserver.hosting.registry import DEFAULT_CLIENT_ID

RESETS = 20
LOADS = 3
WARM = 3
"""Loads before those that count: what is compiled while it runs gets faster."""
PATIENCE = 60.0
ACCOUNT = "9f613d30-4c0e-4ab5-9d5a-5ad26b8d2d0f"
READ = f"/accounts/{ACCOUNT}"
NEEDED: Mapping[str, str] = {
    # What the contract requires of every request: the peers that know it check that it is there.
    "upvest-client-id": DEFAULT_CLIENT_ID,
    "authorization": "Bearer none",
    "signature": "sig1=:AA==:",
    "signature-input": "sig1=()",
}
BODY: Mapping[str, object] = {
    "id": ACCOUNT,
    "created_at": "2023-01-10T08:00:00Z",
    "updated_at": "2023-01-10T08:00:00Z",
    "account_group_id": "fa2414ed-8d62-46fd-85ed-565a340c81d6",
    "type": "TRADING",
    "users": [{"id": "9c36af78-91a0-4174-a515-fc81214e3dab", "type": "OWNER"}],
    "account_number": 1,
    "name": "Main account",
    "status": "ACTIVE",
}


@dataclass(frozen=True)
class Peer:
    """One server: how it is started, filled, read and reset."""

    name: str
    command: Callable[[Path, Path, int], Sequence[str] | None]
    """``(home, scratch, port)`` -> its command; ``None``: it is not installed."""
    path: str = READ
    fill: Callable[[int], None] | None = None
    """Put in by requests what the command could not say."""
    reset: tuple[str, str] | None = None
    """Method and path."""
    environment: Mapping[str, str] = field(default_factory=dict)


# --- The peers ---


def _ours(_: Path, scratch: Path, port: int) -> Sequence[str]:
    scenario = scratch / "one.yaml"
    scenario.write_text(f"name: one\ndescription: One account.\naccounts: [{{id: {ACCOUNT}}}]\n")
    serve = ["serve", "--auth", "off", "--clock", "manual", "--scenario", str(scenario), "--port", str(port)]
    return [sys.executable, "-m", "mockserver", *serve]


def _bare(_: Path, scratch: Path, port: int) -> Sequence[str]:
    script = scratch / "bare.py"
    script.write_text(
        "from aiohttp import web\n"
        f"body = {json.dumps(BODY).encode()!r}\n"
        "async def answer(request):\n"
        "    return web.Response(body=body, headers={'content-type': 'application/json'})\n"
        "application = web.Application()\n"
        "application.router.add_get('/accounts/{id}', answer)\n"
        f"web.run_app(application, host='127.0.0.1', port={port}, access_log=None, print=None)\n"
    )
    return [sys.executable, str(script)]


def _wiremock(home: Path, scratch: Path, port: int) -> Sequence[str] | None:
    jar = next((home / "node_modules/wiremock").glob("build/*.jar"), None)
    if jar is None or not shutil.which("java"):
        return None
    (scratch / "mappings").mkdir()
    stub = {"request": {"method": "GET", "urlPath": READ}, "response": {"status": 200, "jsonBody": BODY}}
    (scratch / "mappings/account.json").write_text(json.dumps(stub))
    return ["java", "-jar", str(jar), "--port", str(port), "--root-dir", str(scratch)]


def _mockserver(home: Path, _: Path, port: int) -> Sequence[str] | None:
    jar = next((home / "node_modules/mockserver-node").glob("*.jar"), None)
    if jar is None or not shutil.which("java"):
        return None
    return ["java", "-jar", str(jar), "-serverPort", str(port), "-logLevel", "WARN"]


def _fill_mockserver(port: int) -> None:
    _until(lambda: _asked(port, "PUT", "/mockserver/status")[0] == 200)
    body = json.dumps({"specUrlOrPayload": contract().document, "operationsAndResponses": {"retrieve_account": "200"}})
    status, answer = _asked(port, "PUT", "/mockserver/openapi", body)
    if status != 201:
        raise RuntimeError(f"MockServer took no contract: {status} {answer[:300]!r}")


def _prism(home: Path, scratch: Path, port: int) -> Sequence[str] | None:
    program = home / "node_modules/.bin/prism"
    file = scratch / "contract.json"
    file.write_text(json.dumps(contract().document))
    return [str(program), "mock", "-h", "127.0.0.1", "-p", str(port), str(file)] if program.exists() else None


def _json_server(home: Path, scratch: Path, port: int) -> Sequence[str] | None:
    program = home / "node_modules/.bin/json-server"
    file = scratch / "db.json"
    file.write_text(json.dumps({"accounts": [BODY]}))
    return [str(program), "--host", "127.0.0.1", "--port", str(port), str(file)] if program.exists() else None


def _moto(home: Path, _: Path, port: int) -> Sequence[str] | None:
    program = home / "py/bin/moto_server"
    return [str(program), "-H", "127.0.0.1", "-p", str(port)] if program.exists() else None


def _fill_moto(port: int) -> None:
    """An object of a bucket: the nearest thing to a resource that it reads by name."""
    _until(lambda: _asked(port, "GET", "/moto-api/data.json")[0] == 200)
    for path, body in (("/bucket", ""), ("/bucket/account", json.dumps(BODY))):
        status, answer = _asked(port, "PUT", path, body)
        if status != 200:
            raise RuntimeError(f"Moto answered {status} {answer[:300]!r}")


def _pytest_httpserver(home: Path, scratch: Path, port: int) -> Sequence[str] | None:
    python = home / "py/bin/python"
    if (
        not python.exists()
        or subprocess.run([python, "-c", "import pytest_httpserver"], check=False, capture_output=True).returncode
    ):
        return None
    script = scratch / "httpserver.py"
    script.write_text(
        "import time\n"
        "from pytest_httpserver import HTTPServer\n"
        f"server = HTTPServer(host='127.0.0.1', port={port}, threaded=True)\n"
        f"server.expect_request({READ!r}).respond_with_json({dict(BODY)!r})\n"
        "server.start()\n"
        "time.sleep(600)\n"
    )
    return [str(python), str(script)]


PEERS = (
    Peer("mockserver (this)", _ours, reset=("POST", "/_mock/worlds/default/reset")),
    Peer("bare aiohttp", _bare),
    Peer("WireMock", _wiremock, reset=("POST", "/__admin/mappings/reset")),
    Peer("MockServer, this contract", _mockserver, fill=_fill_mockserver, reset=("PUT", "/mockserver/reset")),
    Peer("Prism, this contract", _prism),
    Peer("Moto", _moto, path="/bucket/account", fill=_fill_moto, reset=("POST", "/moto-api/reset")),
    Peer("json-server", _json_server, environment={"NODE_ENV": "production"}),
    Peer("pytest-httpserver", _pytest_httpserver),
)


# --- Measuring ---


def rows(home: Path) -> Iterator[Row]:
    for peer in PEERS:
        with tempfile.TemporaryDirectory() as scratch:
            port = free_port()
            command = peer.command(home, Path(scratch), port)
            if command is None:
                print(f"{peer.name}: not installed", file=sys.stderr)
            else:
                yield _measured(peer, command, port)


def _measured(peer: Peer, command: Sequence[str], port: int) -> Row:
    begin = time.perf_counter()
    with _running(command, peer.environment) as process:
        if peer.fill is not None:
            peer.fill(port)
        first = _first(port, peer.path)
        start = time.perf_counter() - begin
        idle = _megabytes(process)
        address = ("127.0.0.1", str(port), peer.path)
        speeds = [load.repeated(address, NEEDED) for _ in range(WARM + LOADS)][WARM:]
        loaded = _megabytes(process)
        reset = None if peer.reset is None else statistics.median(_timed(port, *peer.reset) for _ in range(RESETS))
        begin = time.perf_counter()
        process.terminate()
        process.wait(PATIENCE)
        stop = time.perf_counter() - begin
    return Row(
        peer.name,
        start_ms=round(start * 1e3),
        first_ms=round(first * 1e3, 1),
        answers_per_second=round(statistics.median(speeds)),
        reset_ms=None if reset is None else round(reset * 1e3, 2),
        stop_ms=round(stop * 1e3),
        idle_mb=round(idle),
        loaded_mb=round(loaded),
    )


@contextmanager
def _running(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    null = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=null, stderr=null, env={**compiled(), **environment}) as process:
        try:
            yield process
        finally:
            for each in _family(process):
                each.kill()


def _family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    try:
        parent = psutil.Process(process.pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _megabytes(process: subprocess.Popen[bytes]) -> float:
    return sum(each.memory_info().rss for each in _family(process)) / 1e6


def _first(port: int, path: str) -> float:
    """Wait for the first 200; the seconds from its request to it."""
    begin = 0.0

    def answered() -> bool:
        nonlocal begin
        begin = time.perf_counter()
        return _asked(port, "GET", path)[0] == 200

    _until(answered)
    return time.perf_counter() - begin


def _timed(port: int, method: str, path: str) -> float:
    begin = time.perf_counter()
    status, answer = _asked(port, method, path)
    if status >= 300:
        raise RuntimeError(f"{method} {path} answered {status} {answer[:300]!r}")
    return time.perf_counter() - begin


def _asked(port: int, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, {**NEEDED, "content-type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


def _until(done: Callable[[], bool]) -> None:
    end = time.perf_counter() + PATIENCE
    while not done():
        if time.perf_counter() > end:
            raise TimeoutError(f"no answer within {PATIENCE:g} s")
        time.sleep(0.005)
