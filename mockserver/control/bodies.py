"""Parts of commands' bodies that several have, each with the JSON Schema of exactly what is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from mockserver.contract import contract
from mockserver.kernel.money import PRICES_BELOW

_DIGITS: Final = len(str(int(PRICES_BELOW))) - 1

Price = Annotated[
    Decimal,
    Field(gt=0, lt=PRICES_BELOW, decimal_places=27),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": int(PRICES_BELOW)},
                {"type": "string", "pattern": rf"^(?=.*[1-9])[0-9]{{1,{_DIGITS}}}(\.[0-9]{{1,27}})?$"},
            ]
        }
    ),
]
"""A price: more than nothing."""

Rate = Annotated[
    Decimal,
    Field(ge=0, le=1, decimal_places=27),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 1},
                {"type": "string", "pattern": r"^(0(\.[0-9]{1,27})?|1(\.0{1,27})?)$"},
            ]
        }
    ),
]
"""A part of one."""

MODE: Final = {"pattern": r"^(manual|real|x(?=.*[1-9])[0-9]{1,6}(\.[0-9]{1,6})?)$"}
"""The mode of a clock."""
CLOCK: Final = {"pattern": MODE["pattern"].replace("real", "real|now")}
"""The same, or a clock that is frozen at the time of the machine."""
DURATION: Final = {"pattern": r"^([0-9]{1,6}(\.[0-9]{1,3})?(ms|s|m|h|d|w))+$"}
"""A span of time, as :mod:`mockserver.kernel.durations` reads it."""


def exactly_one_of(**members: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object that has one of these members; ``null`` is as good as none."""
    return {"oneOf": [{"required": [name], "properties": {name: schema}} for name, schema in members.items()]}


def all_or_one(**members: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object that has at most one of these members, none of them ``null``; ``{}`` means all."""
    return {"maxProperties": 1, "properties": members}


def check_all_or_one(body: BaseModel, example: str) -> None:
    """Refuse a body that names both all and one, or ``null``: a variable that is empty must not end everything.

    ``example`` is how one is named.
    """
    given = body.model_fields_set
    if len(given) > 1 or any(getattr(body, name) is None for name in given):
        text = f'should be {{}} or {{"all": true}} for all, or {example} for one'
        raise PydanticCustomError("all_or_one", text)


def never_both(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The schema of an object that has no two of these members at once."""
    given = {"not": {"type": "null"}}
    return {
        "allOf": [{"not": {"required": [one, other], "properties": {one: given, other: given}}} for one, other in pairs]
    }


def as_in_contract(component: str, member: str) -> Callable[[dict[str, Any]], None]:
    """Give a member the schema that a component of the contract has for it, references written out."""

    def change(schema: dict[str, Any]) -> None:
        components = contract().document["components"]["schemas"]
        found = _written_out(components[component]["properties"][member], components)
        schema.pop("anyOf", None)
        schema.update({"anyOf": [found, {"type": "null"}]} if schema.get("default", 0) is None else found)

    return change


def _written_out(schema: Any, components: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _written_out(components[schema["$ref"].rpartition("/")[2]], components)
        return {name: _written_out(each, components) for name, each in schema.items()}
    return [_written_out(each, components) for each in schema] if isinstance(schema, list) else schema
