"""Every example of the contract, with the schema that it must fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from mockserver.contract import contract
from tests.conformance import component_validator


@dataclass(frozen=True, slots=True)
class Example:
    """``schema`` as it stands in the document; ``name``: the component it refers to, if it is a mere reference."""

    where: str
    schema: Mapping[str, Any]
    value: Any

    @property
    def name(self) -> str | None:
        ref = self.schema.get("$ref")
        return None if ref is None else str(ref).rpartition("/")[2]


def examples() -> list[Example]:
    """All examples: of bodies, answers, events, parameters and schemas."""
    return list(_found(contract().document, ""))


def request_schemas() -> list[str]:
    """The component schemas that are request bodies."""
    bodies = [operation.body for operation in contract().operations.values()]
    return sorted({body.schema for body in bodies if body is not None and body.schema is not None})


def fits(example: Example) -> bool:
    if example.name is not None:
        return component_validator(example.name).is_valid(example.value)
    schema = {**example.schema, "components": contract().document["components"]}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(example.value)


def _found(node: Any, where: str) -> Iterator[Example]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _found(item, f"{where}/{index}")
    if not isinstance(node, dict):
        return
    if isinstance(node.get("schema"), dict):  # a media type or a parameter
        if "example" in node:
            yield Example(f"{where}/example", node["schema"], node["example"])
        for name, example in node.get("examples", {}).items():
            yield Example(f"{where}/examples/{name}", node["schema"], example["value"])
    elif isinstance(node.get("examples"), list):  # a schema
        component = where.removeprefix("/components/schemas/")
        schema = node if "/" in component else {"$ref": f"#/components/schemas/{component}"}
        for index, value in enumerate(node["examples"]):
            yield Example(f"{where}/examples/{index}", schema, value)
    for key, value in node.items():
        if key not in {"example", "examples"}:
            yield from _found(value, f"{where}/{key}")
