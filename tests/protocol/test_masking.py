"""Secrets appear in no journal entry and no log line."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from multidict import CIMultiDict

from mockserver.hosting.registry import DEFAULT_CLIENT_ID as CLIENT_ID
from mockserver.hosting.registry import DEFAULT_CLIENT_SECRET as SECRET
from mockserver.protocol.clients import Auth
from mockserver.protocol.masking import (
    MaskedHeaders,
    masked_body,
    masked_fields,
    masked_header,
    masked_members,
    masked_query,
    masked_token,
)
from mockserver.protocol.redaction import Secrets
from tests.conftest import Api
from tests.protocol.allocations import PATH

TOKEN = "ory_at_" + "0123456789abcdef" * 4
SHOWN = "ory_at_01234567..."
FORM = {"client_id": CLIENT_ID, "client_secret": SECRET, "grant_type": "client_credentials", "scope": "portfolios:read"}
FORM_TYPE = {"content-type": "application/x-www-form-urlencoded"}
REQUESTS = "/_mock/worlds/default/requests"


@pytest.fixture
def auth() -> Auth:
    return Auth.TOKEN


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (f"Bearer {TOKEN}", f"Bearer {SHOWN}"),
        (f"bearer  {TOKEN}", f"bearer {SHOWN}"),
        (f"Basic {b64encode(b'me:secret').decode()}", "Basic ***"),
        ("Bearer my own", "Bearer ***"),
        (f"Bearer {TOKEN}!", "Bearer ***"),
        (TOKEN, "***"),
        ("", "***"),
    ],
)
def test_of_an_authorization_the_scheme_and_the_beginning_of_a_token_are_shown(value: str, shown: str) -> None:
    assert masked_header(value) == shown


def test_a_text_that_is_no_token_is_not_shown() -> None:
    assert (masked_token(TOKEN), masked_token("ory_at_1"), masked_token("secret")) == (SHOWN, "***", "***")


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("client_id=a&client_secret=b&scope=c%3Ad+e", "client_id=a&client_secret=***&scope=c%3Ad+e"),
        ("client%5Fsecret=b", "client_secret=***"),
        ("password=b&scope=", "password=***&scope="),
        ("client_id=a%0Aclient_secret%3Db", "client_id=***"),
        ("client_id=a\nclient_secret=b", "client_id=***"),
        ('{"client_secret":"b"}=', "***"),
        ("b", "***"),
        ("", ""),
    ],
)
def test_of_a_form_only_what_is_harmless_is_shown(form: str, shown: str) -> None:
    assert masked_fields(form) == shown
    if form:
        assert masked_body(form.encode()).decode() == shown


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            {"client_id": "a", "client_secret": "b", "scope": "c"},
            {"client_id": "a", "client_secret": "***", "scope": "c"},
        ),
        ({"client": {"client_secret": "b"}, "scope": ["b"]}, {"client": "***", "scope": "***"}),
    ],
)
def test_a_form_sent_as_json_is_masked_too(body: dict[str, Any], shown: dict[str, Any]) -> None:
    assert orjson.loads(masked_body(orjson.dumps(body))) == shown


@pytest.mark.parametrize("body", [b'{"client_secret": "b"', b'["b"]', b'"b"', b"\xffb", b"--x\r\nb"])
def test_what_cannot_be_read_is_not_shown(body: bytes) -> None:
    assert masked_body(body) == b"***"


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("limit=1&offset=2", "limit=1&offset=2"),
        ("limit=1&token=b", "limit=1&token=***"),
        ("limit=1&client%5Fsecret=b", "limit=1&client_secret=***"),
        ("limit=1&a=client_secret%3Db", "limit=1&a=***"),
    ],
)
def test_of_a_query_all_is_shown_but_fields_that_tell_of_a_secret(query: str, shown: str) -> None:
    assert masked_query(query) == shown


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"user_id": "a", "token": "b"}', b'{"user_id":"a","token":"***"}'),
        (b'{"a": [{"apiSecret": {"b": 1}}], "password": null}', b'{"a":[{"apiSecret":"***"}],"password":null}'),
        (b'{"note": "my token",  "rate": 1.50}', b'{"note": "my token",  "rate": 1.50}'),
        (b"user_id=a&token=b", b"user_id=***&token=***"),
    ],
)
def test_of_another_body_the_members_with_telling_names_are_masked(body: bytes, shown: bytes) -> None:
    assert masked_members(body) == shown


def test_headers_are_masked_however_they_are_looked_at() -> None:
    plain = CIMultiDict([("Authorization", f"Bearer {TOKEN}"), ("Accept", "*/*"), ("COOKIE", "a=b")])
    headers = MaskedHeaders(plain, Secrets())
    assert dict(headers) == {"Authorization": f"Bearer {SHOWN}", "Accept": "*/*", "COOKIE": "***"}
    assert (headers["authorization"], headers.get("cookie"), headers.get("x")) == (f"Bearer {SHOWN}", "***", None)
    assert TOKEN not in repr(headers)


async def seen(client: Api) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = (await client.get(REQUESTS)).json["requests"]
    return entries


async def test_the_journal_shows_a_request_for_a_token_without_secret_and_token(client: Api) -> None:
    answer = await client.post("/auth/token", data=urlencode(FORM), headers=FORM_TYPE)
    (entry,) = await seen(client)
    assert entry["body"] == urlencode(FORM | {"client_secret": "MASK"}).replace("MASK", "***")
    assert entry["answer"] == answer.json | {"access_token": masked_token(answer.json["access_token"])}
    assert answer.json["access_token"] not in json.dumps(entry)


async def test_the_journal_shows_the_beginning_of_the_token_that_a_request_came_with(client: Api) -> None:
    token = (await client.post("/auth/token", data=urlencode(FORM), headers=FORM_TYPE)).json["access_token"]
    await client.get(PATH, headers={"authorization": f"Bearer {token}", "upvest-client-id": CLIENT_ID, "cookie": "a=b"})
    *_, entry = await seen(client)
    assert entry["status"] == 200
    assert (entry["headers"]["authorization"], entry["headers"]["cookie"]) == (f"Bearer {masked_token(token)}", "***")
    assert entry["headers"]["upvest-client-id"] == CLIENT_ID
    (listed,) = (await client.get("/_mock/worlds/default/tokens")).json["tokens"]
    assert entry["headers"]["authorization"] == f"Bearer {listed['token']}"


HEADERS = {"upvest-client-id": CLIENT_ID}
WAYS: list[dict[str, Any]] = [
    {"path": "/auth/token", "data": urlencode(FORM), "headers": FORM_TYPE},
    {"path": "/auth/token", "data": urlencode(FORM | {"client_id": "x"}), "headers": HEADERS | FORM_TYPE},
    {"path": "/auth/token", "data": urlencode(FORM) + "&client_secret=" + SECRET, "headers": HEADERS | FORM_TYPE},
    {"path": "/auth/token", "json": FORM, "headers": HEADERS},
    {"path": "/auth/token", "json": FORM, "headers": HEADERS | FORM_TYPE},
    {"path": "/auth/token", "data": f"client_secret: {SECRET}", "headers": HEADERS},
    {"path": f"/auth/token?{urlencode(FORM)}", "headers": HEADERS},
    {"path": "/auth/tokens", "data": urlencode(FORM), "headers": HEADERS | FORM_TYPE},
    {"path": "/auth/token/", "json": FORM, "headers": HEADERS},
    {"path": PATH, "json": FORM, "headers": HEADERS},
    {"path": PATH, "headers": HEADERS | {"authorization": f"Bearer {SECRET}"}},
    {"path": PATH, "headers": HEADERS | {"authorization": f"Basic {SECRET}"}},
    {"path": PATH, "headers": HEADERS | {"authorization": SECRET, "proxy-authorization": SECRET}},
]


@pytest.mark.parametrize("way", WAYS, ids=range(len(WAYS)))
async def test_whatever_way_a_secret_is_sent_it_shows_nowhere(
    client: Api, caplog: pytest.LogCaptureFixture, way: dict[str, Any]
) -> None:
    path = way["path"]
    query = "?" in path
    with caplog.at_level(logging.DEBUG):
        answer = await client.post(**way)
    assert SECRET.encode() not in answer.body
    (entry,) = await seen(client)
    assert SECRET not in json.dumps(entry)
    logged = [record.getMessage() for record in caplog.records if not (query and record.name == "aiohttp.access")]
    assert SECRET not in "".join(logged)
