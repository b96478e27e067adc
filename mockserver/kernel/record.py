"""State that the API shows only in part or not at all, as immutable versions like any resource."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Record:
    """A version that is plain data; ``wire`` is how the control API shows it."""

    @cached_property
    def wire(self) -> bytes:
        return json.dumps({entry.name: getattr(self, entry.name) for entry in fields(self)}, default=str).encode()

    def evolve(self, **changes: Any) -> Any:
        """A new version with ``changes`` applied."""
        kept = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return type(self)(**{**kept, **changes})
