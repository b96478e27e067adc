"""Which component schemas are resources, and which only messages about them.

A resource is what an answer or an event holds, with all it is made of. What wraps resources (lists, event envelopes)
and what only a request says are messages: a server needs them only when such a request comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mockserver.contract.generate import references

Json = dict[str, Any]

LIST_META = "ListMeta"
"""The ``meta`` of every list that the protocol puts together; a list with another one is made by its own rule."""


def resources_of(document: Json) -> set[str]:
    """The names of the resources among the component schemas of ``document``."""
    components = document["components"]
    schemas: Json = components["schemas"]
    bodies = [*_answers(document), *(schema for schema in schemas.values() if _is_envelope(schema))]
    return _closure((name for body in bodies for name in _held(body, schemas)), schemas)


def _answers(document: Json) -> Iterator[Json]:
    """The bodies of all answers that say yes."""
    shared = document["components"].get("responses", {})
    for item in document["paths"].values():
        for operation in item.values():
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    named = answer.get("$ref", "").rpartition("/")[2]
                    content = shared.get(named, answer).get("content", {})
                    yield from (media["schema"] for media in content.values() if "schema" in media)


def _held(body: Json, schemas: Json) -> Iterator[str]:
    """The resources that a body is, or wraps."""
    name = body.get("$ref", "").rpartition("/")[2]
    members = schemas.get(name, body).get("properties", {})
    if {"meta", "data"} <= members.keys() and members["meta"].get("$ref", "").endswith(f"/{LIST_META}"):
        yield from references(members["data"])
    elif _is_envelope(body):
        yield from references(members["object"])
    elif name:
        yield name
    else:
        yield from references(body)


def _is_envelope(schema: Json) -> bool:
    members: Json = schema.get("properties", {})
    return {"object", "type", "webhook_id"} <= members.keys()


def _closure(names: Iterable[str], schemas: Json) -> set[str]:
    """``names`` and all that they refer to."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += references(schemas[name])
    return found
