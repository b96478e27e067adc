"""The reference of docs/control-api.md: every route of the control API in words, from its own OpenAPI document.

``python -m tests.docs.levers`` writes it anew together with the levers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mockserver.control.commands import command
from mockserver.control.openapi import described
from mockserver.control.router import Control
from tests.docs.pages import DOCS

REGISTERED: Final = Control
"""Importing it registers every command."""

PAGE: Final = DOCS / "control-api.md"
FIRST: Final = "<!-- made by `python -m tests.docs.levers` -->"
LAST: Final = "<!-- end of what is made -->"

WORLD: Final = "/_mock/worlds/{world}/"

Json = Mapping[str, Any]


def written(text: str) -> str:
    """The page with its reference made anew."""
    before, _, rest = text.partition(FIRST)
    _, _, after = rest.partition(LAST)
    return "\n".join([before + FIRST, "", *reference(described(command.all)), LAST]) + after


def reference(document: Json) -> Iterator[str]:
    """A section for each tag, an entry for each route, in the order of their paths."""
    routes = sorted(
        (operation["tags"][0], path, method.upper(), operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )
    section = None
    for tag, path, method, operation in routes:
        if tag != section:
            section = tag
            yield from ("### " + tag.partition(".")[0].replace("_", " ").capitalize(), "")
        route = f"{method} {path.replace(WORLD, '…/')}"
        yield f"**`{route}`**, `{operation['operationId']}`: {_joined(operation['description'])}"
        yield from _parameters(operation)
        yield from _body(operation, document)
        yield ""


def _joined(text: str) -> str:
    return " ".join(text.split())


def _parameters(operation: Json) -> Iterator[str]:
    query = [f"`{each['name']}`" for each in operation["parameters"] if each["in"] == "query"]
    if query:
        yield f"Query: {', '.join(query)}."


def _body(operation: Json, document: Json) -> Iterator[str]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return
    schema = _resolved(content["schema"], document)
    needed = schema.get("required", ())
    members = [f"`{name}`{' (required)' if name in needed else ''}" for name in schema.get("properties", {})]
    if members:
        yield f"Body: {', '.join(members)}."


def _resolved(schema: Json, document: Json) -> Json:
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema
