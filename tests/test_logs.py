"""What a server logs: nothing of the ordinary by default, each request and each delivery where that is wanted."""

from __future__ import annotations

import http.client
import logging
import os
import signal
import subprocess
import sys
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp
import orjson
import pytest

from mockserver.cli.logs import JsonLines
from mockserver.hosting.registry import DEFAULT_CLIENT_SECRET
from mockserver.server import ServerSettings, start

OFF = ServerSettings(auth="off", clock="manual", port=0, scenarios=["portfolio-switch"])


async def lines_of_two_requests(caplog: pytest.LogCaptureFixture, level: int) -> list[logging.LogRecord]:
    caplog.set_level(level, "mockserver")
    async with await start(OFF) as server, aiohttp.ClientSession() as session:
        for path in ("/accounts?limit=1", "/nowhere"):
            async with session.get(server.url + path) as answer:
                await answer.read()
    return [record for record in caplog.records if record.name == "mockserver.protocol.access_log"]


async def test_each_request_is_a_line_of_the_level_info(caplog: pytest.LogCaptureFixture) -> None:
    first, second = await lines_of_two_requests(caplog, logging.INFO)
    assert (first.getMessage(), second.getMessage()) == ("GET /accounts → 200", "GET /nowhere → 404")
    line = orjson.loads(JsonLines().format(first))
    assert (line["method"], line["path"], line["status"], line["level"]) == ("GET", "/accounts", 200, "info")
    assert len(line["request_id"]) == 36
    assert line["ms"] > 0


async def test_requests_are_not_logged_by_default(caplog: pytest.LogCaptureFixture) -> None:
    assert await lines_of_two_requests(caplog, logging.WARNING) == []


def test_a_line_of_json_holds_the_error_and_stays_one_line() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        record = logging.getLogger("mockserver.test").makeRecord(
            "mockserver.test", logging.ERROR, "file", 1, "%s failed", ("a rule",), sys.exc_info()
        )
    text = JsonLines().format(record)
    assert "\n" not in text
    line = orjson.loads(text)
    assert (line["message"], line["level"]) == ("a rule failed", "error")
    assert line["error"].endswith("ValueError: first\nsecond")
    assert datetime.fromisoformat(line["time"]).tzinfo is not None


def test_a_container_tells_everything_in_lines_of_json() -> None:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--auth", "off"]
    settings = {"MOCKSERVER_LOG": "json", "MOCKSERVER_LOG_LEVEL": "info", "MOCKSERVER_CLOCK": "manual"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env={**os.environ, **settings}) as process:
        assert process.stdout is not None
        introduction = orjson.loads(process.stdout.readline())
        (world,) = introduction["worlds"]
        assert (world["world"], world["auth"], world["profile"]) == ("default", "off", "sandbox")
        assert DEFAULT_CLIENT_SECRET not in str(introduction)
        connection = http.client.HTTPConnection(urlsplit(introduction["url"]).netloc, timeout=10)
        connection.request("GET", "/users")
        assert connection.getresponse().read()
        connection.close()
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert out == ""
    (line,) = map(orjson.loads, errors.splitlines())
    assert (line["message"], line["status"]) == ("GET /users → 200", 200)
