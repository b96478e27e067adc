"""The step that emits an event is checked against the contract before a replay."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load


@pytest.mark.parametrize(
    ("emit", "text"),
    [
        ("ORDER.FILED", "steps[0].emit: 'ORDER.FILED' is no event of the API"),
        ({"type": "ORDER.NEW", "object": {"sied": "BUY"}}, "steps[0].emit.object"),
        ({"type": "ORDER.NEW", "object": {"side": "KEEP"}}, "steps[0].emit.object.side"),
        ({"type": "ORDER.NEW", "objekt": {}}, "objekt"),
        ({"object": {}}, "type"),
    ],
)
def test_what_no_event_has_is_found(emit: Any, text: str) -> None:
    with pytest.raises(ScenarioError, match=r".") as caught:
        load({"name": "emits", "steps": [{"emit": emit}]}, played=True)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    "emit",
    ["ORDER.FILLED", {"type": "ORDER.NEW", "object": {"side": "BUY", "user_id": None}}, {"type": "ROLE.CREATED"}],
)
def test_what_an_event_has_passes(emit: Any) -> None:
    load({"name": "emits", "steps": [{"emit": emit}]}, played=True)
