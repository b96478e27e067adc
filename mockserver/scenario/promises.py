"""The steps of a scenario against the contract: what a replay would refuse, or what could never come.

A request that is to succeed has a path, parameters and a body that its operation takes; one whose expected status is
400 or more may be wrong in any way. Expected members of answers, events and objects are members that they can have.
Places with ``${...}`` in them count as any value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from pydantic import ValidationError

from mockserver.contract import Operation, contract
from mockserver.kernel.spelling import did_you_mean
from mockserver.kernel.store import NAMES
from mockserver.kernel.violations import violations
from mockserver.models import validator
from mockserver.protocol.faults import RequestFault
from mockserver.protocol.known_names import operations_at, router, unknown_path, wrong_method
from mockserver.protocol.nulls import without_nulls
from mockserver.protocol.parameters import reader
from mockserver.protocol.routing import Found as Led
from mockserver.scenario.document import Found, Path
from mockserver.scenario.error_messages import unknown
from mockserver.scenario.members import impossible, parts_of
from mockserver.scenario.shapes import shape
from mockserver.scenario.steps import Bundle, Expect, Request, Step
from mockserver.scenario.templates import TEMPLATE, path_parts
from mockserver.scenario.well_formed import Parts

ANY_ID: Final = "00000000-0000-4000-8000-000000000000"
SAID_OF_OBJECTS: Final = frozenset({"missing", "extra_forbidden", "exactly_one_of"})
"""Errors of an object that hold whatever its members are."""

Place = tuple[str | int, ...]


def promises(parts: Parts) -> Found:
    """Every mistake in the steps that the contract shows."""
    pretended = _pretended(parts)
    for path, step in parts.entries("steps"):
        if step.request is not None:
            yield from _request(path, step, pretended=pretended)
        yield from _events(path, step, parts)
        yield from _state(path, step)


def _pretended(parts: Parts) -> bool:
    """Whether faults give answers that no operation gives."""
    everything = [fault for _, fault in parts.entries("faults")]
    everything += [fault for _, step in parts.entries("steps") for fault in step.faults or ()]
    return any(isinstance(fault, RequestFault) and fault.answers for fault in everything)


def _request(path: Path, step: Step, *, pretended: bool) -> Found:
    request, expect = step.request, step.expect or Expect()
    assert request is not None
    if request.path.startswith("${") or request.method == "OPTIONS":
        return
    to_fail = expect.status is not None and expect.status >= 400
    where, _, query = request.path.partition("?")
    operation = _operation(request.method, where)
    if not to_fail:
        yield from _route((*path, "request"), request, where)
        if operation is not None:
            yield from _path_values((*path, "request", "path"), operation, where)
            yield from _query((*path, "request"), operation, request, query)
            yield from _body((*path, "request"), operation, request)
    if pretended or request.method == "HEAD":
        return
    if to_fail:
        yield from _members((*path, "expect", "body"), expect.body, {"$ref": "#/components/schemas/Problem"})
    elif operation is not None:
        yield from _answer(path, step, expect, operation)


def _operation(method: str, where: str) -> Operation | None:
    """The operation that a request leads to, as far as its templates tell."""
    led = router().match(method, TEMPLATE.sub(ANY_ID, where))
    if isinstance(led, Led):
        meant: Operation = led.target
        return meant
    found = list(operations_at(TEMPLATE.sub("*", where), method)) if "${" in where else []
    return found[0] if len(found) == 1 else None


def _route(place: Path, request: Request, where: str) -> Found:
    asked = TEMPLATE.sub("*", where)
    gone = unknown_path(asked)
    if gone is not None:
        yield (*place, "path"), f"{gone.replace(asked, where, 1)}; where that is meant, expect: {{status: 404}}"
    elif (wrong := wrong_method(request.method, asked)) is not None:
        yield (*place, "method"), f"{wrong.replace(asked, where, 1)}; where that is meant, expect: {{status: 405}}"


def _path_values(place: Path, operation: Operation, where: str) -> Found:
    schemas = {f"{{{each.name}}}": each.schema for each in operation.path_parameters}
    mine, sent = operation.path.split("/"), where.split("/")
    for segment, text in zip(mine, sent, strict=False) if len(mine) == len(sent) else ():
        if segment in schemas and "${" not in text:
            yield from _read(place, schemas[segment], text, f"{operation.id} refuses it: {segment[1:-1]}")


def _query(place: Path, operation: Operation, request: Request, in_path: str) -> Found:
    known = {each.name: each.schema for each in operation.query}
    given: list[tuple[Path, str, Any]] = [
        ((*place, "path"), name, value) for name, value in parse_qsl(in_path, keep_blank_values=True)
    ]
    for name, value in request.query.items():
        values = value if isinstance(value, tuple) else (value,)
        given += [((*place, "query", name), name, each) for each in values]
    for where, name, value in given:
        if "${" in name:
            continue
        if name not in known:
            takes = did_you_mean(name, known) or f" (known: {', '.join(known) or 'none'})"
            yield where, f"{operation.id} has no parameter {name!r}{takes}"
        elif not (isinstance(value, str) and ("${" in value or not value)):
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield from _read(where, known[name], text, f"{operation.id} refuses it: {name}")
    if not any("${" in name for _, name, _ in given):
        for each in operation.query:
            if each.required and each.name not in {name for _, name, _ in given}:
                yield place, f"{operation.id} needs the parameter {each.name!r}: query: {{{each.name}: …}}"


def _read(place: Path, schema: Mapping[str, Any], text: str, what: str) -> Found:
    try:
        reader(schema)(text)
    except ValueError as error:
        yield place, f"{what} {error}"


def _body(place: Path, operation: Operation, request: Request) -> Found:
    """The body is one that the operation takes."""
    described = operation.body
    if described is None or described.schema is None or "content-type" in {name.lower() for name in request.headers}:
        return
    if "body" not in request.model_fields_set:
        if described.required:
            yield place, f"{operation.id} needs a body: {described.schema}"
        return
    if not described.content_type.endswith("json") or (isinstance(request.body, str) and "${" in request.body):
        return
    sent = without_nulls(orjson.dumps(request.body), described.schema)
    data = orjson.loads(sent)
    try:
        validator(described.schema).validate_json(sent, strict=True)
    except ValidationError as error:
        for steps, text in violations(error, data, lambda steps, kind: _open(_at(data, steps), kind)):
            yield (*place, "body", *steps), f"{operation.id} refuses it: {text}"


def _open(value: Any, kind: str) -> bool:
    """Whether a mistake of this kind may not be one, once the templates of the value are filled in."""
    return kind not in SAID_OF_OBJECTS and "${" in str(value)


def _at(data: Any, steps: Place) -> Any:
    for step in steps:
        data = data[step]
    return data


def _answer(path: Path, step: Step, expect: Expect, operation: Operation) -> Found:
    """What is expected of an answer, and taken from it, is in it."""
    if expect.status is not None and expect.status not in operation.statuses:
        yield (*path, "expect", "status"), f"{operation.id} answers {operation.success}, never {expect.status}"
    if operation.answer is None:
        if not operation.answer_types and expect.body is not None:
            yield (*path, "expect", "body"), f"{operation.id} answers {operation.success} without a body: expect null"
        return
    schema = {"$ref": f"#/components/schemas/{operation.answer}"}
    yield from _members((*path, "expect", "body"), expect.body, schema)
    for name, place in (step.save or {}).items():
        forms: list[Mapping[str, Any]] = [schema]
        wrong = None
        for part in path_parts(place):
            forms, wrong = parts_of(forms, contract().document, part)
            if not forms:
                break
        if wrong is not None:
            yield (*path, "save", name), f"{place}: in the answer of {operation.id} {wrong}"


def _events(path: Path, step: Step, parts: Parts) -> Found:
    if step.emit is not None and step.emit.type in contract().events:
        given = _kept(step.emit.object)
        yield from _members((*path, "emit", "object"), given, _object_of(contract().events[step.emit.type]))
    raw = parts.document.data["steps"][path[1]]
    for member in ("expect_event", "expect_webhook"):
        for index, pattern in enumerate(getattr(step, member) or ()):
            schema = None if isinstance(pattern, Bundle) else contract().events.get(pattern.type)
            if schema is not None:
                held = _object_of(schema)
                entry = (index,) if isinstance(raw.get(member), list) else ()
                yield from _members((*path, member, *entry, "object"), pattern.object, held)


def _object_of(event: str) -> Any:
    """The schema of the object of events of this schema."""
    return contract().document["components"]["schemas"][event]["properties"]["object"]


def _kept(value: Any) -> Any:
    """``value`` without the members that are null: those that an emitted event leaves out."""
    if not isinstance(value, Mapping):
        return value
    return {name: _kept(each) for name, each in value.items() if each is not None}


def _state(path: Path, step: Step) -> Found:
    expected = step.expect_state
    if expected is None or "${" in expected.resource:
        return
    if expected.resource not in NAMES:
        yield (*path, "expect_state", "resource"), unknown(expected.resource, NAMES, "is no resource")
        return
    schema = shape(expected.resource)
    if schema is not None:
        yield from impossible(expected.object, schema, schema, (*path, "expect_state", "object"))


def _members(place: Path, expected: Any, schema: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    yield from impossible(expected, schema, contract().document, place)
