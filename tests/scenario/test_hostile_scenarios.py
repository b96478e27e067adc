"""Whatever is written in a scenario: it is read, or its mistakes are told. Nothing else comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mockserver.scenario import shipped
from mockserver.scenario.build import build_world
from mockserver.scenario.document import Document, parse
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import read
from tests.lanes import examples

WHOLE: dict[str, Any] = {
    "name": "whole",
    "description": "Something of everything.",
    "seed": 1,
    "clock": {"now": "2023-01-10T08:00:00Z", "mode": "manual"},
    "profile": {
        "base": "sandbox",
        "behaviour": {"weights_sum": "one"},
        "stages": {
            "order.start": {"delay": "1s", "overrides": [{"match": {"side": "BUY"}, "outcomes": {"PROCESSING": 1}}]},
        },
    },
    "client": {"id": "363f3305-7ab0-4e82-a158-f9d382ad08b6", "secret": "s", "scopes": ["portfolios:read"]},
    "users": [{"as": "erika", "birth_date": "1980-08-12"}, {"generate": 1}],
    "account_groups": [{"as": "group", "user_id": "erika"}],
    "accounts": [
        {"as": "savings", "account_group_id": "group"},
        {"generate": 1, "allocation_id": "mix", "cash": [1, 2]},
    ],
    "instruments": [{"as": "world", "isin": "IE00B4L5Y983", "bid": "80.00"}],
    "prices": [{"instrument": "world", "day": "2023-01-09", "eod": "79.50"}],
    "allocations": [{"as": "mix", "allocation": [{"instrument_id": "world", "weight": "1"}]}],
    "strategies": [{"as": "drift", "name": "Drift", "conditions": [{"name": "d", "type": "DRIFT", "value": "1.0"}]}],
    "configurations": [{"account_id": "savings", "allocation_id": "mix", "rebalancing_strategy_ids": ["drift"]}],
    "cash": [{"account_id": "savings", "amount": "100"}],
    "positions": [{"account_id": "savings", "instrument": "world", "quantity": "1"}],
    "webhooks": [{"url": "${receiver}", "type": ["ORDER"], "config": {"delay": "1s"}}],
    "stages": {"order.execute": {"outcomes": {"FILLED": 1}}},
    "steps": [
        {
            "request": {"path": "/a/${savings}", "as": "first", "query": {"a": [1]}},
            "expect": {"body": {"a": "${regex:.}"}},
        },
        {"note": "${first.body.id}", "advance": "1d", },
        {"move": {"resource": "orders", "id": "x", "to": "FILLED", "with": {"a": 1}}},
        {"expect_event": ["ORDER.NEW", {"type": "ORDER.FILLED", "object": {"a": 1}}]},
        {"expect_webhook": {"bundle": ["ORDER.NEW"]}},
        {"expect_state": {"resource": "orders", "count": 1}},
        {"prices": [{"instrument": "world", "bid": "1"}]},
        {"snapshot": "here"},
        {"restore": "here"},
    ],
}  # fmt: skip

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.sampled_from(
        ["", "x", "1d", "${x}", "${", "manual", "ORDER.NEW", "2023-01-10T08:00:00Z", "-1", "NaN", "1e400", "\0"]
    ),
)
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["as", "id", "generate", "stages", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container in a value with each of its keys."""
    found: list[tuple[Any, Any]] = []
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        found += [(value, key), *places(inner)]
    return found


@st.composite
def spoiled(draw: st.DrawFn) -> dict[str, Any]:
    """The whole scenario with one to three of its values replaced by anything, or taken out."""
    scenario: dict[str, Any] = copy(WHOLE)
    for _ in range(draw(st.integers(1, 3))):
        container, key = draw(st.sampled_from(places(scenario)))
        if draw(st.booleans()):
            container[key] = draw(anything)
        elif isinstance(container, dict):
            del container[key]
    return scenario


def copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: copy(inner) for key, inner in value.items()}
    return [copy(inner) for inner in value] if isinstance(value, list) else value


def read_or_told(reading: Callable[[], object]) -> None:
    mistakes = None
    try:
        reading()
    except ScenarioError as error:
        mistakes = error.mistakes
    assert mistakes is None or all(mistake.text for mistake in mistakes)
    assert mistakes != []


def test_the_whole_scenario_is_good() -> None:
    build_world(read(Document("whole", copy(WHOLE))))


@settings(max_examples=examples(100, heavy=3_000), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spoiled())
@example({**WHOLE, "profile": {"base": "sandbox", "behaviour": 5}})
@example({**WHOLE, "profile": {"base": []}})
@example({**WHOLE, "accounts": [{"generate": 3, "cash": []}]})
def test_a_spoiled_scenario_is_read_or_its_mistakes_are_told(scenario: dict[str, Any]) -> None:
    read_or_told(lambda: build_world(read(Document("spoiled", scenario))))


@settings(max_examples=examples(70, heavy=2_000), deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_their_mistakes_are_told(content: bytes) -> None:
    read_or_told(lambda: read(parse(content, "any")))


@settings(max_examples=examples(60, heavy=1_500), deadline=None)
@given(st.data())
def test_a_torn_file_is_read_or_its_mistakes_are_told(data: st.DataObject) -> None:
    content = shipped.files()["seed-documents"].read_bytes()
    start = data.draw(st.integers(0, len(content)))
    stop = data.draw(st.integers(start, min(len(content), start + 200)))
    read_or_told(lambda: read(parse(content[:start] + content[stop:], "torn")))


@pytest.mark.parametrize("value", [None, 1, "x", [], [1]])
def test_a_scenario_is_a_mapping(value: object) -> None:
    with pytest.raises(ScenarioError):
        read(Document("no mapping", value))
