"""What is wrong with a scenario: every mistake at once, each with its file and line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing to correct. ``line`` counts from 1; 0 where a scenario has no lines (sent as JSON)."""

    file: str
    line: int
    text: str
    kind: str = field(default="a value is not valid", compare=False)
    """What is wrong without a word of the file, for who may not read it."""

    @property
    def unquoted(self) -> str:
        """Where it is and of what kind."""
        name = PurePath(self.file).name
        return f"{name}:{self.line}: {self.kind}" if self.line else f"{name}: {self.kind}"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


class ScenarioError(ValueError):
    """A scenario that cannot be used; ``mistakes`` holds all that was found, in the order of the file."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(set(mistakes))
        super().__init__("\n".join(map(str, self.mistakes)))
