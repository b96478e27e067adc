"""Expected events and bundles: in order, so many times, and what is said when they are not."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.replay.expectations import missing_bundles, missing_events

EVENTS: list[dict[str, Any]] = [
    {"type": "ORDER.NEW", "object": {"id": "1"}, "created_at": "2023-01-10T08:00:00Z"},
    {"type": "ORDER.NEW", "object": {"id": "2"}, "created_at": "2023-01-10T08:00:00Z"},
    {"type": "ORDER.FILLED", "object": {"id": "1", "status": "FILLED"}, "created_at": "2023-01-10T08:00:01Z"},
]


@pytest.mark.parametrize(
    "wanted",
    [
        [{"type": "ORDER.FILLED"}],
        [{"type": "ORDER.NEW"}, {"type": "ORDER.NEW"}, {"type": "ORDER.FILLED"}],
        [{"type": "ORDER.NEW", "object": {"id": "2"}}, {"type": "ORDER.FILLED"}],
        [{"type": "ORDER.FILLED", "created_at": "2023-01-10T08:00:01Z"}],
        [{"type": "ORDER.NEW", "count": 2}],
        [{"type": "ORDER.FILLED", "count": 1}, {"type": "ORDER.NEW", "count": 2}],
        [{"type": "ORDER.NEW", "object": {"id": "1"}, "count": 1}],
        [{"type": "ORDER.CANCELLED", "count": 0}],
    ],
)
def test_events_that_came(wanted: list[dict[str, Any]]) -> None:
    assert list(missing_events(wanted, EVENTS)) == []


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (
            [{"type": "ORDER.CANCELLED"}],
            "no ORDER.CANCELLED came (since the last expectations: ORDER.NEW ×2, ORDER.FILLED)",
        ),
        ([{"type": "ORDER.FILLED"}, {"type": "ORDER.NEW"}], "ORDER.NEW came before what is named before it"),
        ([{"type": "ORDER.NEW"}] * 3, "ORDER.NEW came before what is named before it"),
        (
            [{"type": "ORDER.FILLED", "object": {"id": "1", "status": "NEW"}}],
            'none of 1 ORDER.FILLED is as expected; the nearest differs in object.status: expected "NEW", got "FILLED"',
        ),
        ([{"type": "ORDER.NEW", "count": 3}], "expected ORDER.NEW 3 times, came 2 times"),
        ([{"type": "ORDER.FILLED", "count": 0}], "expected ORDER.FILLED 0 times, came 1 times"),
    ],
)
def test_events_that_did_not(wanted: list[dict[str, Any]], problem: str) -> None:
    (found,) = missing_events(wanted, EVENTS)
    assert problem in found


def test_a_bundle_has_exactly_its_types() -> None:
    bundles = [EVENTS, EVENTS[2:]]
    assert list(missing_bundles({"bundle": ["ORDER.FILLED"]}, bundles)) == []
    assert list(missing_bundles({"bundle": ["ORDER.NEW", "ORDER.NEW", "ORDER.FILLED"], "count": 1}, bundles)) == []
    (problem,) = missing_bundles({"bundle": ["ORDER.NEW"]}, bundles)
    assert problem.startswith("expected a bundle of ORDER.NEW; bundles that came: [[")
