"""What the seed of a test's world is: a number, or made from the test, and who says so.

The nearest to the single test wins: its marker, then the run (``--mockserver-seed``, ``MOCKSERVER_SEED``), then the
scenario's own ``seed``, then the project (ini ``mockserver_seed``). Where none of them says it, it is made from the
test.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from mockserver.kernel.frozen import frozen
from mockserver.kernel.ids import seed_from
from mockserver.kernel.integers import ANY
from mockserver.pytest_plugin.misuse import MisuseError

TEST: Final = "test"
"""Made from the place where the world is made; ``test:anything`` makes others than ``test``."""

NUMBER: Final = re.compile(r"[+-]?[0-9]{1,30}", re.ASCII)


class Seed(NamedTuple):
    """The seed of a world."""

    value: int | str | None = TEST
    """A number; ``test`` or ``test:…``; ``None``: as the scenario or the server says."""
    optional: bool = True
    """Whether ``--mockserver-seed`` would change it."""

    def number(self, origin: str) -> int | None:
        """The seed in a world that is made at ``origin``."""
        return seed_from(f"{self.value} {origin}") if isinstance(self.value, str) else self.value


@frozen
class Seeds:
    """What the run and the project say of all worlds; ``None``: nothing."""

    run: int | str | None = None
    project: int | str | None = None

    def of(self, marked: int | str | None, scenario: str | Mapping[str, Any] | None) -> Seed:
        """The seed of a world of this scenario, whose marker says ``marked``."""
        if marked is not None:
            return Seed(marked, optional=False)
        if self.run is not None:
            return Seed(self.run)
        if isinstance(scenario, str) or "seed" in (scenario or {}):
            return Seed(None)  # a name is that of a scenario that only the server knows
        return Seed(TEST if self.project is None else self.project)


NOTHING_SAID: Final = Seeds()


def seed_of(name: str, value: Any) -> int | str | None:
    """A seed as a marker has it; :class:`MisuseError` where it is none. ``name``: what it was given as."""
    if value is None:
        return None
    if isinstance(value, str) and (value == TEST or value.startswith(f"{TEST}:")):
        return value
    if type(value) is not int:
        raise MisuseError(f"{name}={value!r}: must be a whole number, 'test', or 'test:' and any text")
    try:
        return ANY.checked(value)
    except ValueError as error:
        raise MisuseError(f"{name}: {error}") from None


def written_seed(name: str, text: str | None) -> int | str | None:
    """A seed as options, variables and ini files have it: as text."""
    return seed_of(name, int(text) if text and NUMBER.fullmatch(text) else text or None)
