"""The steps of a world's scenario, and how far they were played."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockserver.kernel.frozen import frozen

if TYPE_CHECKING:
    from mockserver.kernel.ids import Ids
    from mockserver.scenario.memory import Memory
    from mockserver.scenario.schema import Scenario

PART: Final = "script"
"""The name of the script among the parts of a world."""


@frozen
class Progress:
    """How far the steps were played."""

    done: int
    """The number of the last step that was begun; 0: none was."""
    memory: Memory | None = None
    """What it leaves to those that follow."""


START: Final = Progress(0)


class Script:
    """The steps of one world's scenario. A part of the world: a snapshot keeps the position, a reset starts over."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.progress = START
        self.snapshots: dict[str, str] = {}
        """The ids of the snapshots that steps took, by their names in the scenario. They stay when one is restored."""
        self.keys: Ids | None = None
        """What the idempotency keys of the steps are made from: none comes twice, whatever is restored."""
        self.under_way = False
        """Whether steps are being played now."""

    @property
    def total(self) -> int:
        """How many steps there are."""
        return len(self.scenario.steps)

    def snapshot(self) -> Progress:
        return self.progress

    def restore(self, state: Progress) -> None:
        self.progress = state
