"""The four ways to write the JSON of a delivery: other bytes, the same document."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.kernel.settings import JsonFormat
from mockserver.webhooks.json_format import formatted

FORMATS = get_args(JsonFormat)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def documents(scalars: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=10)


VALUES, WITHOUT_FLOATS = documents(SCALARS | FLOATS), documents(SCALARS)
"""Python writes some floats in another way than orjson."""


@settings(max_examples=50)
@given(VALUES)
def test_every_format_is_the_same_document(value: Any) -> None:
    compact = orjson.dumps(value)
    for each in FORMATS:
        assert json.loads(formatted(compact, each)) == json.loads(compact)


@settings(max_examples=50)
@given(WITHOUT_FLOATS)
def test_spaced_is_how_pythons_json_writes(value: Any) -> None:
    assert formatted(orjson.dumps(value), "spaced") == json.dumps(value, ensure_ascii=False).encode()


@settings(max_examples=50)
@given(VALUES)
def test_escaped_is_ascii_without_a_bare_slash(value: Any) -> None:
    body = formatted(orjson.dumps(value), "escaped")
    assert body.isascii()
    assert body.count(b"/") == body.count(b"\\/")


@pytest.mark.parametrize(
    ("json_format", "expected"),
    [
        ("compact", '{"a":"x, y: z","b":["ü/😀",1.0],"c":"\\\\"}'),
        ("spaced", '{"a": "x, y: z", "b": ["ü/😀", 1.0], "c": "\\\\"}'),
        ("escaped", '{"a":"x, y: z","b":["\\u00fc\\/\\ud83d\\ude00",1.0],"c":"\\\\"}'),
        ("reordered", '{"c":"\\\\","b":["ü/😀",1.0],"a":"x, y: z"}'),
    ],
)
def test_one_document_in_each_format(json_format: JsonFormat, expected: str) -> None:
    document = {"a": "x, y: z", "b": ["ü/😀", 1.0], "c": "\\"}
    assert formatted(orjson.dumps(document), json_format) == expected.encode()


def test_members_are_in_another_order_at_every_depth() -> None:
    body = formatted(b'{"payload":[{"id":1,"object":{"x":1,"y":2}},{"id":2,"object":{}}]}', "reordered")
    assert body == b'{"payload":[{"object":{"y":2,"x":1},"id":1},{"object":{},"id":2}]}'


# --- What docs/webhooks.md says of them ---

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")


def test_the_page_shows_each_format() -> None:
    shown = dict(re.findall(r"^\| `(\w+)` \| [^|]* \| `(.*)` \|$", PAGE, re.MULTILINE))
    compact = shown["compact"].encode()
    assert {each: formatted(compact, each).decode() for each in FORMATS} == shown


def _stringified(body: bytes) -> bytes:
    """As ``JSON.stringify(JSON.parse(body))`` does, with names that are no numbers."""
    return json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()


def _in_the_order_of_a_class(body: bytes) -> bytes:
    read = json.loads(body)
    return json.dumps({"name": read["name"], "id": read["id"]}, separators=(",", ":"), ensure_ascii=False).encode()


RECEIVERS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "the bytes that came": (lambda body: body, "Ä/B"),
    "`JSON.stringify(JSON.parse(body))`": (_stringified, "Ä/B"),
    "Python's `json.dumps(json.loads(body))`, where all is ASCII": (
        lambda body: json.dumps(json.loads(body)).encode(),
        "A/B",
    ),
    "an object that is written in the order of its class": (_in_the_order_of_a_class, "Ä/B"),
}


@pytest.mark.parametrize("receiver", RECEIVERS)
def test_the_page_says_which_receiver_is_found_by_which_format(receiver: str) -> None:
    (cells,) = re.findall(rf"^\| {re.escape(receiver)} \| (.*) \|$", PAGE, re.MULTILINE)
    verifies, name = RECEIVERS[receiver]
    compact = orjson.dumps({"name": name, "id": 7})
    bodies = [formatted(compact, each) for each in FORMATS]
    assert cells.split(" | ") == ["yes" if verifies(body) == body else "no" for body in bodies]
