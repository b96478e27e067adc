"""The package of models: loaded by need, complete, and named in the field's words."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import BaseModel

from mockserver.contract import contract
from mockserver.models import FAMILIES, model, validator


def _loaded_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*(name for name in sys.modules if name.startswith('mockserver.models.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.rpartition(".")[2] for name in done.stdout.split()}


def test_importing_the_package_loads_no_family() -> None:
    assert _loaded_after("import mockserver.models") == {"index"}


def test_a_validator_loads_its_family_and_what_that_refers_to() -> None:
    loaded = _loaded_after("from mockserver.models import validator; validator('AccountValuation')")
    assert loaded == {"index", "base", "deferred", "enumerations", "first_use", "primitives", "common", "valuations"}


def test_every_component_schema_has_a_model() -> None:
    assert contract().document["components"]["schemas"].keys() == FAMILIES.keys()


@pytest.mark.parametrize("name", FAMILIES)
def test_a_validator_can_be_built(name: str) -> None:
    assert validator(name) is validator(name)


def test_no_class_has_a_numbered_name() -> None:
    assert [name for name in FAMILIES if name[-1].isdigit()] == []


def test_an_object_is_a_class_of_its_name() -> None:
    for name, schema in contract().document["components"]["schemas"].items():
        if "properties" in schema:
            assert issubclass(model(name), BaseModel)
            assert model(name).__name__ == name


def test_an_enumeration_has_the_values_of_the_contract_in_their_order() -> None:
    for name, schema in contract().document["components"]["schemas"].items():
        if "enum" in schema:
            assert [member.value for member in model(name)] == schema["enum"], name


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError, match="NoSuchThing"):
        validator("NoSuchThing")
