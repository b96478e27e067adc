"""Classes that a library finishes at their first use, and not where they are written.

A start defines some 270 models and 120 enumerations and uses a few of them; making one costs pydantic or ``enum`` ten
times what a plain class costs. So the class is made as a plain one. In place of each attribute that the library would
have given it, it has a `FirstUse`: whoever reads one has the class finished first, by the library's own metaclass,
which then works on the class that is there in place of a new one (`in_place`).
"""

from __future__ import annotations

from threading import RLock
from typing import Any, Final

BODY: Final = "__body_for_first_use__"
"""The attribute that holds what was written in the class, as long as the class is not finished."""


_lock: Final = RLock()
_under_way: Final[set[type[Any]]] = set()


class FirstUse:
    """In place of an attribute that the class does not have yet: reading it finishes the class."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type[Any]) -> Any:
        with _lock:
            if owner in _under_way:  # the library looks for what the bases have
                return getattr(super(owner, owner), self.name)
            finish(owner)
        return getattr(owner if instance is None else instance, self.name)


def finished(cls: type[Any]) -> bool:
    """Whether the class is what its library makes of it."""
    return BODY not in vars(cls)


def finish(cls: Any) -> None:
    """Have the class finished by its metaclass's ``finish``; a mistake in it is raised here, at every use anew."""
    with _lock:
        if finished(cls) or cls in _under_way:
            return
        waiting = {name: value for name, value in vars(cls).items() if isinstance(value, FirstUse)}
        _under_way.add(cls)
        try:
            type(cls).finish(cls, vars(cls)[BODY])
        except BaseException:
            for name, first_use in waiting.items():
                type.__setattr__(cls, name, first_use)
            raise
        finally:
            _under_way.discard(cls)
        for name, first_use in waiting.items():
            if vars(cls).get(name) is first_use:  # the library has nothing for it: what the bases have is found
                type.__delattr__(cls, name)
        type.__delattr__(cls, BODY)


def in_place(library: type[Any]) -> Any:
    """A metaclass that does what ``library`` does, to the class that its body has under `BODY`.

    A metaclass of a library makes its class by ``super().__new__``; the next in line here gives the one that exists.
    """

    class Existing(type):
        def __new__(mcs, _name: str, _bases: tuple[type[Any], ...], body: dict[str, Any], **_options: Any) -> Any:
            cls = body.pop(BODY)
            for name in vars(cls)[BODY].keys() - body.keys() & vars(cls).keys():  # the library keeps them elsewhere
                type.__delattr__(cls, name)
            new = {name: value for name, value in body.items() if vars(cls).get(name, cls) is not value}
            for name, value in new.items():
                type.__setattr__(cls, name, value)
            for name, value in new.items():  # as `type` does
                if hasattr(type(value), "__set_name__"):
                    value.__set_name__(cls, name)
            return cls

    return type(f"{library.__name__}InPlace", (library, Existing), {})
