"""Undo log and transactions: a rule or a command changes a world whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Undo:
    """The steps that would restore the world as it was when :meth:`clear` was last called.

    As a context manager it is one transaction: what is done inside is kept at its end, or taken back when an exception
    leaves it (prior art: ``atomic`` of Django). Transactions do not nest, and nothing may be awaited inside: another
    request would end it.
    """

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

    def __enter__(self) -> None:
        self.clear()

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is None:
            self.clear()
        else:
            self.roll_back()
