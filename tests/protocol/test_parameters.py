from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from mockserver.contract import contract
from mockserver.protocol.parameters import reader

INT = {"type": "integer", "format": "int32", "minimum": 1, "maximum": 1000}
MOMENT = {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}
ISIN_OR_UUID = {"oneOf": [{"type": "string", "pattern": "^isin:[A-Z]{12}$"}, {"type": "string", "format": "uuid"}]}


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        (
            {"type": "string", "format": "uuid"},
            "404B170A904241ED9A512EABD0C03F8A",
            "404b170a-9042-41ed-9a51-2eabd0c03f8a",
        ),
        (INT, "1", 1),
        (INT, "1000", 1000),
        ({"type": "integer"}, "-7", -7),
        ({"type": "boolean"}, "true", True),
        ({"type": "string", "enum": ["ASC", "DESC"]}, "DESC", "DESC"),
        ({"type": "string", "format": "date"}, "2023-01-10", date(2023, 1, 10)),
        (MOMENT, "2023-01-10", date(2023, 1, 10)),
        (MOMENT, "2023-01-10T14:15:22Z", datetime(2023, 1, 10, 14, 15, 22, tzinfo=UTC)),
        ({"type": "string", "pattern": "^[0-9]{4}$"}, "2023", "2023"),
        ({"type": "string"}, "a,b", "a,b"),
        (ISIN_OR_UUID, "isin:ABCDEFGHIJKL", "isin:ABCDEFGHIJKL"),
    ],
)
def test_a_value_is_read(schema: dict[str, Any], text: str, value: object) -> None:
    assert reader(schema)(text) == value


@pytest.mark.parametrize(
    ("schema", "text", "problem"),
    [
        ({"type": "string", "format": "uuid"}, "x", "'x' is not a UUID"),
        (INT, "", "must be a whole number, not ''"),
        (INT, "1.0", "must be a whole number, not '1.0'"),
        (INT, "+1", "must be a whole number, not '+1'"),
        (INT, "1_0", "must be a whole number, not '1_0'"),
        (INT, "٣", "must be a whole number, not '٣'"),
        (INT, "0", "must be at least 1 and at most 1000, not '0'"),
        (INT, "1001", "must be at least 1 and at most 1000, not '1001'"),
        ({"type": "integer", "format": "int32"}, "2147483648", "must be at least -2147483648 and at most 2147483647"),
        (INT, "9" * 10_000, "must be at least 1 and at most 1000, not '999"),
        ({"type": "boolean"}, "1", "must be true or false, not '1'"),
        ({"type": "string", "enum": ["ASC"]}, "UP", "must be ASC, not 'UP'"),
        ({"type": "string", "format": "date"}, "2023-02-30", "'2023-02-30' is not a date"),
        (MOMENT, "2023-01-10T14:15:22", "is not a date such as 2023-01-10 and '2023-01-10T14:15:22' is not a moment"),
        ({"type": "string", "pattern": "^[0-9]{4}$"}, "2023\n", "is not of the form"),
    ],
)
def test_what_cannot_be_read_is_told(schema: dict[str, Any], text: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is what this is about
        reader(schema)(text)
    assert problem in str(caught.value)
    assert len(str(caught.value)) < 600


def test_every_parameter_of_the_contract_can_be_read() -> None:
    for operation in contract().operations.values():
        for parameter in (*operation.path_parameters, *operation.query):
            assert callable(reader(parameter.schema)), f"{operation.id} {parameter.name}"


def test_every_default_of_the_contract_passes_its_own_schema() -> None:
    for operation in contract().operations.values():
        for parameter in operation.query:
            if "default" in parameter.schema:
                default = parameter.schema["default"]
                text = str(default).lower() if isinstance(default, bool) else str(default)
                assert reader(parameter.schema)(text) == default


def test_a_schema_that_the_contract_does_not_use_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="no parameter of the type 'object'"):
        reader({"type": "object"})


INSTRUMENT = {
    "anyOf": [
        {"type": "string", "pattern": "^(urn:)?isin:[A-Z]{2}[A-Z0-9]{9}[0-9]$"},
        {"type": "string", "pattern": "^(urn:)?uuid:[0-9a-f-]{36}$"},
    ]
}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("DE0007664005", "isin:DE0007664005"),
        ("123e4567-e89b-12d3-a456-426614174000", "uuid:123e4567-e89b-12d3-a456-426614174000"),
    ],
)
def test_an_id_without_its_prefix_is_refused_with_what_to_write(text: str, meant: str) -> None:
    read = reader(INSTRUMENT)
    with pytest.raises(ValueError, match="has no prefix") as refused:
        read(text)
    assert str(refused.value) == f"'{text}' has no prefix: write {meant}"
    assert read(meant) == meant
    assert read(f"urn:{meant}") == f"urn:{meant}"


def test_a_form_without_a_prefix_counts_before_one_with_it() -> None:
    (prefixed,) = INSTRUMENT.values()
    read = reader({"oneOf": [*prefixed, {"type": "string", "pattern": "^[A-Z]{2}[A-Z0-9]{9}[0-9]$"}]})
    assert read("DE0007664005") == "DE0007664005"
