"""The functions that tasks run, by name: a task itself is data, so that it can be copied and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

Action = Callable[..., Iterator[None] | None]
"""Takes the world and its arguments. A long one is a generator that yields after each part, where a world may pause."""
F = TypeVar("F", bound=Action)

ACTIONS: dict[str, Action] = {}


def action(name: str) -> Callable[[F], F]:
    """Register ``function(world, *args)`` under ``name``; two functions of one name are a mistake."""

    def register(function: F) -> F:
        if name in ACTIONS:
            raise ValueError(f"two actions are named {name!r}")
        ACTIONS[name] = function
        return function

    return register
