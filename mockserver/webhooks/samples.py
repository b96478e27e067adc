"""Events that nothing in the world caused: the contract's example of a type, with other members laid over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any, Final

import orjson
from pydantic import TypeAdapter, ValidationError

from mockserver.contract import contract
from mockserver.kernel.events import stamp
from mockserver.kernel.frozen import frozen
from mockserver.kernel.lifecycle import CYCLES
from mockserver.kernel.violations import explained
from mockserver.models import validator

NIL: Final = "00000000-0000-4000-8000-000000000000"
"""An id for the members of an event that its object does not depend on."""


@frozen
class Sample:
    """The object of such an event. It is in no table of the world."""

    id: str
    wire: bytes


def sample(type_: str, members: Mapping[str, Any], *, id: str, now: datetime) -> Sample:
    """The object of an event of ``type_``: the contract's example with ``members`` laid over it.

    Objects are merged member by member; ``None`` leaves a member out. ``id``, the times of its creation and change,
    and the ``status`` that the event announces are set where ``members`` do not have them. Raises ``ValueError`` for an
    object that no such event can have, with each violation.
    """
    object_ = merged(_up_to_date(example(type_), id, now), members)
    wire = orjson.dumps(object_)
    event = _event(type_, wire)
    try:
        _validator(type_).validate_json(event, strict=True)
    except ValidationError as error:
        raise ValueError(explained(error, event, _validator(type_))) from None
    return Sample(str(object_.get("id", id)), wire)


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with ``over`` laid on it, object by object; ``None`` takes a member away."""
    result = dict(base)
    for name, value in over.items():
        inner = result.get(name)
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping):
            result[name] = merged(inner if isinstance(inner, Mapping) else {}, value)
        else:
            result[name] = value
    return result


@cache
def example(type_: str) -> Mapping[str, Any]:
    """The first example of the contract that an event of ``type_`` can have as its object."""
    for found in _candidates(type_):
        for one in (_with_status(type_, found), found):
            with suppress(ValidationError):
                _validator(type_).validate_json(_event(type_, orjson.dumps(one)), strict=True)
                return one
    raise LookupError(f"the contract has no example for {type_}")


def _candidates(type_: str) -> Iterator[Mapping[str, Any]]:
    """Objects of examples: of events of this very type, of its family's, then of answers."""
    document = contract().document
    body = document["webhooks"][type_.partition(".")[0]]["post"]["requestBody"]["content"]["application/json"]
    names = {contract().events[type_], body["schema"]["$ref"].rpartition("/")[2]}
    schemas = [document["components"]["schemas"][name] for name in sorted(names)]
    events = [*_examples(body), *(each for schema in schemas for each in _examples(schema))]
    yield from (event["object"] for event in events if event["type"] == type_)
    yield from (event["object"] for event in events if event["type"] != type_)
    kinds = {schema["properties"]["object"].get("$ref") for schema in schemas if "properties" in schema}
    for path in document["paths"].values():
        for operation in path.values():
            yield from _answers(operation, kinds)


def _answers(operation: Any, kinds: set[str | None]) -> Iterator[Mapping[str, Any]]:
    """Examples of an operation's answers that are, or list, objects of one of these schemas."""
    if not isinstance(operation, Mapping):
        return
    schemas = contract().document["components"]["schemas"]
    for answer in operation["responses"].values():
        for body in answer.get("content", {}).values():
            reference = body["schema"].get("$ref", "")
            if reference in kinds:
                yield from _examples(body)
            items = schemas.get(reference.rpartition("/")[2], {}).get("properties", {}).get("data", {}).get("items", {})
            if items.get("$ref") in kinds:
                yield from (row for each in _examples(body) for row in each["data"])


def _examples(node: Mapping[str, Any]) -> list[Any]:
    """The examples beside a schema, or of one: OpenAPI's map of them, or JSON Schema's list."""
    several = node.get("examples", [])
    found = [each["value"] for each in several.values()] if isinstance(several, Mapping) else list(several)
    return [*([node["example"]] if "example" in node else []), *found]


def _with_status(type_: str, object_: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object in the state that the event announces, where it has a state: CANCELLED for TOPUP.CANCELLED."""
    if "status" not in object_:
        return object_
    announced = (row.to for cycle in CYCLES.values() for row in cycle.rows.values() if row.event == type_)
    return {**object_, "status": next(announced, type_.partition(".")[2])}


def _up_to_date(object_: Mapping[str, Any], id: str, now: datetime) -> dict[str, Any]:
    fresh = {"id": id, "created_at": stamp(now), "updated_at": stamp(now)}
    return {name: fresh.get(name, value) for name, value in object_.items()}


def _validator(type_: str) -> TypeAdapter[Any]:
    return validator(contract().events[type_])


def _event(type_: str, wire: bytes) -> bytes:
    """An event of this type with this object."""
    head = orjson.dumps({"id": NIL, "created_at": "2023-01-10T08:00:00Z", "type": type_, "webhook_id": NIL})
    return head[:-1] + b',"object":' + wire + b"}"
