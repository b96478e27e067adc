"""What one operation of the contract promises, read from the OpenAPI document into plain frozen objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

IDEMPOTENCY_KEY = "idempotency-key"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A path or query parameter; ``schema`` is free of references and holds the default, if there is one."""

    name: str
    required: bool
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Body:
    """The request body; ``schema`` is the name of its component schema."""

    content_type: str
    schema: str | None
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: how it is called, who may call it, what it answers and which events it causes.

    ``scopes``: any one of them suffices; without any, the call carries no bearer token. ``success``: the status of
    success. ``idempotent``: the idempotency-key header is required. ``answer``: the component schema of the JSON that
    success sends, ``None`` where it sends no JSON. ``answer_types``: the content types of success. ``meta``: the
    members of the answer's ``meta``; none where it has none.
    """

    id: str
    method: str
    path: str
    tag: str
    summary: str
    scopes: tuple[str, ...]
    success: int
    idempotent: bool
    path_parameters: tuple[Parameter, ...]
    query: tuple[Parameter, ...]
    body: Body | None
    answer: str | None
    answer_types: tuple[str, ...]
    meta: tuple[str, ...]
    statuses: tuple[int, ...]
    events: tuple[str, ...]
    source: str


def from_plain(plain: Json) -> Operation:
    """An operation as it was before ``dataclasses.asdict`` and JSON."""
    told: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()}
    told["path_parameters"] = tuple(Parameter(**each) for each in plain["path_parameters"])
    told["query"] = tuple(Parameter(**each) for each in plain["query"])
    told["body"] = None if plain["body"] is None else Body(**plain["body"])
    return Operation(**told)


def operations(document: Json) -> Iterator[Operation]:
    """Every operation of ``document``, in its order."""
    components = document["components"]
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield _operation(path, method.upper(), operation, components)


def _operation(path: str, method: str, operation: Json, components: Json) -> Operation:
    parameters = [_resolved(each, components) for each in operation["parameters"]]
    responses = operation["responses"]
    statuses = tuple(int(status) for status in responses)
    success = next(status for status in statuses if 200 <= status < 300)
    content = _resolved(responses[str(success)], components).get("content", {})
    answer = _component(content.get("application/json"))
    return Operation(
        id=operation["operationId"],
        method=method,
        path=path,
        tag=operation["tags"][0],
        summary=operation["summary"],
        scopes=tuple(operation["x-scopes"]),
        success=success,
        idempotent=any(each["name"] == IDEMPOTENCY_KEY and each["required"] for each in parameters),
        path_parameters=_parameters(parameters, "path", components),
        query=_parameters(parameters, "query", components),
        body=_body(operation.get("requestBody"), components),
        answer=answer,
        answer_types=tuple(content),
        meta=_members_of_meta(answer, components),
        statuses=statuses,
        events=tuple(operation["x-events"]),
        source=operation["x-source"],
    )


def _members_of_meta(answer: str | None, components: Json) -> tuple[str, ...]:
    meta = components["schemas"].get(answer, {}).get("properties", {}).get("meta")
    return () if meta is None else tuple(_resolved(meta, components)["properties"])


def _parameters(parameters: list[Json], place: str, components: Json) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(each["name"], each.get("required", False), _flat(each["schema"], components))
        for each in parameters
        if each["in"] == place
    )


def _body(body: Json | None, components: Json) -> Body | None:
    if body is None:
        return None
    resolved = _resolved(body, components)
    ((content_type, media),) = resolved["content"].items()
    return Body(content_type, _component(media), resolved.get("required", False))


def _component(media: Json | None) -> str | None:
    ref = (media or {}).get("schema", {}).get("$ref")
    return None if ref is None else str(ref).rpartition("/")[2]


def _resolved(node: Json, components: Json) -> Json:
    """``node``, or the component that it refers to."""
    while (ref := node.get("$ref")) is not None:
        _, _, kind, name = ref.split("/")
        node = components[kind][name]
    return node


def _flat(schema: Any, components: Json) -> Any:
    """``schema`` with every reference in it replaced by what it refers to."""
    if isinstance(schema, list):
        return [_flat(item, components) for item in schema]
    if not isinstance(schema, dict):
        return schema
    flat = {key: _flat(value, components) for key, value in schema.items() if key != "$ref"}
    if "$ref" in schema:
        return {**_flat(_resolved({"$ref": schema["$ref"]}, components), components), **flat}
    return flat
