"""JSON Schemas of the answers, made from the types that the Python client reads them as.

Every member is required but those that only some answers of a kind have (``SOMETIMES``), and no other member exists.
Docstrings are the descriptions. A type that is ``OPEN`` has other members, too.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import Field, fields, is_dataclass
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

Schema = dict[str, Any]

REF: Final = "#/components/schemas/"
SCALARS: Final[Schema] = {"type": ["null", "boolean", "number", "string"]}


def _json_value(nested: int = 2) -> Schema:
    """Any JSON, with so many arrays in arrays before they hold anything.

    The schema does not refer to itself for its arrays: TypeScript refuses a type whose array holds itself.
    """
    items = _json_value(nested - 1) if nested else {}
    return {"anyOf": [SCALARS, {"$ref": f"{REF}JsonObject"}, {"type": "array", **({"items": items} if items else {})}]}


JSON_VALUE: Final[Schema] = {"description": "Any JSON.", **_json_value()}
JSON_OBJECT: Final[Schema] = {
    "description": "An object of the mocked API, or other JSON with any members.",
    "type": "object",
    "additionalProperties": {"$ref": f"{REF}JsonValue"},
}
PLAIN: Final[Mapping[Any, Schema]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    datetime: {"type": "string", "format": "date-time"},
    Any: {"$ref": f"{REF}JsonValue"},
}


class AnswerSchemas:
    """The schemas of answers, by the names under which the document has them. ``taken``: names of other schemas."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.found: dict[str, Schema] = {"JsonValue": JSON_VALUE, "JsonObject": JSON_OBJECT}
        self._taken = frozenset(taken)

    def of(self, hint: Any) -> Schema:
        """The schema of a type, with references to those of the types in it."""
        origin, inner = get_origin(hint), get_args(hint)
        if hint in PLAIN:
            return PLAIN[hint]
        if origin in (Union, UnionType):
            return self._nullable(inner)
        if origin is Literal:
            return {"type": "string", "enum": list(inner)}
        if origin is list:
            return {"type": "array", "items": self.of(inner[0])}
        if origin is not None and issubclass(origin, Mapping):
            whole = inner[1] is Any
            return (
                {"$ref": f"{REF}JsonObject"} if whole else {"type": "object", "additionalProperties": self.of(inner[1])}
            )
        if is_dataclass(hint) or is_typeddict(hint):
            return {"$ref": f"{REF}{self._named(hint)}"}
        raise TypeError(f"{hint} has no JSON Schema here")

    def _nullable(self, inner: tuple[Any, ...]) -> Schema:
        if all(get_origin(each) is Literal for each in inner):
            return {"type": "string", "enum": [value for each in inner for value in get_args(each)]}
        (sound,) = (self.of(each) for each in inner if each is not NoneType)
        if set(sound) <= {"type", "format"}:
            return {**sound, "type": [sound["type"], "null"]}
        return {"anyOf": [sound, {"type": "null"}]}

    def _named(self, cls: Any) -> str:
        name = f"{cls.__name__}Answer" if cls.__name__ in self._taken else str(cls.__name__)
        if name not in self.found:
            self.found[name] = {}  # so that a type that holds itself ends
            self.found[name] = self._object(cls)
        return name

    def _object(self, cls: Any) -> Schema:
        described, members, required = _descriptions(cls), {}, []
        for name, (key, hint, sometimes) in _members(cls).items():
            text = described.get(name)
            schema = self.of(hint)
            members[key] = {**schema, "description": text} if text else schema
            if not sometimes:
                required.append(key)
        others = {"$ref": f"{REF}JsonValue"} if getattr(cls, "OPEN", False) else False
        about = {"description": _words(cls.__doc__)} if cls.__doc__ and "(*" not in cls.__doc__ else {}
        return {**about, "type": "object", "properties": members, "required": required, "additionalProperties": others}


def _members(cls: Any) -> dict[str, tuple[str, Any, bool]]:
    """Of each member its name in JSON, its type, and whether only some answers have it."""
    hints = get_type_hints(cls)
    if is_typeddict(cls):
        return {name: (name, hint, name not in cls.__required_keys__) for name, hint in hints.items()}
    kept: list[Field[Any]] = [each for each in fields(cls) if each.name != "json"]
    return {
        each.name: (each.metadata.get("json", each.name), hints[each.name], "sometimes" in each.metadata)
        for each in kept
    }


def _descriptions(cls: Any) -> dict[str, str]:
    """The texts below the members, as the sources have them."""
    found: dict[str, str] = {}
    for each in (*reversed(inspect.getmro(cls)), *getattr(cls, "__orig_bases__", ()), cls):
        if is_dataclass(each) or is_typeddict(each):
            found |= _texts(each)
    return found


def _texts(cls: Any) -> dict[str, str]:
    try:
        (tree,) = ast.parse(inspect.cleandoc(inspect.getsource(cls))).body
    except (OSError, SyntaxError, ValueError):  # no sources, or not of a class statement
        return {}
    found, name = {}, ""
    for node in getattr(tree, "body", ()):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and name:
            found[name] = _words(str(node.value.value))
        else:
            name = ""
    return found


def _words(text: str) -> str:
    return inspect.cleandoc(text).replace("``", "`").replace("`None`", "`null`")
