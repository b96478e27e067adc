"""The JSON Schema that editors get."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from mockserver.scenario import descriptions, shipped
from mockserver.scenario.document import parse
from mockserver.scenario.schema_document import DIALECT, ID, schema_document

SCHEMA = schema_document()


def members() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for model, definition in [("Scenario", SCHEMA), *SCHEMA["$defs"].items()]:
        for member, shown in definition.get("properties", {}).items():
            yield model, member, shown


def test_it_names_its_dialect_and_itself_first() -> None:
    assert list(SCHEMA.items())[:2] == [("$schema", DIALECT), ("$id", ID)]
    jsonschema_rs.meta.validate(SCHEMA)


def test_every_member_is_described() -> None:
    assert [f"{model}.{member}" for model, member, shown in members() if not shown.get("description")] == []


def test_every_line_describes_a_member() -> None:
    named = {name for model, member, _ in members() for name in (member, f"{model}.{member}")}
    assert descriptions.NAMED.keys() - named == set()
    assert descriptions.SECTIONS.keys() <= {member for model, member, _ in members() if model == "Scenario"}


@pytest.mark.parametrize("name", sorted(shipped.files()))
def test_a_shipped_scenario_fits_it(name: str) -> None:
    path = shipped.files()[name]
    document = parse(path.read_bytes(), str(path)).data
    errors = jsonschema_rs.Draft202012Validator(SCHEMA).iter_errors(document)
    assert [f"{'/'.join(map(str, each.instance_path))}: {each.message[:200]}" for each in errors] == []
