"""Checks of requests that no request could pass: names that the contract does not know, in an assertion.

``never`` and ``count: 0`` hold of a misspelt name whatever the client does. So a name that does not exist is refused,
unless the journal shows that the client did use it (it then means what it says), or ``unknown_path`` says that the path
is meant as it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract import Operation, contract
from mockserver.control.verification import Pattern, content, path_fits
from mockserver.kernel.quoting import quoted
from mockserver.kernel.spelling import did_you_mean
from mockserver.protocol.journal import Entry
from mockserver.protocol.known_names import contradicted, operations_at
from mockserver.scenario.members import impossible

HOW_TO_MEAN_IT = '; a path outside the API that is meant as it is written takes "unknown_path": true'


def unknown_names(asked: Pattern, entries: Sequence[Entry]) -> Iterator[str]:
    """What the contract does not know of a pattern, and no request of ``entries`` shows either."""
    alike = [each for each in entries if _goes_there(asked, each)]
    if alike and asked.operation is None:
        yield from _unknown_members(asked, alike)
        return
    for member, text in contradicted(asked.operation, asked.method, asked.path):
        if member != "path":
            yield f"(root).{member}: {text}"
        elif not asked.unknown_path:
            yield f"(root).path: {text}{HOW_TO_MEAN_IT if asked.operation is None else ''}"
    yield from _unknown_members(asked, alike)


def _goes_there(asked: Pattern, entry: Entry) -> bool:
    """Whether a request has the method and the path that are meant."""
    return asked.method in (None, entry.method) and (asked.path is None or path_fits(asked.path, entry.path))


def _unknown_members(asked: Pattern, entries: Sequence[Entry]) -> Iterator[str]:
    """Members of the body and parameters of the query that none of the operations that are meant takes."""
    meant = _meant(asked)
    if not meant:
        return
    known = {each.name for operation in meant for each in operation.query}
    for name in asked.query:
        if name not in known and not any(_has_parameter(each, name) for each in entries):
            takes = did_you_mean(name, known) or f" (known: {', '.join(sorted(known)) or 'none'})"
            yield f"(root).query: {quoted(name)} is no parameter of {_named(meant)}{takes}"
    bodies = [operation.body for operation in meant]
    schemas = [{"$ref": f"#/components/schemas/{body.schema}"} for body in bodies if body is not None and body.schema]
    if asked.body is None or not schemas or len(schemas) < len([body for body in bodies if body is not None]):
        return
    for path, text in impossible(asked.body, {"anyOf": schemas}, contract().document):
        if not any(_has(content(each.body), path) for each in entries):
            yield f"{'.'.join(map(str, ('(root).body', *path)))}: {text}"


def _meant(asked: Pattern) -> list[Operation]:
    if asked.operation is not None:
        found = contract().operations.get(asked.operation)
        return [] if found is None else [found]
    return [] if asked.path is None else list(operations_at(asked.path, asked.method))


def _named(operations: Sequence[Operation]) -> str:
    return " or ".join(each.id for each in operations[:3])


def _has_parameter(entry: Entry, name: str) -> bool:
    return any(key == name for key, _ in parse_qsl(entry.query, keep_blank_values=True))


def _has(body: Any, path: Sequence[str | int]) -> bool:
    """Whether a body has a member at a place of an expectation; the place in a list is any."""
    if not path:
        return True
    first, *rest = path
    if isinstance(first, str) and first.startswith("$"):
        return _has(body, rest)
    if isinstance(first, int):
        return isinstance(body, list) and any(_has(each, rest) for each in body)
    return isinstance(body, dict) and first in body and _has(body[first], rest)
