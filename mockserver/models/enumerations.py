"""The base of the contract's enumerations: texts, whose members are made at the first use of the enumeration."""

from __future__ import annotations

from enum import EnumType, StrEnum
from typing import TYPE_CHECKING, Any, Final

from mockserver.models.first_use import BODY, FirstUse, finish, finished, in_place

InPlace = in_place(EnumType)


class DeferredEnum(EnumType):
    """Makes a plain class that has a `FirstUse` for each table that ``enum`` keeps of members."""

    if not TYPE_CHECKING:

        @classmethod
        def __prepare__(cls, name: str, bases: tuple[type[Any], ...], **options: Any) -> dict[str, Any]:
            return EnumType.__prepare__(name, bases, **options) if _at_once(bases) else {}

        def __new__(mcs, name: str, bases: tuple[type[Any], ...], body: dict[str, Any], **options: Any) -> Any:
            if _at_once(bases):
                return super().__new__(mcs, name, bases, body, **options)
            kept = {member: value for member, value in body.items() if member.startswith("__")}
            return type.__new__(mcs, name, bases, {**kept, **TABLES, BODY: body})

        def __getattr__(cls, name: str) -> Any:
            if name.startswith("__") or finished(cls):
                raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
            finish(cls)
            return getattr(cls, name)

    def finish(cls, body: dict[str, Any]) -> None:
        """Have ``enum`` make the members; from then on the class is like any other enumeration."""
        written: Any = EnumType.__prepare__(cls.__name__, cls.__bases__)
        for name, value in body.items():
            written[name] = value
        dict.__setitem__(written, BODY, cls)
        InPlace.__new__(InPlace, cls.__name__, cls.__bases__, written)
        type.__setattr__(cls, "__class__", EnumType)


def _at_once(bases: tuple[type[Any], ...]) -> bool:
    return not any(isinstance(base, DeferredEnum) for base in bases)


class Enumeration(StrEnum, metaclass=DeferredEnum):
    """Has no members itself."""


TABLES: Final = {
    name: FirstUse(name)
    for name in vars(Enumeration)
    if name.startswith("_") and name.endswith("_") and not name.startswith("__") and name != "_generate_next_value_"
}
