"""The JSON Schema of the scenario format as editors get it: with its dialect, an id, and a line for each member."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from mockserver.scenario.descriptions import description
from mockserver.scenario.schema import Scenario

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ID: Final = "urn:upvest-mockserver:scenario"
"""The same for every version: an editor keeps one schema for the format, wherever it was read from."""


@cache
def schema_document() -> dict[str, Any]:
    """The schema of scenarios."""
    schema = Scenario.model_json_schema()
    for model, definition in [("Scenario", schema), *schema.get("$defs", {}).items()]:
        for member, shown in definition.get("properties", {}).items():
            line = description(model, member)
            if "description" not in shown and line is not None:
                shown["description"] = line
    return {"$schema": DIALECT, "$id": ID, **schema}
