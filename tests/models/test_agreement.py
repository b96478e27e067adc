"""Requests are validated by the models alone, so the models must accept and refuse what the JSON Schema does.

Every valid body is changed at one place, in every way that commonly goes wrong; on each result both must agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from mockserver.models import validator
from tests.conformance import component_validator
from tests.contract.examples import request_schemas
from tests.models.bodies import bodies

STRICTER = {
    # A body without any known member is {} to the form of JSON Schema that ignores unknown members and wants one.
    "UserDataChangeRequest",
}
"""Where the models refuse more: a change that changes nothing, because no form of the request fits it."""


def _changed(value: Any) -> Iterator[tuple[str, Any]]:
    """``value`` with one thing changed, and what was changed."""
    match value:
        case dict():
            yield "{}", {}
            yield "+", {**value, "surprise": 1}
            for key, item in value.items():
                yield f"-{key}", {name: each for name, each in value.items() if name != key}
                yield f"{key}=null", {**value, key: None}
                yield from ((f"{key}.{what}", {**value, key: each}) for what, each in _changed(item))
        case list():
            yield "[]", []
            yield "twice", [*value, *value[:1]]
            yield "object", {}
            for index, item in enumerate(value[:3]):
                for what, each in _changed(item):
                    yield f"{index}.{what}", [*value[:index], each, *value[index + 1 :]]
        case bool():
            yield from (("text", "true"), ("number", 1))
        case str():
            yield from (("number", 7), ("empty", ""), ("odd", "% odd"), ("Unix time", "1690000000"))
            yield from (("lower", value.lower()), ("many", value + " 9" * 600), ("Arabic", value[:-1] + "٣"))
        case int() | float():
            yield from (("text", str(value)), ("negative", -value - 1), ("true", True), ("half", value + 0.5))


@pytest.mark.parametrize(("name", "body"), bodies(), ids=[name for name, _ in bodies()])
def test_the_model_agrees_with_the_schema(name: str, body: Any) -> None:
    schema = component_validator(name)
    for what, value in [("as it is", body), *_changed(body)]:
        by_schema = schema.is_valid(value)
        by_model = _accepts(name, value)
        if name in STRICTER:
            assert by_schema or not by_model, what
        else:
            assert by_model == by_schema, what


def test_every_request_is_tried() -> None:
    assert set(request_schemas()) <= {name for name, _ in bodies()}


def _accepts(name: str, value: Any) -> bool:
    try:
        validator(name).validate_json(orjson.dumps(value), strict=True)
    except ValidationError:
        return False
    return True
