"""What to take back when a rule fails half-way: a rule changes a world whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Undo:
    """The steps that would restore the world as it was when :meth:`clear` was last called."""

    __slots__ = ("_steps", "scope")

    def __init__(self) -> None:
        self.scope = 0
        """Counts what can be taken back at once: what was noted in an earlier scope stays for good."""
        self._steps: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []

    def note(self, step: Callable[..., Any], *args: Any) -> None:
        """Remember that ``step(*args)`` takes the change just made back."""
        self._steps.append((step, args))

    def clear(self) -> None:
        """What was done so far stays."""
        self._steps.clear()
        self.scope += 1

    def roll_back(self) -> None:
        """Take everything back, newest first."""
        steps, self._steps = self._steps, []
        for step, args in reversed(steps):
            step(*args)
        self.clear()
