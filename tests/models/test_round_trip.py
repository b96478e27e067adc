"""Every published example parses in strict mode and is sent again as it was."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import orjson
import pytest

from mockserver.models import validator
from mockserver.models.base import Model
from tests.contract.examples import Example, examples

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
OBJECTS = [example for example in examples() if example.name and isinstance(example.value, dict)]


def _instants(value: Any) -> Any:
    """``value`` with moments as moments: `14:10:00.00Z` and `14:10:00Z` are the same."""
    if isinstance(value, dict):
        return {key: _instants(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_instants(item) for item in value]
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return dt.datetime.fromisoformat(value)
    return value


@pytest.mark.parametrize("example", OBJECTS, ids=lambda example: example.where)
def test_an_example_is_sent_as_it_was_read(example: Example) -> None:
    assert example.name is not None
    parsed: Model = validator(example.name).validate_json(orjson.dumps(example.value), strict=True)
    assert _instants(orjson.loads(parsed.wire)) == _instants(example.value)


@pytest.mark.parametrize("example", OBJECTS, ids=lambda example: example.where)
def test_an_example_may_come_as_python_objects(example: Example) -> None:
    assert example.name is not None
    parsed: Model = validator(example.name).validate_python(example.value)
    assert parsed == validator(example.name).validate_json(orjson.dumps(example.value), strict=True)
