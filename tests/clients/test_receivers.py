"""The receivers of examples/receivers, in four languages, take what is signed by either version and refuse the rest.

The guide: https://docs.upvest.co/products/tol/getting_started/implementing_webhooks/webhooks_handler
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from mockserver.server import RunningServer
from tests.clients.conftest import running

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
COMMANDS = {
    command.split()[0]: command.split()
    for command in re.findall(r"^cd examples/receivers && (.*)$", PAGE, re.MULTILINE)
}
"""Tool -> the command that the page shows."""
COMPILED = ROOT / ".pytest_cache" / "go"
"""What Go has compiled is kept: its standard library takes a minute of a core."""


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running(auth="off", clock="manual") as server:
        yield server


@pytest.fixture(scope="module", params=["python", "node", "go", "java"])
def command(request: pytest.FixtureRequest) -> list[str]:
    tool = request.param
    if tool != "python" and shutil.which(tool) is None:
        pytest.skip(f"NOT TESTED HERE: the receiver in {tool}, since {tool} is not installed")
    program, *arguments = COMMANDS[tool]
    return [sys.executable if tool == "python" else program, *arguments]


class Given:
    """A world with a subscription to a receiver of its own."""

    def __init__(self, server: RunningServer, version: str) -> None:
        settings = {"base": "sandbox", "webhooks": {"signature": version}}
        made = requests.post(
            f"{server.url}/_mock/worlds", json={"scenario": {"name": "r", "profile": settings}}, timeout=30
        )
        assert made.status_code == 201, made.text
        self.url, self.client_id = server.url, made.json()["client_id"]
        self.headers = {"upvest-client-id": self.client_id}

    def command(self, method: str, path: str, **body: Any) -> Any:
        address = f"{self.url}/_mock/worlds/{self.client_id}{path}"
        answer = requests.request(method, address, json=body or None, timeout=30)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def deliver(self, url: str) -> tuple[int, str]:
        """Subscribe a receiver and send one event: the status and the text that it answers."""
        webhook = {"title": "r", "url": url, "type": ["ALL"]}
        headers = {**self.headers, "idempotency-key": str(uuid4())}
        made = requests.post(f"{self.url}/webhooks", json=webhook, headers=headers, timeout=30)
        assert made.status_code == 201, made.text
        sent = requests.post(f"{self.url}/webhooks/{made.json()['id']}/test", headers=self.headers, timeout=30)
        assert sent.status_code == 200, sent.text
        answer = sent.json()["response"]
        return answer["status"], answer.get("body", "").strip()


@contextmanager
def listening(command: list[str], given: Given) -> Iterator[str]:
    """The address of a receiver that runs."""
    environment = {**os.environ, "MOCKSERVER_URL": given.url, "UPVEST_CLIENT_ID": given.client_id, "PORT": "0"}
    environment |= {"GOFLAGS": "", "GOTOOLCHAIN": "local", "GOCACHE": os.environ.get("GOCACHE", str(COMPILED))}
    where = ROOT / "examples" / "receivers"
    with subprocess.Popen(
        command, cwd=where, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            found = re.fullmatch(r"listening on (\d+)\n", process.stdout.readline())
            assert found is not None
            yield f"http://127.0.0.1:{found[1]}/hooks?tenant=7"
        finally:
            os.killpg(process.pid, 9)  # `go run` has the receiver as a child


def test_every_language_has_a_command() -> None:
    assert COMMANDS.keys() == {"python", "node", "go", "java"}
    files = {path.name for path in (ROOT / "examples" / "receivers").iterdir() if path.is_file()}
    assert {command[-1] for command in COMMANDS.values()} == files


@pytest.mark.parametrize("version", ["6", "15"])
def test_a_receiver_takes_what_is_genuine_and_refuses_the_rest(
    server: RunningServer, command: list[str], version: str
) -> None:
    given = Given(server, version)
    with listening(command, given) as url:
        assert given.deliver(url) == (200, "")
        given.command("PUT", "/webhook_keys/fault", fault="wrong_signature", count=1)
        assert given.deliver(url) == (401, "the signature does not fit")
        given.command("PUT", "/webhook_keys/fault", fault="expired_key", count=1)
        assert given.deliver(url) == (401, "its key is not published")
        given.command("POST", "/webhook_keys/rotate")
        assert given.deliver(url) == (200, "")
        unsigned = requests.post(url, data=b"{}", timeout=30)
        assert (unsigned.status_code, unsigned.text.strip()) == (401, "it is not signed")
