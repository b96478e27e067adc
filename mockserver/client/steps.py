"""What the control API answers about playing a scenario's own steps, as objects."""

from __future__ import annotations

from datetime import datetime

from mockserver.client.reading import Answer
from mockserver.kernel.frozen import frozen


@frozen(kw_only=True)
class NextStep(Answer):
    """The step of a scenario that is played next."""

    number: int
    """From 1."""
    line: int | None
    """In the file; ``None``: the scenario was sent without lines."""
    action: str
    caption: str
    """Its note, or what it does as the scenario writes it."""


@frozen(kw_only=True)
class PlayedStep(Answer):
    """A step of a scenario that was played."""

    number: int
    """From 1."""
    line: int | None
    """In the file; ``None``: the scenario was sent without lines."""
    at: datetime
    """The time of the world after it."""
    action: str
    title: str
    note: str | None
    events: list[str]
    """The types of the events that it caused, in order."""
    passed: bool
    problems: list[str]
    """What was not as expected."""
    diff: list[str]
    """What was expected (``-``) beside what came (``+``)."""


@frozen(kw_only=True)
class Script(Answer):
    """Where a world is in the steps of its scenario."""

    scenario: str
    file: str
    steps: int
    """How many there are."""
    position: int
    """How many were played."""
    next: NextStep | None
    """``None``: all were played."""
    playing: bool
    """Whether they are being played now."""
    now: datetime


@frozen(kw_only=True)
class Played(Script):
    """The steps that a command played, and where the world is now."""

    passed: bool
    """Whether all were as expected; where not, the last one is the one that was not."""
    played: list[PlayedStep]
