"""References between the entries of a scenario: which member names an entry of which family.

A member says so in its type: ``account_id: Annotated[Reference, To("accounts")]``. ``check`` then asks for an entry of
that family by id or name, the world is built in an order in which it is there, and a name is replaced by its id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, get_args

from pydantic import BaseModel

from mockserver.kernel.frozen import frozen
from mockserver.scenario.document import Path
from mockserver.scenario.fields import Reference


@frozen
class To:
    """Marks a member as the id or name of an entry of ``family``."""

    family: str


ToUser = Annotated[Reference, To("users")]
ToBusiness = Annotated[Reference, To("businesses")]
ToAccountGroup = Annotated[Reference, To("account_groups")]
ToAccount = Annotated[Reference, To("accounts")]
ToInstrument = Annotated[Reference, To("instruments")]
ToAllocation = Annotated[Reference, To("allocations")]
ToStrategy = Annotated[Reference, To("strategies")]
ToReferenceAccount = Annotated[Reference, To("reference_accounts")]
ToMandate = Annotated[Reference, To("mandates")]
ToTransactionFeeModel = Annotated[Reference, To("transaction_fee_models")]

Place = tuple[tuple[str, ...], str]
"""The members that lead to a reference, lists between them left out, and the family that it names."""


@cache
def places(model: type[BaseModel]) -> tuple[Place, ...]:
    """Where entries of ``model`` refer to others."""
    return tuple(_places(model))


def _places(model: type[BaseModel]) -> Iterator[Place]:
    for name, info in model.model_fields.items():
        for each in (*info.metadata, *_parts(info.annotation)):
            if isinstance(each, To):
                yield (name,), each.family
            elif isinstance(each, type) and issubclass(each, BaseModel):
                yield from (((name, *rest), family) for rest, family in places(each))


def _parts(annotation: Any) -> Iterator[Any]:
    """Everything that a type is made of, the marks of ``Annotated`` included."""
    yield annotation
    for argument in get_args(annotation):
        yield from _parts(argument)


def references(entry: BaseModel) -> Iterator[tuple[Path, str, str]]:
    """The references that an entry gives: place, id or name, and the family that it is of."""
    for path, family in places(type(entry)):
        for place, reference in _walk(entry, path):
            yield place, reference, family


def _walk(value: Any, path: tuple[str, ...], at: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(value, tuple):
        for index, each in enumerate(value):
            yield from _walk(each, path, (*at, index))
    elif path and value is not None:
        yield from _walk(getattr(value, path[0]), path[1:], (*at, path[0]))
    elif value:
        yield at, value


def members(entry: BaseModel, ids: Mapping[str, str]) -> dict[str, Any]:
    """The members that an entry gives, as plain data, with ids in place of names."""
    given = entry.model_dump(exclude_unset=True)
    for path, _ in places(type(entry)):
        _replace(given, path, ids)
    return given


def _replace(value: Any, path: tuple[str, ...], ids: Mapping[str, str]) -> None:
    if isinstance(value, list | tuple):
        for each in value:
            _replace(each, path, ids)
    elif isinstance(value, dict) and path[0] in value:
        inner = value[path[0]]
        if path[1:]:
            _replace(inner, path[1:], ids)
        elif isinstance(inner, list | tuple):
            value[path[0]] = tuple(ids.get(each, each) for each in inner)
        else:
            value[path[0]] = ids.get(inner, inner)
