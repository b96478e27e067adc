"""What the usual HTTP clients send by themselves passes, unless a published text refuses it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from mockserver.hosting.registry import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET
from mockserver.protocol.clients import Auth
from tests.conftest import Api

FORM = (
    f"client_id={DEFAULT_CLIENT_ID}&client_secret={DEFAULT_CLIENT_SECRET}"
    "&grant_type=client_credentials&scope=accounts%3Aread+webhooks%3Aadmin"
).encode()
WEBHOOK = json.dumps({"title": "Mine", "url": "http://127.0.0.1:9/none", "type": ["ALL"]}).encode()

CAPTURED = yaml.safe_load(Path(__file__).with_name("captured.yaml").read_text(encoding="utf-8"))
REQUESTS = [
    pytest.param(kind, head, id=f"{entry['client']}: {kind}")
    for entry in CAPTURED
    for kind, head in entry["requests"].items()
]

PUBLISHED = {
    # concepts.md §2.2 [D]: content-type is signed where there is a body; the contract [S] has application/json alone
    "write-untyped": (400, "unexpected request Content-Type"),
}
"""Kinds of requests that are refused, with the status, what it says and the text that says so."""


class Answered(NamedTuple):
    status: int
    body: bytes


async def sent(client: Api, head: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answered:
    """Send what was captured, with another address, body and length, and with ``headers`` behind its own."""
    method, *lines = head.splitlines()
    captured = [tuple(line.split(": ", 1)) for line in lines]
    changed = {"host": f"127.0.0.1:{client.http.port}", "content-length": str(len(body))}
    written = [f"{name}: {changed.get(name.lower(), value)}" for name, value in captured]
    written += (f"{name}: {value}" for name, value in (headers or {}).items())
    asks = ("expect", "100-continue") in {(name.lower(), value) for name, value in captured}
    if any(name.lower() == "transfer-encoding" for name, _ in captured):
        body = (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", client.http.port)
    try:
        writer.write("\r\n".join([f"{method} {path} HTTP/1.1", *written, "", ""]).encode())
        if asks:
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        start, *answered = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        lengths = [int(line[15:]) for line in answered if line.lower().startswith("content-length:")]
        return Answered(int(start.split(" ")[1]), await reader.readexactly(sum(lengths)))
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.fixture
def auth() -> Auth:
    return Auth.TOKEN


@pytest.fixture
async def rights(client: Api) -> dict[str, str]:
    """The headers that every program adds itself."""
    typed = {"content-type": "application/x-www-form-urlencoded"}
    token = (await client.post("/auth/token", data=FORM, headers=typed)).json["access_token"]
    return {
        "authorization": f"Bearer {token}",
        "upvest-client-id": DEFAULT_CLIENT_ID,
        "idempotency-key": "404b170a-9042-41ed-9a51-2eabd0c03f8a",
    }


async def webhook(client: Api, rights: dict[str, str]) -> str:
    """The path of a new webhook."""
    created = await client.post("/webhooks", data=WEBHOOK, headers=rights)
    return f"/webhooks/{created.json['id']}"


@pytest.mark.parametrize(("kind", "head"), REQUESTS)
async def test_it_passes(client: Api, rights: dict[str, str], kind: str, head: str) -> None:
    answer: Any
    if kind == "form":
        answer, expected = await sent(client, head, "/auth/token", FORM), 200
    elif kind in {"read", "read-page"}:
        answer, expected = await sent(client, head, "/accounts", headers=rights), 200
    elif kind == "delete":
        answer, expected = await sent(client, head, await webhook(client, rights), headers=rights), 204
    elif kind == "post":
        answer, expected = await sent(client, head, f"{await webhook(client, rights)}/test", headers=rights), 200
    else:
        body = WEBHOOK + b" " * 1_100_000 if kind == "write-long" else WEBHOOK
        answer, expected = await sent(client, head, "/webhooks", body, headers=rights), 201
    expected, text = PUBLISHED.get(kind, (expected, ""))
    assert (answer.status, text.encode() in answer.body) == (expected, True), answer.body


def test_every_client_is_there_with_every_kind_of_request() -> None:
    kinds = {"form", "read", "write", "post", "delete"}
    captured = {entry["client"]: kinds - set(entry["requests"]) for entry in CAPTURED if "documented" not in entry}
    assert {client for client, missing in captured.items() if missing} == set()
    names = (
        "fetch|axios 1.4|axios 1.2|Chromium|requests|httpx|aiohttp|curl|net/http|java.net.http|HttpURLConnection|OkHttp"
    )
    names += "|Spring RestClient|Apache HttpClient"
    assert [name for name in names.split("|") if not any(client.startswith(name) for client in captured)] == []
    assert any(entry["client"].startswith("System.Net.Http.HttpClient") for entry in CAPTURED)
