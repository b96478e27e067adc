"""What an expectation may ask of an answer, an event or an object of the world."""

from __future__ import annotations

import sys
from typing import Any

import orjson
import pytest

import mockserver.domain  # noqa: F401 - the kinds of resources
from mockserver.contract import contract
from mockserver.control.views import state_view
from mockserver.kernel.store import Kind
from mockserver.scenario.members import impossible
from mockserver.scenario.shapes import shape
from tests.contract.examples import Example, examples
from tests.domain.support.desk import AT_100, open_desk

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["NEW", "FILLED"]},
        "size": {"type": "integer"},
        "parts": {"type": "array", "items": {"$ref": "#/parts/part"}},
        "free": {"type": "object"},
        "either": {"oneOf": [{"$ref": "#/parts/part"}, {"type": "string", "enum": ["NONE"]}]},
    },
    "oneOf": [{"required": ["status"]}, {"required": ["size"]}],
}
DOCUMENT = {"parts": {"part": {"type": "object", "properties": {"id": {"type": "string"}}}}}


@pytest.mark.parametrize(
    "expected",
    [
        {},
        {"status": "NEW", "size": 1},
        {"status": "${regex:F.*}", "size": "${any}", "parts": "${absent}"},
        {"parts": [{"id": "a"}]},
        {"parts": {"$contains": [{"id": "a"}]}},
        {"parts": {"$any_order": []}},
        {"parts": {"$length": 2}},
        {"$exact": {"status": "NEW"}},
        {"free": {"whatever": 1}},
        {"either": {"id": "a"}},
        {"either": "NONE"},
        {"status": None},
        "${any}",
    ],
)
def test_what_may_be(expected: Any) -> None:
    assert list(impossible(expected, SCHEMA, DOCUMENT)) == []


@pytest.mark.parametrize(
    ("expected", "path", "text"),
    [
        ({"staus": "NEW"}, ("staus",), "'staus' is never among the members here (did you mean status?)"),
        ({"staus": "${absent}"}, ("staus",), "'staus' is never among the members here"),
        ({"zzz": 1}, ("zzz",), "(known: either, free, parts, size, status)"),
        ({"status": "FILED"}, ("status",), '"FILED" is never the value here (did you mean FILLED?)'),
        ({"status": "ZZZZ"}, ("status",), "(it is one of NEW, FILLED)"),
        ({"size": "1"}, ("size",), 'expected a whole number, got "1"'),
        ({"status": 1}, ("status",), "expected text, got 1: put it in quotes"),
        ({"parts": {"id": "a"}}, ("parts",), "expected a list, got an object"),
        ({"parts": [{"idd": "a"}]}, ("parts", 0, "idd"), "did you mean id?"),
        ({"parts": {"$contains": [{"idd": "a"}]}}, ("parts", "$contains", 0, "idd"), "did you mean id?"),
        ({"$exact": {"staus": "NEW"}}, ("$exact", "staus"), "did you mean status?"),
        ({"status": {"$length": 1}}, ("status",), "only a list has a length"),
        ({"either": {"idd": 1}}, ("either", "idd"), "did you mean id?"),
        ({"either": "ZZZ"}, ("either",), "(it is one of NONE)"),
        ([], (), "expected an object, got a list"),
    ],
)
def test_what_can_never_be(expected: Any, path: tuple[str | int, ...], text: str) -> None:
    ((place, told),) = impossible(expected, SCHEMA, DOCUMENT)
    assert place == path
    assert text in told


@pytest.mark.parametrize("example", examples(), ids=lambda each: each.where)
def test_every_example_of_the_contract_may_be_expected(example: Example) -> None:
    assert list(impossible(example.value, example.schema, contract().document)) == []


KINDS = {
    kind.name
    for name, module in list(sys.modules.items())
    if name.startswith("mockserver.")
    for kind in vars(module).values()
    if isinstance(kind, Kind)
}
"""The kinds of the package; those of tests are registered beside them."""


OPEN = {"corporate_actions"}
"""Kinds that the contract leaves open for members of later versions (newer.md §13)."""


@pytest.mark.parametrize("resource", sorted(KINDS - OPEN))
def test_every_resource_has_a_shape(resource: str) -> None:
    schema = shape(resource)
    assert schema is not None
    ((_, told),) = impossible({"no_such_member": 1}, schema, schema)
    assert "'no_such_member' is never among the members here" in told


def test_whatever_a_state_shows_may_be_expected() -> None:
    """Also of books, which the API shows otherwise than they are kept."""
    desk = open_desk(running=True)
    desk.order("BUY", "100")
    desk.advance("2d")
    desk.place("SELL", AT_100, quantity="0.1")
    desk.advance("1m")
    shown = {name: table for name in desk.world.store.names() if (table := desk.world.store.named(name)) is not None}
    assert {"cash_balances", "positions", "valuations", "returns"} <= shown.keys()
    for name, table in shown.items():
        schema = shape(name)
        assert schema is not None
        for row in table:
            found = orjson.loads(orjson.dumps(state_view(row)))
            assert list(impossible(found, schema, schema)) == [], name
