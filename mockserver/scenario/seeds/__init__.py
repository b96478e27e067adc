"""The seeded families of a scenario, one module for those of a subject; the names of the members are those of the API.

Every module here is loaded, and every :class:`~mockserver.scenario.families.SeedFamily` in one is a section of the
scenario: to add a family, add a module with its row.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from mockserver.scenario.families import SeedFamily, ordered


def _rows() -> Iterator[SeedFamily]:
    """The rows of all modules, by the modules' names and as they stand there."""
    for name in sorted(info.name for info in iter_modules(__path__)):
        yield from (each for each in vars(import_module(f"{__name__}.{name}")).values() if isinstance(each, SeedFamily))


FAMILIES: Final = ordered(_rows())
"""By name, in the order in which a world is built: what is referred to comes before what refers to it."""

NAMED: Final = tuple(name for name, row in FAMILIES.items() if row.named)
"""The families whose entries have an id and may have a name."""
