"""JSON Schemas of the bodies of commands, as generators of types read them best.

They say the same as what pydantic makes of the models. But a schema that allows anything names ``JsonValue`` instead of
nothing at all, which generators call unknown; alternatives that only constrain stand in ``allOf``, since beside the
members they would be a union with anything; and a default is told in words, since generators require a member that has
one.
"""

from __future__ import annotations

import json
from typing import Any, Final

from mockserver.control.answer_schemas import REF

ANYTHING: Final = {"$ref": f"{REF}JsonValue"}
SAYS_NOTHING: Final = frozenset({"title", "description", "default", "examples"})
CONSTRAINS: Final = frozenset({"required", "not", "if", "then", "else"})
NAMED: Final = ("properties", "patternProperties", "$defs")
"""Keywords with a mapping of names to schemas."""


def typed(schema: Any) -> Any:
    """The schema with all that is in it, written that way."""
    if isinstance(schema, list):
        return [typed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    written = {
        key: {name: _member(each) for name, each in value.items()} if key in NAMED else typed(value)
        for key, value in schema.items()
        if key not in ("enum", "const", "default", "examples")
    }
    written |= {key: schema[key] for key in ("enum", "const", "examples") if key in schema}
    if schema.get("additionalProperties") is True or _is_open(schema):
        written["additionalProperties"] = ANYTHING
    if schema.get("type") == "array" and "items" not in schema and "prefixItems" not in schema:
        written["items"] = ANYTHING
    for key in ("anyOf", "oneOf"):
        if "properties" in schema and all(set(each) <= CONSTRAINS for each in schema.get(key, [{"type"}])):
            written["allOf"] = [*written.get("allOf", ()), {key: written.pop(key)}]
    if schema.get("default") is not None:
        said = f"Default: {json.dumps(schema['default'])}."
        written["description"] = f"{schema['description']} {said}" if "description" in schema else said
    return written


def _member(schema: Any) -> Any:
    if isinstance(schema, dict) and set(schema) <= SAYS_NOTHING:
        return {**typed(schema), **ANYTHING}
    return typed(schema)


def _is_open(schema: dict[str, Any]) -> bool:
    """Whether it is any object."""
    known = ("properties", "additionalProperties", "patternProperties", "propertyNames")
    return schema.get("type") == "object" and not any(key in schema for key in known)
