"""Expectations against a JSON Schema: members that no answer can have, and values that none of them can be.

A misspelt member of an expectation is never there. Where something is expected not to be, such an expectation would
hold whatever happens; elsewhere it fails with a difference that does not say why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from mockserver.kernel.spelling import did_you_mean
from mockserver.scenario.document import Found, Path
from mockserver.scenario.matching import shown

Schema = Mapping[str, Any]

ALTERNATIVES: Final = ("oneOf", "anyOf", "allOf")
DEEPEST: Final = 50

_KINDS: Final[Mapping[type, str]] = {bool: "boolean", int: "integer", float: "number", str: "string"}
_WORDS: Final[Mapping[str, str]] = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "object": "an object",
    "array": "a list",
}
_MOST_NAMES: Final = 20


def impossible(expected: Any, schema: Schema, document: Mapping[str, Any], path: Path = ()) -> Found:
    """Where ``expected`` asks for what ``schema`` never gives, with the place below ``path``.

    ``document`` holds what the ``$ref`` in it point to. Matchers and templates count as any value.
    """
    yield from _any_of(expected, [schema], document, path, DEEPEST)


def parts_of(schemas: Sequence[Schema], document: Mapping[str, Any], part: str) -> tuple[list[Schema], str | None]:
    """The schemas of a member, or of an item (``data``, ``0``), and why there is none; none and no reason: anything."""
    forms = _forms(schemas, document)
    items = [form["items"] for form in forms if "items" in form]
    if part.lstrip("-").isdigit() and items:
        return items, None
    if not forms or any(_open(form) for form in forms if not items):
        return [], None
    known = _members(forms)
    if part in known:
        return known[part], None
    if not known and items:
        return [], f"is a list: {part!r} is none of its items, take one as in [0]"
    return [], _unknown(part, known)


def _any_of(expected: Any, schemas: Sequence[Schema], document: Mapping[str, Any], path: Path, depth: int) -> Found:
    if expected is None or (isinstance(expected, str) and "${" in expected) or depth == 0:
        return
    forms = _forms(schemas, document)
    if not forms or any(not form for form in forms):
        return
    if isinstance(expected, Mapping):
        yield from _mapping(expected, forms, document, path, depth)
    elif isinstance(expected, list | tuple):
        yield from _items(expected, forms, document, path, depth)
    else:
        yield from _scalar(expected, forms, path)


def _mapping(
    expected: Mapping[str, Any], forms: list[Schema], document: Mapping[str, Any], path: Path, depth: int
) -> Found:
    mark = next(iter(expected)) if len(expected) == 1 else ""
    inner = expected[mark] if mark else None
    if mark in ("$contains", "$any_order") and isinstance(inner, list | tuple):
        yield from _items(inner, forms, document, (*path, mark), depth)
        return
    if mark == "$exact":
        yield from _any_of(inner, forms, document, (*path, mark), depth - 1)
        return
    if mark == "$length":
        if not _may_be(forms, "array"):
            yield path, f"is {_words(forms)}, and only a list has a length"
        return
    if not _may_be(forms, "object"):
        yield path, f"expected {_words(forms)}, got an object"
        return
    if any(_open(form) for form in forms):
        return
    known = _members(forms)
    for name, value in expected.items():
        if name not in known:
            yield (*path, name), _unknown(str(name), known)
        else:
            yield from _any_of(value, known[name], document, (*path, name), depth - 1)


def _items(expected: Sequence[Any], forms: list[Schema], document: Mapping[str, Any], path: Path, depth: int) -> Found:
    if not _may_be(forms, "array"):
        yield path, f"expected {_words(forms)}, got a list"
        return
    items = [form["items"] for form in forms if "items" in form]
    if not items:
        return
    for index, item in enumerate(expected):
        yield from _any_of(item, items, document, (*path, index), depth - 1)


def _scalar(expected: Any, forms: list[Schema], path: Path) -> Found:
    kind = _KINDS.get(type(expected))
    if kind is None:
        return
    if not (_may_be(forms, kind) or (kind == "integer" and _may_be(forms, "number"))):
        quotes = ": put it in quotes" if _may_be(forms, "string") else ""
        yield path, f"expected {_words(forms)}, got {shown(expected)}{quotes}"
        return
    values = [value for form in forms for value in _values(form)]
    closed = values and all(any(True for _ in _values(form)) or not _is(form, kind) for form in forms)
    if closed and expected not in values:
        texts = [str(value) for value in dict.fromkeys(values)]
        meant = did_you_mean(str(expected), texts) or f" (it is one of {_listed(texts)})"
        yield path, f"{shown(expected)} is never the value here{meant}"


def _forms(schemas: Sequence[Schema], document: Mapping[str, Any], depth: int = DEEPEST) -> list[Schema]:
    """The schemas without references and alternatives: the forms that a value may have."""
    found: list[Schema] = []
    for schema in schemas:
        if depth == 0:
            return [{}]
        if "$ref" in schema:
            found += _forms([_target(schema["$ref"], document)], document, depth - 1)
            continue
        choices = [each for name in ALTERNATIVES for each in schema.get(name, ())]
        own = {name: value for name, value in schema.items() if name not in ALTERNATIVES}
        if any(name in own for name in ("properties", "items", "type", "enum", "const")) or not choices:
            found.append(own)
        # Alternatives that only say which members go together (`required`) add no form of their own
        found += _forms([each for each in choices if _tells(each)], document, depth - 1)
    return found


def _tells(schema: Schema) -> bool:
    return any(name in schema for name in ("$ref", "properties", "items", "type", "enum", "const", *ALTERNATIVES))


def _target(reference: str, document: Mapping[str, Any]) -> Schema:
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    found: Schema = node
    return found


def _members(forms: Sequence[Schema]) -> dict[str, list[Schema]]:
    known: dict[str, list[Schema]] = {}
    for form in forms:
        for name, schema in form.get("properties", {}).items():
            known.setdefault(name, []).append(schema)
    return known


def _open(form: Schema) -> bool:
    """Whether an object of this form may have members that it does not name."""
    extra = form.get("additionalProperties")
    return _is(form, "object") and ("properties" not in form or (extra is not None and extra is not False))


def _is(form: Schema, kind: str) -> bool:
    given = form.get("type")
    if given is None:
        named = "object" if "properties" in form else "array" if "items" in form else None
        return named in (None, kind)
    return kind in given if isinstance(given, list) else given == kind


def _may_be(forms: Sequence[Schema], kind: str) -> bool:
    return any(_is(form, kind) for form in forms)


def _values(form: Schema) -> Iterator[Any]:
    if "const" in form:
        yield form["const"]
    yield from form.get("enum", ())


def _words(forms: Sequence[Schema]) -> str:
    return " or ".join(word for kind, word in _WORDS.items() if _may_be(forms, kind))


def _unknown(name: str, known: Mapping[str, Any]) -> str:
    meant = did_you_mean(name, known) or (f" (known: {_listed(sorted(known))})" if known else "")
    return f"{name!r} is never among the members here{meant}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
