"""A metaclass for pydantic models whose members are collected at their first use, not when the class is made.

Collecting is most of what making a class costs, and a start makes some 170 classes of which it uses a few. It calls
names of pydantic that are not public, so it defers only with the versions that it is tested with; with any other, the
classes are made as pydantic makes them.
"""

from __future__ import annotations

from threading import local
from typing import TYPE_CHECKING, Any, Final

from pydantic import VERSION, BaseModel

TESTED: Final = ("2.14",)
"""The versions of pydantic with which members are deferred."""
DEFERS: Final = VERSION.rpartition(".")[0] in TESTED

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
    from pydantic.fields import FieldInfo
else:
    ModelMetaclass = type(BaseModel)
if DEFERS:
    from pydantic._internal import _config, _model_construction, _namespace_utils, _typing_extra

FIELDS: Final = "__pydantic_fields__"


class _Making(local):
    """Whether pydantic makes a class in this thread, and asks its bases for members that nobody needs yet."""

    a_class = False


_making: Final = _Making()


class Uncollected:
    """In the place of members, on the base of all: whoever asks a class or an object for them has them collected."""

    def __get__(self, instance: object, owner: type[Any]) -> dict[str, FieldInfo]:
        return {} if _making.a_class else collect(owner)


class Deferred(ModelMetaclass):
    """Makes a class without members and adds them when pydantic, or anybody else, asks for the first time.

    The first class is a base without members; classes below have members, but no private ones (``_name``).
    """

    if DEFERS and not TYPE_CHECKING:

        def __new__(
            mcs, name: str, bases: tuple[type[Any], ...], namespace: dict[str, Any], **options: Any
        ) -> Deferred:
            around = _typing_extra.parent_frame_namespace(parent_depth=2)
            annotations = namespace.get("__annotations__", {})
            bases_deferred = [base for base in bases if isinstance(base, Deferred)]
            if annotations and not bases_deferred:
                raise TypeError(f"{name}: the base of deferred models has no members of its own")
            if private := [member for member in annotations if member.startswith("_")]:
                raise TypeError(f"{name}.{private[0]}: a deferred model has no private members")
            namespace["__annotations__"] = {}
            values = {member: namespace.pop(member) for member in annotations if member in namespace}
            _making.a_class = True
            try:
                cls = super().__new__(mcs, name, bases, namespace, __pydantic_reset_parent_namespace__=False, **options)
            finally:
                _making.a_class = False
            if bases_deferred:
                type.__delattr__(cls, FIELDS)  # so that the base's is found
            else:
                type.__setattr__(cls, FIELDS, Uncollected())
            cls.__annotations__ = annotations
            cls.__pydantic_parent_namespace__ = _model_construction.build_lenient_weakvaluedict(around)
            for member, value in values.items():
                type.__setattr__(cls, member, value)
            if any(collected(base) for base in bases_deferred):
                collect(cls)  # a look-up would end at the base's
            return cls

        @property
        def __pydantic_fields_complete__(self) -> bool:
            getattr(self, FIELDS)
            return bool(ModelMetaclass.__pydantic_fields_complete__.fget(self))


def collected(cls: type[Any]) -> bool:
    """Whether the class has its members."""
    return isinstance(cls.__dict__.get(FIELDS), dict)


def collect(cls: Any) -> dict[str, FieldInfo]:
    """The members of a class, collected now, and before them those of its bases; afterwards those of what is below."""
    bases = [base for base in cls.__bases__ if isinstance(base, Deferred)]
    if not bases:
        return {}
    for base in bases:
        getattr(base, FIELDS)
    if not collected(cls):
        around = _model_construction.unpack_lenient_weakvaluedict(cls.__pydantic_parent_namespace__)
        names = _namespace_utils.NsResolver(parent_namespace=around)
        _model_construction.set_model_fields(cls, _config.ConfigWrapper(cls.model_config, check=False), names)
        if cls.model_config.get("frozen"):
            _model_construction.set_default_hash_func(cls, cls.__bases__)
        for below in cls.__subclasses__():
            collect(below)
    fields: dict[str, FieldInfo] = cls.__dict__[FIELDS]
    return fields
