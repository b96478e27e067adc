"""Members that are null where the contract does not allow it: they count as absent.

Serializers of many languages write null for a member that is unset. The contract does not say that this is allowed, nor
is it published that the API refuses it: inferred, profile setting ``refusals.null_members``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from pydantic_core import from_json, to_json

from mockserver.contract import contract

_NOT_SCHEMAS: Final = frozenset({"example", "examples", "default", "enum", "const"})


def without_nulls(body: bytes, schema: str) -> bytes:
    """A JSON body without its null members, but for those that the component schema ``schema`` allows to be null.

    A body that has none, or is not JSON, is returned as it is.
    """
    try:
        data = from_json(body)
    except ValueError:
        return body
    return to_json(data, inf_nan_mode="constants") if _drop(data, nullable_members(schema)) else body


def _drop(data: Any, kept: frozenset[str]) -> bool:
    """Delete the null members of ``data`` at any depth; whether there was one."""
    dropped = False
    rest = [data]
    while rest:
        each = rest.pop()
        if isinstance(each, dict):
            for name in [name for name, value in each.items() if value is None and name not in kept]:
                del each[name]
                dropped = True
            rest.extend(each.values())
        elif isinstance(each, list):
            rest.extend(each)
    return dropped


@cache
def nullable_members(schema: str) -> frozenset[str]:
    """The names of the members that may be null, in ``schema`` or whatever it refers to."""
    components = contract().document["components"]["schemas"]
    seen: set[str] = set()

    def names(node: Any) -> Iterator[str]:
        if isinstance(node, list):
            for item in node:
                yield from names(item)
        if not isinstance(node, dict):
            return
        if isinstance(ref := node.get("$ref"), str) and ref not in seen:
            seen.add(ref)
            yield from names(components[ref.rpartition("/")[2]])
        if isinstance(properties := node.get("properties"), dict):
            yield from (name for name, value in properties.items() if _may_be_null(value))
        for key, value in node.items():
            if key not in _NOT_SCHEMAS:
                yield from names(value)

    return frozenset(names(components[schema]))


def _may_be_null(schema: Any) -> bool:
    kinds = schema.get("type")
    forms = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return kinds == "null" or (isinstance(kinds, list) and "null" in kinds) or any(map(_may_be_null, forms))
