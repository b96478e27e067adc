"""All modules of the server imported, and all models built, now and not at their first use."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Final

from pydantic import BaseModel

from mockserver.models import FAMILIES, validator

PACKAGES: Final = ("control", "hosting", "protocol", "recording", "replay", "scenario", "ui", "webhooks")
"""What a server is made of; the rules of the domain come with them."""


def build_all() -> None:
    """Import every module of a server and every family of models, and build all models."""
    for name in PACKAGES:
        package = import_module(f"mockserver.{name}")
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
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
