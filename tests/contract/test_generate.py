"""The generator: what each kind of schema becomes, and what it refuses to guess."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mockserver.contract.generate import UnknownSchemaError, modules

TEXT = {"type": "string"}


def _source(**schemas: Any) -> str:
    """The module of one family with these schemas, from its first definition on."""
    source = modules(schemas, dict.fromkeys(schemas, "pets"))["pets"]
    return re.split(r"\n(?=class |\w+: TypeAlias)", source, maxsplit=1)[1].strip()


def _object(required: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}


def test_an_enumeration_names_its_members_after_their_values() -> None:
    source = _source(Size={"type": "string", "enum": ["", "PET.SMALL", "extra-large"]})
    assert (
        source == 'class Size(Enumeration):\n    EMPTY = ""\n    SMALL = "PET.SMALL"\n    EXTRA_LARGE = "extra-large"'
    )


def test_a_member_is_required_or_may_be_absent_or_null_or_has_a_default() -> None:
    members = {
        "id": {"type": "string", "format": "uuid"},
        "nick": TEXT,
        "born": {"type": ["string", "null"], "format": "date"},
        "legs": {"type": "integer", "minimum": 0, "default": 4},
    }
    assert _source(Pet=_object(("id",), **members)).splitlines()[1:] == [
        "    id: Uuid",
        "    nick: Maybe[str] = None",
        "    born: Date | None = None",
        "    legs: Annotated[int, Field(ge=0)] = 4",
    ]


def test_a_default_of_a_required_member_does_not_make_it_optional() -> None:
    assert "legs: int\n" in _source(Pet=_object(("legs",), legs={"type": "integer", "default": 4})) + "\n"


def test_an_object_is_closed_open_or_keeps_what_it_does_not_know() -> None:
    closed = _object(name=TEXT)
    silent = {key: value for key, value in closed.items() if key != "additionalProperties"}
    assert "extra" not in _source(Pet=closed)
    assert 'extra="ignore"' in _source(Pet=silent)
    assert 'extra="allow"' in _source(Pet={**closed, "additionalProperties": True})


def test_a_class_stands_after_those_that_it_uses() -> None:
    owner = _object(("pets",), pets={"type": "array", "items": {"$ref": "#/components/schemas/Pet"}})
    source = _source(Owner=owner, Pet=_object(name=TEXT))
    assert source.index("class Pet") < source.index("class Owner")
    assert "pets: tuple[Pet, ...]" in source


def test_descriptions_become_docstrings() -> None:
    source = _source(Pet={**_object(name={**TEXT, "description": "As called."}), "description": "An animal."})
    assert '    """An animal."""' in source
    assert '    name: Maybe[str] = None\n    """As called."""' in source


def test_forms_are_told_apart_by_a_constant() -> None:
    cat = _object(("kind",), kind={"const": "CAT", "type": "string"})
    dog = _object(("kind",), kind={"const": "DOG", "type": "string"})
    forms = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
    assert 'Annotated[Cat | Dog, Discriminator("kind")]' in _source(Cat=cat, Dog=dog, Pet={"oneOf": forms})


def test_forms_that_nothing_tells_apart_are_refused() -> None:
    forms = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
    with pytest.raises(UnknownSchemaError, match="nothing tells the forms Cat, Dog apart"):
        _source(Cat=_object(name=TEXT), Dog=_object(name=TEXT), Pet={"oneOf": forms})


def test_digits_are_ascii_digits() -> None:
    assert r'pattern=r"^[0-9][0-9x]$"' in _source(Tag={"type": "string", "pattern": r"^\d[\dx]$"})


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "contentEncoding": "base64"},
        {"type": "integer", "multipleOf": 2},
        {"type": "array", "items": TEXT, "contains": TEXT},
        {**_object(name=TEXT), "patternProperties": {}},
        {**_object(name=TEXT), "oneOf": [{"properties": {}}]},
    ],
)
def test_a_keyword_that_the_generator_does_not_know_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(UnknownSchemaError, match="does not know"):
        _source(Pet=schema)
