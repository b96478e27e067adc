"""The control API's own OpenAPI document, made from its commands: their paths, bodies, parameters and docstrings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, TypeAdapter, ValidationError

from mockserver.control.commands import Command
from mockserver.protocol.negotiation import JSON
from mockserver.protocol.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from mockserver.control.answer_schemas import AnswerSchemas

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

SUCCESS: Final = "Done; what came of it."

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
    # lazy: 15 ms of the client's types, and only this document needs them
    from mockserver.control.answer_schemas import AnswerSchemas
    from mockserver.control.request_schemas import typed

    definitions = {name: typed(schema) for name, schema in schemas.get("$defs", {}).items()}
    answers = AnswerSchemas(definitions)
    named = _named(answers)
    for model, member in (("Move", "resource"), ("Emission", "type")):
        definitions[model]["properties"][member] |= named[member]
    paths: dict[str, dict[str, Any]] = {}
    for each in everything:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, answers, named)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mockserver control API",
            "version": "1",
            "description": "What the mocked API lacks: worlds that reset, time that moves, faults, and a look inside.",
        },
        "paths": paths,
        "components": {
            "schemas": {**definitions, **answers.found, "Problem": PROBLEM},
            "securitySchemes": {"control": {"type": "http", "scheme": "bearer", "description": "--control-token"}},
        },
        "security": [{}, {"control": []}],
    }


def _operation(command: Command, answers: AnswerSchemas, named: Mapping[str, Any]) -> dict[str, Any]:
    text = command.description.replace("``", "`")
    summary = " ".join(text.partition("\n\n")[0].split())
    operation: dict[str, Any] = {
        "operationId": command.name.strip("_"),
        "summary": summary,
        "description": text,
        "tags": [command.path.split("/")[4 if "{world}" in command.path and command.path.count("/") > 3 else 2]],
        "parameters": _parameters(command, named),
        "responses": {
            **_successes(command, answers),
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


def _named(answers: AnswerSchemas) -> dict[str, Any]:
    """The schemas of what has its name from the contract or from a table, so that types have them."""
    # lazy: see above, 15 ms
    from mockserver.client.names import EventFamily, EventType, ResourceName

    return {
        "resource": answers.of(ResourceName),
        "type": answers.of(EventType),
        "type or family": answers.of(EventType | EventFamily),
    }


def _parameters(command: Command, named: Mapping[str, Any]) -> list[dict[str, Any]]:
    path = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": PATHS[name],
            "schema": named.get(name, {"type": "string"}),
        }
        for name in _PARAMETER.findall(command.path)
    ]
    return path + [
        {"name": name, "in": "query", "schema": dict(named["type or family"] if name == "type" else schema)}
        for name, schema in command.query.items()
    ]


def _needs_body(command: Command) -> bool:
    """Whether an object without members, which no body counts as, is refused."""
    try:
        TypeAdapter(command.takes).validate_json(b"{}", strict=True)
    except ValidationError:
        return True
    return False


def _successes(command: Command, answers: AnswerSchemas) -> dict[str, Any]:
    # lazy: see above, 15 ms
    from mockserver.control.answers import ALSO, ANSWERS

    found: dict[int, Any] = {command.status: ANSWERS.get(command.name.strip("_")), **ALSO.get(command.name, {})}
    return {str(status): _success(command, status, answers, answer) for status, answer in sorted(found.items())}


def _success(command: Command, status: int, answers: AnswerSchemas, answer: Any) -> dict[str, Any]:
    if status == 204:
        return {"description": "Done."}
    if command.shows is not None:
        # lazy: see above, 15 ms
        from mockserver.control.request_schemas import typed

        shown = typed(dict(command.shows))
        return {"description": SUCCESS, "content": {kind: {"schema": shown} for kind in command.answers}}
    content = {kind: {"schema": answers.of(answer) if kind == JSON else DOCUMENT} for kind in command.answers}
    return {"description": SUCCESS, "content": content}
