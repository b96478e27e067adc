"""The objects of the contract as pydantic models, one generated module per family.

Importing this package imports no family. `validator` and `model` find a component schema by its name and load the
family that holds it.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from pydantic import BaseModel, TypeAdapter

from mockserver.models.index import FAMILIES

__all__ = ["FAMILIES", "model", "validator"]


def model(name: str) -> Any:
    """The class, enumeration or type alias of the component schema ``name``; `KeyError` when there is none."""
    return getattr(import_module(f"mockserver.models.{FAMILIES[name]}"), name)


@cache
def validator(name: str) -> TypeAdapter[Any]:
    """What validates values of the component schema ``name``, built on first use.

    Request bodies: ``validator(name).validate_json(body, strict=True)``.
    """
    target = model(name)
    if isinstance(target, type) and issubclass(target, BaseModel):
        target.model_rebuild()  # built in the class, so the adapter and the class share one validator
    return TypeAdapter(target)
