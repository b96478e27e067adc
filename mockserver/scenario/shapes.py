"""How the objects of each resource look, as JSON Schemas: for expectations of a world's state."""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter

from mockserver.kernel.store import Kind

_ANNOTATION: Final = re.compile(r"(?:Final\[)?Kind\[(\w+)\]\]?")
_HOMES: Final = ("mockserver.domain.", "mockserver.webhooks.")


@cache
def shape(resource: str) -> Mapping[str, Any] | None:
    """The schema of a resource, with its references inside; ``None`` for one that nothing is known of.

    Of records of the mock's own only the members are known, not what these hold; one that the API shows otherwise names
    the model that it is ``shown_as``, and which attributes the control API adds (``hidden``). With ``shown_as = dict``
    there is no such model, and ``hidden`` names every member.
    """
    version = _versions().get(resource)
    if version is None:
        return None
    shown_as, hidden = getattr(version, "shown_as", None), getattr(version, "hidden", ())
    if shown_as is dict:
        return _of_any(hidden)
    if dataclasses.is_dataclass(version) and shown_as is None:
        return _of_any(each.name for each in dataclasses.fields(version))
    found: dict[str, Any] = TypeAdapter(shown_as or version).json_schema(mode="serialization")
    found.get("properties", {}).update({name: {} for name in hidden})
    return found


def _of_any(members: Iterable[str]) -> Mapping[str, Any]:
    return {"type": "object", "properties": {name: {} for name in members}}


@cache
def _versions() -> Mapping[str, Any]:
    """The class of each resource's versions, or the union of several, as the annotation of its kind names it."""
    return {kind.name: version for kind, version in _kinds()}


def _kinds() -> Iterator[tuple[Kind[Any], Any]]:
    for name, module in list(sys.modules.items()):
        if name.startswith(_HOMES):
            for variable, annotation in getattr(module, "__annotations__", {}).items():
                named = _ANNOTATION.fullmatch(str(annotation))
                kind, version = getattr(module, variable, None), getattr(module, named[1], None) if named else None
                if isinstance(kind, Kind) and version is not None:
                    yield kind, version
