"""All models of the contract and of the commands, built now and not at their first use."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from pydantic import BaseModel

from mockserver.models import FAMILIES, validator


def build_all() -> None:
    """Import every family and build all; the imports above load the models of scenarios and commands."""
    for family in sorted(set(FAMILIES.values())):
        import_module(f"mockserver.models.{family}")
    for name in FAMILIES:
        validator(name)
    for model in _below(BaseModel):
        if model.__module__.startswith("mockserver.") and not model.__pydantic_complete__:
            model.model_rebuild()


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in model.__subclasses__():
        yield each
        yield from _below(each)
