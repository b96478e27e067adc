"""Immutable classes as ``@dataclass(frozen=True)`` makes them, at a tenth of what making one costs.

The standard decorator looks at every field and compiles five methods for each class when its module is imported: 0.3
ms; a start makes 90 such classes and creates objects of half of them. Here fields are looked at, and ``__init__`` is
compiled, when the first object is created; the other methods are shared by all. ``fields``, ``replace``,
``asdict``, ``copy`` and ``pickle`` work as usual.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields, replace
from functools import cache
from inspect import get_annotations
from operator import attrgetter
from reprlib import recursive_repr
from threading import RLock
from typing import Any, Final, NoReturn, TypeVar, dataclass_transform, overload

T = TypeVar("T")

_CLASS_VARIABLE: Final = re.compile(r"(typing\.)?ClassVar\b")


@overload
def frozen(cls: type[T], /) -> type[T]: ...
@overload
def frozen(*, slots: bool = True, kw_only: bool = False, eq: bool = True) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: Any = None, /, *, slots: bool = True, kw_only: bool = False, eq: bool = True) -> Any:
    """Make the class an immutable data class; without ``slots`` it may have cached properties.

    Objects are equal when they are of one class and their fields are equal; without ``eq`` when they are the same.
    """

    def decorate(cls: Any) -> Any:
        if not cls.__doc__:
            cls.__doc__ = cls.__name__  # or dataclass would write the signature, which is not known yet
        own = vars(cls)
        methods = {
            name: method
            for part in (_Frozen, *([_Equality] if eq else ()), *([_State] if slots else ()))
            for name, method in vars(part).items()
            if callable(method) and name not in own
        }
        written, made = (cls, _slotted(cls, methods)) if slots else (_fields_of(cls), _extended(cls, methods))
        for name in _OF_FIELDS:
            setattr(made, name, _Fields(name, written, made, kw_only=kw_only))
        made.__init__ = _first(made)
        return made

    return decorate if cls is None else decorate(cls)


_OF_FIELDS: Final = ("__dataclass_fields__", "__dataclass_params__", "__match_args__")
_lock: Final = RLock()


class _Fields:
    """In place of what the standard decorator finds out of the fields: whoever reads it has it look at them."""

    def __init__(self, name: str, written: Any, made: Any, *, kw_only: bool) -> None:
        self.name, self.written, self.made, self.kw_only = name, written, made, kw_only

    def __get__(self, _: object, owner: Any) -> Any:
        with _lock:
            if vars(self.made).get(self.name) is self:
                known = dataclass(init=False, repr=False, eq=False, kw_only=self.kw_only)(self.written)
                for name in _OF_FIELDS:
                    setattr(self.made, name, vars(known)[name])
        return getattr(owner, self.name)


def _fields_of(cls: Any) -> Any:
    """A class with the fields of another, for the decorator to look at."""
    types = get_annotations(cls)
    values = {
        name: vars(cls)[name] for name in (*types, "__module__", "__doc__", "__orig_bases__") if name in vars(cls)
    }
    return type(cls)(cls.__name__, cls.__bases__, {**values, "__annotations__": types})


def _extended(cls: Any, methods: dict[str, Any]) -> Any:
    """The class, with the methods, and defaults in place of what says how a field is made."""
    for name, value in [(name, value) for name, value in vars(cls).items() if isinstance(value, Field)]:
        if value.default is MISSING:
            delattr(cls, name)
        else:
            setattr(cls, name, value.default)
    for name, method in methods.items():
        setattr(cls, name, method)
    return cls


def _slotted(cls: Any, methods: dict[str, Any]) -> Any:
    """The class again, with a slot for each field that no base has a slot for."""
    written = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
    types = get_annotations(cls)
    names = [name for name, type_ in types.items() if not _CLASS_VARIABLE.match(str(type_))]
    inherited = {name for base in cls.__mro__[1:-1] for name in vars(base).get("__slots__", ())}
    slots = tuple(name for name in names if name not in inherited)
    body = {name: value for name, value in written.items() if name not in names}
    made = type(cls)(cls.__name__, cls.__bases__, {**body, **methods, "__slots__": slots})
    made.__qualname__ = cls.__qualname__
    return made


class _Frozen:
    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __replace__(self: Any, /, **changes: Any) -> Any:
        return replace(self, **changes)

    @recursive_repr()
    def __repr__(self: Any) -> str:
        values = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
        return f"{type(self).__qualname__}({', '.join(values)})"


class _Equality:
    def __eq__(self: Any, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        cls: Any = type(self)
        values = _compared(cls)
        return bool(values(self) == values(other))

    def __hash__(self: Any) -> int:
        cls: Any = type(self)
        return hash(_compared(cls)(self))


class _State:
    """What ``copy`` and ``pickle`` need of a class with slots that cannot be assigned to."""

    def __getstate__(self: Any) -> list[Any]:
        return [getattr(self, each.name) for each in fields(self)]

    def __setstate__(self: Any, state: list[Any]) -> None:
        for each, value in zip(fields(self), state, strict=True):
            object.__setattr__(self, each.name, value)


@cache
def _compared(cls: Any) -> Callable[[Any], Any]:
    names = [each.name for each in fields(cls) if each.compare]
    return attrgetter(*names) if names else lambda _: ()


def _first(cls: Any) -> Callable[..., None]:
    """The ``__init__`` for the first object: it compiles that of all further ones."""

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        cls.__init__ = _compiled(cls)
        cls.__init__(self, *args, **kwargs)

    return init


def _compiled(cls: Any) -> Any:
    """The ``__init__`` that the standard decorator would have made."""
    names: dict[str, Any] = {"_set": object.__setattr__, "_missing": MISSING}
    positional, keywords, body = ["self"], ["*"], []
    for each in fields(cls):
        name = each.name
        parameter = value = name
        if each.default_factory is not MISSING:
            names[f"_make_{name}"] = each.default_factory
            parameter, value = f"{name}=_missing", f"_make_{name}() if {name} is _missing else {name}"
        elif each.default is not MISSING:
            names[f"_default_{name}"] = each.default
            parameter = f"{name}=_default_{name}"
        (keywords if each.kw_only else positional).append(parameter)
        body.append(f" _set(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        body.append(" self.__post_init__()")
    parameters = ", ".join([*positional, *(keywords if len(keywords) > 1 else ())])
    exec("\n".join([f"def __init__({parameters}):", *body, " pass"]), names)
    return names["__init__"]
