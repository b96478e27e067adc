"""A metaclass for pydantic models that are finished at their first use, not where they are written.

It is tested with some versions of pydantic, `TESTED`; with any other, pydantic makes the classes at once.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from pydantic import VERSION, BaseModel

from mockserver.models.first_use import BODY, FirstUse, in_place

TESTED: Final = ("2.14",)
"""The versions of pydantic with which models are deferred."""
DEFERS: Final = VERSION.rpartition(".")[0] in TESTED

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)
if DEFERS:
    from pydantic._internal import _mock_val_ser, _model_construction, _typing_extra

    class _Schema(FirstUse, _mock_val_ser.MockCoreSchema):
        """In place of the schema: what a class has there of its own is one for pydantic, unless it is of this type."""

    InPlace = in_place(ModelMetaclass)


class _Members(FirstUse, dict[str, Any]):
    """In place of members: pydantic looks into what a class has there of its own, even while it makes them."""


SCHEMA: Final = "__pydantic_core_schema__"
MEMBERS: Final = "__pydantic_fields__"
PARENT: Final = "__pydantic_parent_namespace__"
"""The names of the function around a class; a class in a module has none."""
NO_FRAME: Final = {"__pydantic_reset_parent_namespace__": False}
"""Pydantic is not to look for these names itself: its caller is not the function, but the metaclass here."""


class Deferred(ModelMetaclass):
    """Makes a plain class that has a `FirstUse` for each attribute that pydantic has given to its base.

    Pydantic makes at once the first class of a line, and those that need more than a body: a class inside a function or
    another class, and a generic one.
    """

    __first_uses__: dict[str, FirstUse]

    if DEFERS and not TYPE_CHECKING:

        @classmethod
        def __prepare__(cls, *_: Any, **__: Any) -> dict[str, Any]:
            return {}

        def __new__(mcs, name: str, bases: tuple[type[Any], ...], body: dict[str, Any], **options: Any) -> Deferred:
            base = next((each for each in bases if isinstance(each, Deferred)), None)
            if base is None:
                cls = super().__new__(mcs, name, bases, body, **options)
                cls.__first_uses__ = {given: _first_use(given) for given in vars(cls) if _is_pydantics(given)}
                return cls
            around = sys._getframe(1)
            if options:
                return super().__new__(mcs, name, bases, body, **options)
            if around.f_locals is not around.f_globals:
                names = _typing_extra.parent_frame_namespace(parent_depth=2)
                body[PARENT] = _model_construction.build_lenient_weakvaluedict(names)
                return super().__new__(mcs, name, bases, body, **NO_FRAME)
            later = {name: value for name, value in body.items() if name != "__classcell__"}
            return type.__new__(mcs, name, bases, {**body, **base.__first_uses__, PARENT: None, BODY: later})

        def finish(cls, body: dict[str, Any]) -> None:  # noqa: N805 - of a metaclass
            """Have pydantic make of the class what it makes of a body."""
            InPlace.__new__(InPlace, cls.__name__, cls.__bases__, {**body, BODY: cls}, **NO_FRAME)


def _is_pydantics(name: str) -> bool:
    """Whether pydantic sets the attribute of every class; it reads what else a class inherits from the bases."""
    others = ("model_config", "__class_vars__", "__private_attributes__", "__hash__")
    return name != PARENT and (name.startswith("__pydantic_") or name in others)


def _first_use(name: str) -> FirstUse:
    if name in (MEMBERS, "__private_attributes__"):
        return _Members(name)
    return _Schema(name) if name == SCHEMA else FirstUse(name)
