"""State that the API shows only in part or not at all, as immutable versions like any resource."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cache, cached_property
from typing import Any


class Record:
    """The base of ``@frozen(slots=False)`` versions of plain data; ``wire`` is how the control API shows them."""

    @cached_property
    def wire(self) -> bytes:
        return json.dumps({name: getattr(self, name) for name in self._names()}, default=str).encode()

    def evolve(self, **changes: Any) -> Any:
        """A new version with ``changes`` applied."""
        for name in self._names():
            if name not in changes:
                changes[name] = getattr(self, name)
        return type(self)(**changes)

    @classmethod
    @cache
    def _names(cls: Any) -> tuple[str, ...]:
        return tuple(entry.name for entry in fields(cls))
