"""The scenarios that a server has by name: the shipped ones, and the files of a folder it was given."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from mockserver.kernel.frozen import frozen
from mockserver.scenario import shipped

SUFFIXES: Final = (".yaml", ".yml", ".json")

NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", re.ASCII)
"""A name: no separator, no leading dot, bounded. It is never a path."""

MOST_LISTED: Final = 1_000
"""Files of the folder that are looked at for a list of names."""


class UnknownScenarioError(LookupError):
    """There is no scenario of that name."""


@frozen
class Library:
    """Finds scenarios by name. ``folder``: whose files may be named, beside the shipped ones."""

    folder: Path | None = None

    def find(self, name: str) -> Path:
        """The file of a scenario: a shipped one's name, or a file of the folder, with or without its suffix.

        Raises :class:`UnknownScenarioError`. A file outside the folder is never found, through a symbolic link either.
        """
        known = shipped.files()
        if name in known:
            return known[name]
        if self.folder is not None and is_name(name):
            for suffix in ("", *SUFFIXES):
                file = f"{name}{suffix}"
                if file.endswith(SUFFIXES) and (found := _inside(self.folder, file)) is not None:
                    return found
        raise UnknownScenarioError(name)

    def holds(self, file: Path) -> bool:
        """Whether a file that was found is one of the folder's, rather than a shipped one."""
        return file not in shipped.files().values()

    def names(self) -> list[str]:
        """The names of the shipped scenarios and of the folder's files, without their suffixes."""
        return sorted({*shipped.files(), *self._own()})

    def _own(self) -> set[str]:
        if self.folder is None:
            return set()
        try:
            with os.scandir(self.folder) as entries:
                files = [entry.name for entry, _ in zip(entries, range(MOST_LISTED), strict=False)]
        except OSError:
            return set()
        return {
            file.rpartition(".")[0]
            for file in files
            if file.endswith(SUFFIXES) and is_name(file) and _inside(self.folder, file) is not None
        }


def is_file(path: Path) -> bool:
    """Whether there is a file; a name that no file can have (300 characters, a NUL) is none."""
    try:
        return path.exists() and not path.is_dir()
    except (OSError, ValueError):
        return False


def is_name(text: str) -> bool:
    """Whether a text may be the name of a scenario."""
    return NAME.fullmatch(text) is not None


def _inside(folder: Path, file: str) -> Path | None:
    """The file with links followed, where it is there and inside the folder."""
    try:
        found = (folder / file).resolve(strict=True)
        return found if found.is_relative_to(folder.resolve()) and not found.is_dir() else None
    except (OSError, RuntimeError):  # RuntimeError: a loop of links, before Python 3.13
        return None
