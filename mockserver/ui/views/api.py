"""``/api``: both OpenAPI documents as pages: operations by tag, and one with its parameters, schemas and examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver import __version__
from mockserver.kernel.quoting import quoted
from mockserver.kernel.spelling import did_you_mean
from mockserver.ui.pages import PageRequest, Rendered, view
from mockserver.ui.refusals import NOT_THERE
from mockserver.ui.world_context import shared_context

DOCUMENTS: Final = {"mocked": "/_mock/openapi.json", "control": "/_mock/control/openapi.json"}
"""The documents by their name in the address."""

METHODS: Final = ("get", "post", "put", "patch", "delete")
DEPTH: Final = 5
"""Levels of an object that are written out; below, the name of a schema is enough."""


@view("/api")
async def both(page: PageRequest) -> Rendered:
    """The mocked API's document."""
    return await _listed(page, "mocked")


@view("/api/{document}")
async def document(page: PageRequest) -> Rendered:
    """The operations of one document by tag."""
    return await _listed(page, page.path["document"])


@view("/api/{document}/{operation}")
async def operation(page: PageRequest) -> Rendered:
    """One operation."""
    name, wanted = page.path["document"], page.path["operation"]
    found = await _document(page, name)
    known = {each["operationId"]: each for each in operations(found)}
    if wanted not in known:
        meant = did_you_mean(wanted, known)
        raise NOT_THERE.refuse(what="operation", id=quoted(wanted), meant=meant)
    return Rendered("operation.html", {**_shared(page), "document": name, "op": described(found, known[wanted])})


async def _document(page: PageRequest, name: str) -> Mapping[str, Any]:
    if name not in DOCUMENTS:
        raise NOT_THERE.refuse(what="document", id=quoted(name), meant=did_you_mean(name, DOCUMENTS))
    return dict(await page.calls.get(DOCUMENTS[name]))


async def _listed(page: PageRequest, name: str) -> Rendered:
    found = await _document(page, name)
    wanted = page.query.get("q", "").strip().lower()
    tags: dict[str, list[dict[str, Any]]] = {}
    for each in operations(found):
        if wanted in f"{each['operationId']} {each['path']} {each.get('summary', '')}".lower():
            tags.setdefault((each.get("tags") or ["Commands"])[0], []).append(each)
    return Rendered(
        "api.html",
        {
            **_shared(page),
            "document": name,
            "documents": DOCUMENTS,
            "info": found["info"],
            "tags": tags,
            "q": page.query.get("q", ""),
        },
    )


def _shared(page: PageRequest) -> dict[str, Any]:
    return {**shared_context(page), "about": {"version": __version__, "server": page.host}}


def operations(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The operations of a document in its order, each with its path and method."""
    return [
        {"method": method.upper(), "path": path, **item[method]}
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]


def described(document: Mapping[str, Any], operation: Mapping[str, Any]) -> dict[str, Any]:
    """An operation with its references followed: what it takes, and what each status answers."""
    return {
        "id": operation["operationId"],
        "method": operation["method"],
        "path": operation["path"],
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "scopes": operation.get("x-scopes", []),
        "events": operation.get("x-events", []),
        "source": operation.get("x-source", ""),
        "parameters": [resolved(document, each) for each in operation.get("parameters", [])],
        "body": _content(document, resolved(document, operation.get("requestBody", {}))),
        "answers": [
            {"status": status, "text": answer.get("description", ""), "content": _content(document, answer)}
            for status, given in operation.get("responses", {}).items()
            for answer in [resolved(document, given)]
        ],
    }


def resolved(document: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference leads to; the value itself where it is none."""
    while "$ref" in value:
        target: Any = document
        for step in value["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        value = target
    return value


def _content(document: Mapping[str, Any], holder: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for media_type, content in holder.get("content", {}).items():
        schema = content.get("schema", {})
        examples = [each.get("value") for each in content.get("examples", {}).values()]
        found.append(
            {
                "type": media_type,
                "members": members(document, schema, 0),
                "examples": [content["example"], *examples] if "example" in content else examples,
            }
        )
    return found


def members(
    document: Mapping[str, Any], schema: Mapping[str, Any], depth: int, place: str = ""
) -> list[dict[str, Any]]:
    """The members of a schema as rows: place, type, whether it is required, and what it says."""
    if depth > DEPTH:
        return []
    schema = resolved(document, schema)
    rows: list[dict[str, Any]] = []
    for part in schema.get("allOf", []):
        rows += members(document, part, depth, place)
    for part in (*schema.get("oneOf", []), *schema.get("anyOf", [])):
        rows += members(document, part, depth + 1, place)
    for name, given in schema.get("properties", {}).items():
        member = resolved(document, given)
        here = f"{place}.{name}" if place else name
        required = name in schema.get("required", [])
        rows.append({"place": here, "type": type_of(given, member), "required": required, "about": about(member)})
        inner = member.get("items", member)
        rows += members(document, inner, depth + 1, f"{here}[]" if "items" in member else here)
    if "items" in schema:
        rows += members(document, schema["items"], depth + 1, f"{place}[]")
    return rows


def type_of(given: Mapping[str, Any], member: Mapping[str, Any]) -> str:
    """The type in words; the name of the schema where it has one."""
    if "$ref" in given:
        return str(given["$ref"]).rpartition("/")[2]
    kind = member.get("type", "")
    kind = " or ".join(map(str, kind)) if isinstance(kind, list) else str(kind)
    return f"{kind} ({member['format']})" if "format" in member else kind


def about(member: Mapping[str, Any]) -> str:
    """What a member says: its values, its pattern, its description."""
    values = member.get("enum")
    parts = [
        "one of " + ", ".join(map(str, values)) if values else "",
        f"always {member['const']}" if "const" in member else "",
        f"pattern {member['pattern']}" if "pattern" in member else "",
        str(member.get("description", "")),
    ]
    return "; ".join(filter(None, parts))
