"""The control API's own OpenAPI document, made from its commands: their paths, bodies, parameters and docstrings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter, ValidationError

from mockserver.control.commands import Command
from mockserver.protocol.negotiation import JSON
from mockserver.protocol.problems import MEDIA_TYPE

PATHS: Final[Mapping[str, str]] = {
    "world": "A client id, or `default`.",
    "id": "An id, as the lists show it.",
    "resource": "The name of a table, as `GET …/state` shows it.",
    "key_id": "The id of a key that requests are signed with.",
    "kid": "The id of a key that deliveries are signed with.",
    "number": "The number of a request, as the lists show it.",
    "request_id": "The header upvest-request-id of an answer.",
}
"""What the parameters of paths are."""

PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was wrong, where, and what would pass."},
        "request_id": {"type": "string", "format": "uuid"},
    },
    "required": ["type", "title", "status", "request_id"],
}

DOCUMENT: Final[dict[str, Any]] = {"type": "string", "description": "A scenario in YAML."}
"""The schema of a body that is no JSON."""

_PARAMETER: Final = re.compile(r"\{(\w+)\}")


def described(commands: Iterable[Command]) -> dict[str, Any]:
    """The document."""
    # lazy: 5 ms at start-up, and only this document needs it
    from pydantic.json_schema import models_json_schema

    everything = list(commands)
    models: list[type[BaseModel]] = [each.takes for each in everything if each.takes is not None]
    _, schemas = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(models)], ref_template="#/components/schemas/{model}"
    )
    paths: dict[str, dict[str, Any]] = {}
    for each in everything:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mockserver control API",
            "version": "1",
            "description": "What the mocked API lacks: worlds that reset, time that moves, faults, and a look inside.",
        },
        "paths": paths,
        "components": {
            "schemas": {**schemas.get("$defs", {}), "Problem": PROBLEM},
            "securitySchemes": {"control": {"type": "http", "scheme": "bearer", "description": "--control-token"}},
        },
        "security": [{}, {"control": []}],
    }


def _operation(command: Command) -> dict[str, Any]:
    text = command.description.replace("``", "`")
    summary = " ".join(text.partition("\n\n")[0].split())
    operation: dict[str, Any] = {
        "operationId": command.name.strip("_"),
        "summary": summary,
        "description": text,
        "tags": [command.path.split("/")[4 if "{world}" in command.path and command.path.count("/") > 3 else 2]],
        "parameters": _parameters(command),
        "responses": {
            str(command.status): _success(command),
            "default": {
                "description": "It cannot be done; nothing was changed.",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
    if command.takes is not None:
        schema = {"$ref": f"#/components/schemas/{command.takes.__name__}"}
        operation["requestBody"] = {
            "required": _needs_body(command),
            "content": {kind: {"schema": schema if kind == JSON else DOCUMENT} for kind in command.accepts},
        }
    return operation


def _parameters(command: Command) -> list[dict[str, Any]]:
    path = [
        {"name": name, "in": "path", "required": True, "description": PATHS[name], "schema": {"type": "string"}}
        for name in _PARAMETER.findall(command.path)
    ]
    return path + [{"name": name, "in": "query", "schema": dict(schema)} for name, schema in command.query.items()]


def _needs_body(command: Command) -> bool:
    """Whether an object without members, which no body counts as, is refused."""
    try:
        TypeAdapter(command.takes).validate_json(b"{}", strict=True)
    except ValidationError:
        return True
    return False


def _success(command: Command) -> dict[str, Any]:
    if command.status == 204:
        return {"description": "Done."}
    schema = command.shows if command.shows is not None else {}
    content = {
        kind: {"schema": DOCUMENT if kind != JSON and command.shows is None else dict(schema)}
        for kind in command.answers
    }
    return {"description": "Done; what came of it.", "content": content}
