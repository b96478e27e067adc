"""What the control API answers about the settings of a world, as objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from mockserver.client.reading import Answer
from mockserver.kernel.frozen import frozen


@frozen(kw_only=True)
class ChangedSetting(Answer):
    """A setting that is not as the world was made."""

    setting: str
    """``settlement.buy``."""
    value: Any
    was: Any
    since: datetime
    until: datetime | None
    by: str
    """What changed it: the scenario, or a command."""
    change: str
    """The id of that change."""


@frozen(kw_only=True)
class ProfileChange(Answer):
    """Settings that were, or will be, laid over those before."""

    id: str
    state: str
    """``in force`` or ``planned``."""
    begins: datetime = field(metadata={"json": "from"})
    ends: datetime | None = field(metadata={"json": "until"})
    by: str
    settings: Mapping[str, Any]


@frozen(kw_only=True)
class Settings(Answer):
    """The profile of a world: what holds now, and what became of it."""

    name: str
    """Of the profile that the world was made with."""
    now: datetime
    settings: Mapping[str, Any]
    """All of them, as they are now."""
    changed: list[ChangedSetting]
    changes: list[ProfileChange]
