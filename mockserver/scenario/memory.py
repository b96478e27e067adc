"""What the steps of a scenario that were played leave to those that follow, kept with the world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.kernel.frozen import frozen


@frozen
class Memory:
    """The names, the position in the events and the state of a session between two steps."""

    names: Mapping[str, Any]
    position: int
    events: Sequence[Mapping[str, Any]]
    expecting: bool
    token_expired: bool
    requests: int
