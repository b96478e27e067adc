"""The versions of what a world's data come from: a replay is byte-equal on any machine that has the same ones.

Generated people are Faker's, trading days are those of ``holidays``, local times those of ``tzdata``.
"""

from __future__ import annotations

import zoneinfo
from functools import lru_cache
from pathlib import Path
from typing import Final

from mockserver import __version__

DISTRIBUTIONS: Final = {
    # name in the answer: distribution
    "faker": "faker",
    "holidays": "holidays",
}

UNKNOWN: Final = "unknown"
"""In the place of a version: the package was not installed, but put on the path."""


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Name and version, in the order in which they are shown."""
    # lazy: 25 ms, and few ask
    from importlib.metadata import PackageNotFoundError, version

    def installed(distribution: str) -> str:
        try:
            return version(distribution)
        except PackageNotFoundError:
            return UNKNOWN

    found = {"mockserver": __version__} | {
        name: installed(distribution) for name, distribution in DISTRIBUTIONS.items()
    }
    return {**found, "tzdata": _of_the_machine(zoneinfo.TZPATH) or installed("tzdata")}


def _of_the_machine(folders: tuple[str, ...]) -> str | None:
    """The version of the machine's own time zones, which go before the package's; ``None``: it has none.

    ``2024a (/usr/share/zoneinfo)``: Debian's and others' have the version in the first line of ``tzdata.zi``.
    """
    for folder in map(Path, folders):
        if not (folder / "Europe" / "Berlin").is_file():
            continue
        try:
            with (folder / "tzdata.zi").open(encoding="ascii") as file:
                return f"{file.readline().removeprefix('# version ').strip()} ({folder})"
        except (OSError, UnicodeDecodeError):
            return f"{UNKNOWN} ({folder})"
    return None
