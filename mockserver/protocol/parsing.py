"""From a request to a :class:`~mockserver.kernel.operations.Call`: path, query and body against the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from pydantic import TypeAdapter, ValidationError

from mockserver.contract import Operation
from mockserver.kernel.operations import Call
from mockserver.kernel.profile import NOTHING_INFERRED, Refusals
from mockserver.kernel.quoting import quoted
from mockserver.kernel.rules import Rule
from mockserver.kernel.violations import explained, joined
from mockserver.models import validator
from mockserver.protocol.negotiation import check_content_type
from mockserver.protocol.nulls import without_nulls
from mockserver.protocol.parameters import Reader, reader
from mockserver.protocol.refusals import (
    BAD_PATH_VALUE,
    BAD_PATH_VALUE_UNDOCUMENTED,
    BAD_QUERY,
    BODY_EMPTY,
    BODY_INVALID,
    BODY_MALFORMED,
)

EMPTY_IS_DEFAULT: Final = frozenset({"limit", "offset"})
"""Query parameters that may be sent without a value (concepts.md §6 [S])."""

MOST_FIELDS: Final = 1000
"""Query parameters in one request; unknown ones are ignored (inferred)."""

NOTHING_GIVEN: Final[frozenset[str]] = frozenset()


class Parser:
    """Reads the requests of one operation; made once, on its first request."""

    def __init__(self, operation: Operation) -> None:
        self._path = tuple((each.name, reader(each.schema)) for each in operation.path_parameters)
        self._query: dict[str, Reader] = {each.name: reader(each.schema) for each in operation.query}
        self._defaults: dict[str, Any] = {each.name: each.schema.get("default") for each in operation.query}
        self._required = tuple(each.name for each in operation.query if each.required)
        self._bad_path = BAD_PATH_VALUE if 400 in operation.statuses else BAD_PATH_VALUE_UNDOCUMENTED
        self._content_type = operation.body.content_type if operation.body is not None else ""
        self._schema = (operation.body.schema if operation.body is not None else None) or ""
        self._body = _body_reader(operation)

    def path(self, texts: Mapping[str, str]) -> Mapping[str, Any]:
        """The values of the path's parameters; raises :class:`~mockserver.kernel.rules.Refusal`."""
        values, problems = {}, []
        for name, read in self._path:
            try:
                values[name] = read(texts[name])
            except ValueError as error:
                problems.append(f"(path).{name}: {error}")
        _refuse_if(problems, self._bad_path)
        return values

    def call(
        self,
        path: Mapping[str, Any],
        query: str,
        headers: Mapping[str, str],
        body: bytes,
        refused: Refusals = NOTHING_INFERRED,
    ) -> Call[Any]:
        """The parsed request; raises :class:`~mockserver.kernel.rules.Refusal` naming everything that is wrong."""
        if query or self._required:
            parameters, given = self._query_values(query)
        else:
            parameters, given = self._defaults, NOTHING_GIVEN
        if self._body is None:
            return Call(path, parameters, None, given)
        check_content_type(headers.get("content-type"), self._content_type, bare=refused.content_type_parameters)
        if b"null" in body and not refused.null_members:
            body = without_nulls(body, self._schema)
        return Call(path, parameters, self._body(body), given, body)

    def _query_values(self, query: str) -> tuple[dict[str, Any], frozenset[str]]:
        values, problems = dict(self._defaults), []
        given: set[str] = set()
        for name, text in _fields(query):
            read = self._query.get(name)
            if read is None or (not text and name in EMPTY_IS_DEFAULT):
                continue
            if name in given:
                problems.append(f"(query).{name}: is given twice")
                continue
            given.add(name)
            try:
                values[name] = read(text)
            except ValueError as error:
                problems.append(f"(query).{name}: {error}")
        problems += (f"(query): field {quoted(name)} was not filled" for name in self._required if name not in given)
        _refuse_if(problems, BAD_QUERY)
        return values, frozenset(given)


def _fields(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BAD_QUERY.refuse(violations=f"(query): has more than {MOST_FIELDS} parameters") from None


def _refuse_if(problems: list[str], rule: Rule) -> None:
    if problems:
        raise rule.refuse(violations=joined(problems))


def _body_reader(operation: Operation) -> Callable[[bytes], Any] | None:
    if operation.body is None or operation.body.schema is None:
        return None
    adapter: TypeAdapter[Any] = validator(operation.body.schema)

    def read(body: bytes) -> Any:
        try:
            return adapter.validate_json(body, strict=True)
        except ValidationError as error:
            raise _refusal(error, body, adapter) from None

    return read


def _refusal(error: ValidationError, body: bytes, adapter: TypeAdapter[Any]) -> Exception:
    if not body:
        return BODY_EMPTY.refuse()
    if error.error_count() == 1:
        (only,) = error.errors(include_url=False, include_input=False)
        if only["type"] == "json_invalid":
            return BODY_MALFORMED.refuse(error=only["ctx"]["error"])
    return BODY_INVALID.refuse(violations=explained(error, body, adapter))
