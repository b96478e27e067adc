"""Every door through which a secret can come, times every place where text is kept or logged: it is in none of them."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from io import StringIO
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus, unquote_plus, urlencode

import aiohttp
import pytest
from yarl import URL

from mockserver.cli.logs import Discreet, JsonLines
from mockserver.protocol.redaction import Secrets, masked_url
from mockserver.server import RunningServer, ServerSettings, start
from tests.domain.support.people import BYOL

CLIENT = "5f1d3c9e-1111-4222-8333-444455556666"
KEY = "9e1a5f5c-3a0f-4f5a-8a5c-5d6a8c1f0b11"
CORE = "Tr0ub4dor3"
"""Stands in every secret, and nowhere else: whatever is left of one of them is found."""

CLIENT_SECRET = f'c1/{CORE} "ü"\\&+='
CONTROL_TOKEN = f"control-{CORE}"
TOKEN_END = "feedfacecafebeef"
TOKEN = f"ory_at_{'0123456789abcdef' * 3}{TOKEN_END}"
SECRETS = {"client secret": CLIENT_SECRET, "control token": CONTROL_TOKEN, "access token": TOKEN}
LEFTOVERS = (CORE, TOKEN_END)
CONTROL = {"authorization": f"Bearer {CONTROL_TOKEN}"}
SCENARIO = {"name": "secrets", "client": {"id": CLIENT, "secret": CLIENT_SECRET}}

JSON = "application/json"


class Sent(NamedTuple):
    """A request that has a secret where none belongs."""

    path: str = "/users"
    body: bytes | None = None
    headers: dict[str, str] = {}  # noqa: RUF012 a NamedTuple's default is never changed
    content_type: str = JSON


def escaped(secret: str) -> str:
    return "".join(f"\\u{ord(character):04X}" for character in secret)


def unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda found: chr(int(found[1], 16)), text)


def lower_hex(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text)


def every_byte(secret: str) -> str:
    return "".join(f"%{byte:02x}" for byte in secret.encode())


def ascii_only(secret: str) -> str:
    return quote(secret, safe="!-~")


DOORS: dict[str, Callable[[str], Sent]] = {
    "path": lambda secret: Sent(f"/users/{quote(secret, safe='')}"),
    "path, unknown": lambda secret: Sent(f"/nowhere/{quote(secret, safe='')}/x"),
    "path, every byte encoded": lambda secret: Sent(f"/users/{every_byte(secret)}"),
    "path, encoded in lower case": lambda secret: Sent(f"/users/{lower_hex(quote(secret, safe=''))}"),
    "query": lambda secret: Sent(f"/users?{urlencode({'note': secret})}"),
    "query, a telling name": lambda secret: Sent(f"/users?{urlencode({'api_token': secret, 'limit': 1})}"),
    "query, as a name": lambda secret: Sent(f"/users?{quote_plus(secret)}=1"),
    "member": lambda secret: Sent(body=json.dumps({"note": secret}).encode()),
    "member, in UTF-8": lambda secret: Sent(body=json.dumps({"note": secret}, ensure_ascii=False).encode()),
    "member, escaped": lambda secret: Sent(body=f'{{"note": "{escaped(secret)}"}}'.encode()),
    "member, within": lambda secret: Sent(body=json.dumps({"a": [{"b": f"it is {secret}, is it not"}]}).encode()),
    "member, as a name": lambda secret: Sent(body=json.dumps({secret: 1}).encode()),
    "member of an order": lambda secret: Sent("/orders", json.dumps({"secret": secret}).encode()),
    "member of a user": lambda secret: Sent(body=json.dumps(BYOL | {"last_name": secret}).encode()),
    "form": lambda secret: Sent(
        body=urlencode({"note": secret}).encode(), content_type="application/x-www-form-urlencoded"
    ),
    "text": lambda secret: Sent(body=f"my secret is {secret}".encode(), content_type="text/plain"),
    "bytes": lambda secret: Sent(body=b"\xff\x00" + secret.encode() + b"\xfe", content_type="image/png"),
    "half of a JSON": lambda secret: Sent(body=f'{{"note": "{secret}'.encode()),
    "header": lambda secret: Sent(headers={"x-note": ascii_only(secret)}),
    "header, a telling name": lambda secret: Sent(headers={"x-api-secret": ascii_only(secret)}),
    "header, Bearer": lambda secret: Sent(headers={"x-forwarded-authorization": f"Bearer {ascii_only(secret)}"}),
    "header, Basic": lambda secret: Sent(headers={"x-old": f"Basic {b64encode(f'me:{secret}'.encode()).decode()}"}),
    "authorization": lambda secret: Sent(headers={"authorization": f"Bearer {ascii_only(secret)}"}),
    "idempotency key": lambda secret: Sent("/orders", b"{}", {"idempotency-key": ascii_only(secret)}),
    "accept": lambda secret: Sent(headers={"accept": f"text/{quote(secret, safe='')}"}),
    "content type": lambda secret: Sent(body=b"{}", content_type=f"text/{quote(secret, safe='')}"),
    "API version": lambda secret: Sent(headers={"upvest-api-version": ascii_only(secret)}),
    "key id": lambda secret: Sent(headers={"signature-input": f'sig1=();keyid="{quote(secret, safe="")}"'}),
    "form for a token": lambda secret: Sent(
        "/auth/token",
        urlencode({"client_id": CLIENT, "client_secret": secret, "grant_type": "password", "scope": secret}).encode(),
        content_type="application/x-www-form-urlencoded",
    ),
    "control, path": lambda secret: Sent(f"/_mock/worlds/{quote(secret, safe='')}"),
    "control, query": lambda secret: Sent(f"/_mock/worlds/default/state?{urlencode({'note': secret})}"),
    "control, member": lambda secret: Sent("/_mock/worlds/default/moves", json.dumps({"resource": secret}).encode()),
}
SIGNED = {
    "upvest-signature-version": "15",
    "signature-input": 'sig1=("@method" "@path" "@query" "accept" "upvest-client-id" "x-note");keyid="none";created=1',
    "signature": "sig1=:AAAA:",
    "x-note": "nothing",
}


class Lines(logging.Handler):
    """All that is logged: as a program that embeds the server gets it, and as ``serve`` prints it in either style."""

    def __init__(self, server: RunningServer) -> None:
        super().__init__(logging.DEBUG)
        self.plain = StringIO()
        self.printed = StringIO()
        self._styles = [Discreet(lines, server.hide) for lines in (JsonLines(), logging.Formatter())]

    def emit(self, record: logging.LogRecord) -> None:
        print(record.getMessage(), getattr(record, "fields", ""), file=self.plain)
        for style in self._styles:
            print(style.format(record), file=self.printed)


@asynccontextmanager
async def watched(auth: str) -> AsyncIterator[tuple[RunningServer, Lines, aiohttp.ClientSession]]:
    logger = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in ("", "mockserver")}
    logging.getLogger("mockserver").setLevel(logging.DEBUG)
    settings = ServerSettings(auth=auth, clock="manual", port=0, scenarios=[SCENARIO], control_token=CONTROL_TOKEN)
    async with await start(settings) as server, aiohttp.ClientSession() as session:
        lines = Lines(server)
        logger.addHandler(lines)
        try:
            yield server, lines, session
        finally:
            logger.removeHandler(lines)
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)


async def send(session: aiohttp.ClientSession, url: str, sent: Sent) -> int:
    headers = {"upvest-client-id": CLIENT, "accept": JSON, **SIGNED, **sent.headers}
    if sent.path.startswith("/_mock/"):
        headers |= CONTROL
    if sent.body is not None:
        headers["content-type"] = sent.content_type
    method = "GET" if sent.body is None else "POST"
    async with session.request(method, URL(url + sent.path, encoded=True), data=sent.body, headers=headers) as answer:
        await answer.read()
        return answer.status


async def kept(session: aiohttp.ClientSession, url: str) -> dict[str, str]:
    """Every record of requests that the control API shows."""
    world = f"{url}/_mock/worlds/default"

    async def text(path: str, body: Any = None) -> str:
        async with session.request(
            "GET" if body is None else "POST", world + path, json=body, headers=CONTROL
        ) as answer:
            return await answer.text()

    journal = await text("/requests")
    ids = [entry["request_id"] for entry in json.loads(journal)["requests"]]
    never = {"path": "/never", "query": {"note": "x"}, "headers": {"x-note": "x", "accept": "x"}, "body": {"note": "x"}}
    return {
        "journal": journal,
        "nearest misses": await text("/requests/verify", never),
        "recording": await text("/scenario"),
        "recording in JSON": await text("/scenario?format=json"),
        "failures": await text("/failures"),
        "tokens": await text("/tokens"),
        **{f"explanation {id_}": await text(f"/explanations/{id_}") for id_ in ids},
    }


def shown(secret: str) -> str:
    return "ory_at_01234567..." if secret == "access token" else "***"


def leftovers(text: str) -> Iterator[str]:
    """What is left of secrets in a text, in whatever way its characters are spelled."""
    for readable in (text, unquote_plus(text), unescaped(text)):
        yield from (leftover for leftover in LEFTOVERS if leftover in readable)


@pytest.mark.parametrize("auth", ["off", "strict"])
@pytest.mark.parametrize("secret", SECRETS)
async def test_a_secret_is_in_no_record_and_no_line_whatever_door_it_came_through(secret: str, auth: str) -> None:
    found: dict[str, list[str]] = {}
    for name, door in DOORS.items():
        async with watched(auth) as (server, lines, session):
            status = await send(session, server.url, door(SECRETS[secret]))
            places = await kept(session, server.url)
        assert status < 500, name
        places |= {"log": lines.plain.getvalue(), "printed log": lines.printed.getvalue()}
        if not door("").path.startswith("/_mock/"):
            assert '"requests":[]' not in places["journal"], name
        found[name] = [place for place, text in places.items() if any(leftovers(text))]
    assert {name: places for name, places in found.items() if places} == {}


async def test_a_token_that_the_server_gave_out_is_in_no_record() -> None:
    form = {
        "client_id": CLIENT,
        "client_secret": CLIENT_SECRET,
        "grant_type": "client_credentials",
        "scope": "users:read",
    }
    async with watched("token") as (server, lines, session):
        async with session.post(f"{server.url}/auth/token", data=form, headers={"accept": JSON}) as answer:
            token = (await answer.json())["access_token"]
        await send(session, server.url, Sent(f"/users/{token}", headers={"authorization": f"Bearer {token}"}))
        places = await kept(session, server.url)
    places |= {"log": lines.plain.getvalue(), "printed log": lines.printed.getvalue()}
    assert [place for place, text in places.items() if token in text or CORE in text] == []
    assert f"/users/{token[:15]}..." in places["log"]


@pytest.mark.parametrize("secret", SECRETS)
async def test_a_refused_request_with_a_secret_is_left_out_of_a_recording_with_a_note(secret: str) -> None:
    doors = ("path", "path, unknown", "member", "member of an order")
    async with watched("off") as (server, _, session):
        for name in doors:
            await send(session, server.url, DOORS[name](SECRETS[secret]))
        recording = json.loads((await kept(session, server.url))["recording in JSON"])
    assert [step["note"].split("answered")[0] for step in recording["steps"]] == [
        f"Left out: {method} {path} was "
        for method, path in [
            ("GET", f"/users/{shown(secret)}"),
            ("GET", f"/nowhere/{shown(secret)}/x"),
            ("POST", "/users"),
            ("POST", "/orders"),
        ]
    ]
    assert all(step["note"].endswith("has a secret in it, which no recording holds") for step in recording["steps"])


async def test_a_recording_is_refused_where_a_secret_was_accepted() -> None:
    """It would not repeat what was done: what stands in the secret's place may not be accepted."""
    async with watched("off") as (server, _, session):
        assert await send(session, server.url, DOORS["query, a telling name"](CLIENT_SECRET)) == 200
        recording = (await kept(session, server.url))["recording"]
    assert "the request 1, GET /users, has a secret in it, which no recording holds" in json.loads(recording)["detail"]


