"""Whatever is sent: a documented 4xx, an unchanged world, and a server that goes on."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.contract import Operation, contract
from mockserver.kernel.rules import Refusal
from mockserver.kernel.world import World
from mockserver.protocol.parsing import Parser
from tests.conformance import assert_problem
from tests.conftest import Api
from tests.lanes import examples
from tests.protocol.allocations import BODY, HANDLERS, KIND, PATH
from tests.protocol.conftest import Serve

BODIES = {
    "not utf-8": b'{"name": "\xff\xfe"}',
    "utf-16": '{"name": "x"}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "a bare nul": b'{"name": "\x00"}',
    "half a character": b'{"name": "\\ud800"}',
    "deep arrays": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep inside": b'{"allocation":' + b"[" * 190 + b"]" * 190 + b"}",
    "a huge integer": b'{"name": ' + b"9" * 100_000 + b"}",
    "an infinite number": b'{"name": 1e999}',
    "a number that is none": b'{"name": NaN}',
    "a huge name": b'{"' + b"x" * 500_000 + b'": 1}',
    "many names": b"{" + b",".join(b'"%d":1' % number for number in range(50_000)) + b"}",
    "many mistakes": b'{"allocation":[' + b"{}," * 50_000 + b"1]}",
    "nothing": b"",
    "white space": b" \n\t",
    "null": b"null",
    "a text": b'"allocation"',
    "two values": b"{}{}",
    "a comment": b"{} // nothing",
    "single quotes": b"{'name': 'x'}",
    "a trailing comma": b'{"name": "x",}',
    "half": b'{"allocation": [{"instru',
}


@pytest.fixture
async def api(serve: Serve) -> Api:
    return await serve(HANDLERS)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_a_body_that_is_no_json_of_the_contract(api: Api, world: World, body: bytes) -> None:
    answer = await api.post(PATH, data=body)
    assert answer.status == 400
    assert not len(world.table(KIND))
    assert (await api.post(PATH, json=BODY)).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/%00",
        "/accounts/%ff%fe",
        "/accounts/%F0%9F%92%A9",
        "/accounts/..%2f..%2fetc",
        "/accounts/" + "a" * 5000,
    ],
)
async def test_a_path_that_is_no_id(api: Api, path: str) -> None:
    assert (await api.get(path)).status in {400, 404}


@pytest.mark.parametrize(
    "query",
    [
        "limit=%00",
        "limit=%ff",
        "limit=9999999999999999999999",
        "offset=1e5",
        "order[]=ASC",
        "&&&",
        "limit=1;drop",
        "sort=%0a",
    ],
)
async def test_a_query_that_is_no_query(api: Api, query: str) -> None:
    assert (await api.get(f"{PATH}?{query}")).status in {200, 400}


HEADERS = (
    b"host: x\r\ncontent-type: application/json\r\nidempotency-key: 404b170a-9042-41ed-9a51-2eabd0c03f8a\r\n"
    b"connection: close\r\n"
)
RAW = {
    "longer than it may be": b"content-length: 99999999999\r\n\r\n{}",
    "packed rubbish": b"content-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello",
    "packed zeros": b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n%b"
    % (len(bomb := gzip.compress(b"0" * 20_000_000)), bomb),
    "endless chunks": b"transfer-encoding: chunked\r\n\r\n"
    + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 40
    + b"0\r\n\r\n",
    "an unknown expectation": b"expect: miracles\r\ncontent-length: 2\r\n\r\n{}",
    "bytes in a header": b"upvest-api-version: \xff\xfe\r\ncontent-length: 2\r\n\r\n{}",
}


@pytest.mark.parametrize("rest", RAW.values(), ids=RAW)
async def test_a_request_that_is_hardly_one(client: Api, rest: bytes) -> None:
    status, headers, body = await raw(client, b"POST /portfolios/allocations HTTP/1.1\r\n" + HEADERS + rest)
    assert status == 400
    assert_problem(status, headers, body)
    assert (await client.get(PATH)).status == 200


async def test_a_sender_that_leaves_in_the_middle_disturbs_nobody(client: Api) -> None:
    _, writer = await asyncio.open_connection(client.http.host, client.http.port)
    writer.write(b"POST /portfolios/allocations HTTP/1.1\r\n" + HEADERS + b"content-length: 1000\r\n\r\n{")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await client.get(PATH)).status == 200


async def raw(api: Api, data: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes; the last answer, since a 100 Continue may come before."""
    reader, writer = await asyncio.open_connection(api.http.host, api.http.port)
    writer.write(data)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    first, *lines = head.decode("latin1").strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    writer.close()
    return int(first.split()[1]), headers, body


JSON_TYPE = {"content-type": "application/json"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
WITH_BODY = [each for each in contract().operations.values() if each.body is not None and each.id != "issue_token"]


@given(operation=st.sampled_from(WITH_BODY), body=JSON, data=st.data())
@settings(max_examples=examples(100, heavy=3_000), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_is_parsed_or_refused(operation: Operation, body: Any, data: st.DataObject) -> None:
    assert operation.body is not None
    assert operation.body.schema is not None
    schema = contract().document["components"]["schemas"][operation.body.schema]
    names = sorted(schema.get("properties", {}))
    if names and isinstance(body, dict):
        body = {**body, **{name: data.draw(JSON) for name in data.draw(st.lists(st.sampled_from(names), max_size=5))}}
    assert_parsed_or_refused(operation, json.dumps(body).encode())


@given(operation=st.sampled_from(WITH_BODY), body=st.binary(max_size=200))
@settings(max_examples=examples(70, heavy=2_000), deadline=None)
def test_any_bytes_are_parsed_or_refused(operation: Operation, body: bytes) -> None:
    assert_parsed_or_refused(operation, body)


def assert_parsed_or_refused(operation: Operation, body: bytes) -> None:
    path = {each.name: "404b170a-9042-41ed-9a51-2eabd0c03f8a" for each in operation.path_parameters}
    try:
        _parser(operation).call(path, "", JSON_TYPE, body)
    except Refusal as refused:
        refusal = refused
    else:
        return
    assert refusal.rule.status in {400, 404}
    assert len(refusal.detail) <= 2100


_PARSERS: dict[str, Parser] = {}


def _parser(operation: Operation) -> Parser:
    return _PARSERS.setdefault(operation.id, Parser(operation))
