"""Immutable classes as ``@dataclass(frozen=True)`` makes them, at a tenth of what making one costs.

The standard decorator compiles five methods for each class when its module is imported, 0.3 ms; a server start makes 60
such classes and creates objects of half of them. Here ``__init__`` is compiled when the first object is created, and
the other methods are shared by all. ``fields``, ``replace``, ``asdict``, ``copy`` and ``pickle`` work as usual.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from functools import cache
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, NoReturn, TypeVar, dataclass_transform, overload

T = TypeVar("T")


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
        made: Any = dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
        for methods in (_Frozen, *([_Equality] if eq else ()), *([_State] if slots else ())):
            for name, method in vars(methods).items():
                if callable(method) and name not in own:
                    setattr(made, name, method)
        made.__init__ = _first(made)
        return made

    return decorate if cls is None else decorate(cls)


class _Frozen:
    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

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