async def test_a_webhooks_url_loses_user_info_and_query_in_the_log() -> None:
    target = "http://user:s3cr3t-pass@127.0.0.1:1/hooks?key=s3cr3t-key#s3cr3t-part"
    scenario = SCENARIO | {"webhooks": [{"url": target, "type": ["USER"]}]}
    lines: list[str] = []
    came = asyncio.Event()

    class Deliveries(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.getMessage().startswith("delivery of"):
                lines.append(f"{record.getMessage()} {getattr(record, 'fields', '')}")
                came.set()

    logger, handler = logging.getLogger("mockserver"), Deliveries()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        settings = ServerSettings(auth="off", clock="real", port=0, scenarios=[scenario])
        async with await start(settings) as server, aiohttp.ClientSession() as session:
            await send(session, server.url, Sent("/users", json.dumps(BYOL).encode(), {"idempotency-key": KEY}))
            async with asyncio.timeout(10):
                await came.wait()
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
    assert all(" to http://127.0.0.1:1/hooks failed" in line for line in lines)
    assert not any("s3cr3t" in line for line in lines)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:hush@example.com:8443/a/b?c=d#e", "https://example.com:8443/a/b"),
        ("http://hush@localhost/", "http://localhost/"),
        (f"http://localhost/{TOKEN}", "http://localhost/ory_at_01234567..."),
        ("http://[::1]:80/a%20b?c", "http://[::1]/a%20b"),
        ("http://me:hush@[bad/", "***"),
        ("hush", "***"),
    ],
)
def test_of_a_url_a_log_shows_where_it_goes(url: str, shown: str) -> None:
    assert masked_url(url) == shown


def test_a_word_that_is_too_short_to_be_a_secret_is_left_alone() -> None:
    """With the client secret ``test``, half of a journal would be masked otherwise."""
    assert Secrets(["test"]).hide("a test of test.py") == "a test of test.py"


def test_a_secret_that_is_also_the_public_client_id_is_left_alone() -> None:
    assert Secrets([CLIENT], but=CLIENT).hide(f"client {CLIENT}") == f"client {CLIENT}"
