"""Compile the contract: one OpenAPI document and the models, both from the YAML fragments beside this file.

The shipped profiles, YAML too, are compiled along. Run ``python -m mockserver.contract.compile`` after every change of
a fragment or a profile. ``--check`` writes nothing and exits with 1 when a generated file is not what these say. PyYAML
and ruff are needed here only: the server reads the compiled JSON.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import yaml

from mockserver.contract.generate import modules
from mockserver.contract.resources import resources_of
from mockserver.contract.summary import summary

HERE = Path(__file__).parent
MODELS = HERE.parent / "models"
KERNEL = HERE.parent / "kernel"

VERSION = "1.150"
"""The version of the published API that the fragments follow; `x-source` names every operation that differs."""

SECURITY = "BearerToken"
ERROR = "CoreError"
"""`components.responses.CoreError<status>` are the error answers that every fragment shares (auth.yaml)."""

Json = dict[str, Any]


class ContractError(Exception):
    """The fragments contradict each other or miss something; the message says where."""


def fragments() -> dict[str, Json]:
    """Every fragment by its family's name, in the order of the names."""
    return {path.stem: yaml.safe_load(path.read_bytes()) for path in sorted(HERE.glob("*.yaml"))}


def merge(parts: dict[str, Json]) -> Json:
    """One OpenAPI 3.1 document out of the fragments."""
    document: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "Investment API, as served by mockserver",
            "version": VERSION,
            "description": "The operations, schemas and webhooks that the mock promises. x-source names where a fact "
            "comes from, x-events the webhook events that a call causes, x-former-ids the ids that an operation had in "
            "older versions.",
        },
        "tags": [],
        "paths": {},
        "webhooks": {},
        "components": {},
    }
    components = document["components"]
    for name, raw in parts.items():
        part = _local(raw)
        _join(document["paths"], part.get("paths", {}), f"{name}.yaml paths")
        _join(document["webhooks"], part.get("webhooks", {}), f"{name}.yaml webhooks")
        for kind, entries in part.get("components", {}).items():
            _join(components.setdefault(kind, {}), entries, f"{name}.yaml components.{kind}")
    scopes = components["schemas"]["OauthScope"]["enum"]
    components["securitySchemes"] = {SECURITY: _token(scopes)}
    for where, operation in _operations(document):
        _complete(operation, where, components["responses"], set(scopes))
    tags = [tag for _, operation in _operations(document) for tag in operation["tags"]]
    document["tags"] = [{"name": tag} for tag in dict.fromkeys(tags)]
    _resolve_all(document)
    return document


def _local(node: Any) -> Any:
    """``node`` with references to other fragments turned into references inside the one document."""
    if isinstance(node, list):
        return [_local(item) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {key: _local(value) for key, value in node.items()}
    if isinstance(ref := copy.get("$ref"), str):
        copy["$ref"] = "#" + ref.partition("#")[2]
    return copy


def _join(into: Json, entries: Json, where: str) -> None:
    if twice := into.keys() & entries.keys():
        raise ContractError(f"{where}: {', '.join(sorted(twice))} stands in an earlier fragment already")
    into.update(entries)


def _token(scopes: list[str]) -> Json:
    flow = {"tokenUrl": "/auth/token", "scopes": dict.fromkeys(scopes, "")}
    return {
        "type": "oauth2",
        "description": "An access token of POST /auth/token, sent as `Authorization: Bearer`.",
        "flows": {"clientCredentials": flow},
    }


def _operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def _complete(operation: Json, where: str, shared: Json, known: set[str]) -> None:
    """Add what follows from the fragment's facts: security, and 400 wherever a body is read."""
    scopes = operation["x-scopes"]
    if unknown := set(scopes) - known:
        raise ContractError(f"{where}: {', '.join(sorted(unknown))} is no OauthScope")
    operation["security"] = [{SECURITY: [scope]} for scope in scopes]
    responses = operation["responses"]
    if "requestBody" in operation:
        responses.setdefault("400", {"$ref": f"#/components/responses/{ERROR}400"})
    for status, response in responses.items():
        name = f"{ERROR}{status}"
        if name in shared and _plain(response) == _plain(shared[name]):
            response.clear()
            response["$ref"] = f"#/components/responses/{name}"
    operation["responses"] = dict(sorted(responses.items()))


def _plain(response: Json) -> Json:
    """``response`` without its examples, to compare by."""
    content = response.get("content", {})
    bare = {kind: {"schema": media.get("schema")} for kind, media in content.items()}
    return {**response, "content": bare}


def _resolve_all(document: Json) -> None:
    """Refuse a reference to something that is not there."""

    def walk(node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                walk(item)
        elif isinstance(node, dict):
            if isinstance(ref := node.get("$ref"), str):
                _, root, kind, name = ref.split("/")
                if root != "components" or name not in document["components"].get(kind, {}):
                    raise ContractError(f"{ref}: there is no such component")
            for value in node.values():
                walk(value)

    walk(document)


def outputs() -> dict[Path, bytes]:
    """Every generated file and what it must contain."""
    parts = fragments()
    document = merge(parts)
    files = {HERE / "contract.json": orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)}
    files[HERE / "operations.json"] = orjson.dumps(summary(document), option=orjson.OPT_APPEND_NEWLINE)
    profiles = {path.stem: yaml.safe_load(path.read_bytes()) for path in sorted((KERNEL / "profiles").glob("*.yaml"))}
    files[KERNEL / "profiles.json"] = orjson.dumps(profiles, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    resources = resources_of(document)
    homes = {
        schema: name if schema in resources else f"messages.{name}"
        for name, part in parts.items()
        for schema in part["components"]["schemas"]
    }
    for name, source in modules(document["components"]["schemas"], homes).items():
        files[MODELS / f"{name.replace('.', '/')}.py"] = source.encode()
    return files


def main(arguments: list[str]) -> int:
    """Write the generated files, or with ``--check`` name those that differ."""
    check = arguments == ["--check"]
    if arguments and not check:
        print("usage: python -m mockserver.contract.compile [--check]", file=sys.stderr)
        return 2
    stale = [
        (path, content) for path, content in outputs().items() if not path.exists() or path.read_bytes() != content
    ]
    for path, content in stale:
        shown = path.relative_to(HERE.parent.parent)
        if check:
            print(f"{shown} differs from the fragments: run python -m mockserver.contract.compile")
        else:
            path.write_bytes(content)
            print(f"wrote {shown}")
    profiles = subprocess.run([sys.executable, "-m", "mockserver.kernel.compile_profiles", *arguments], check=False)
    return 1 if check and stale else profiles.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
