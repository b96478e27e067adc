"""A scenario as it is sent: a file of this machine is read here, since the server may be on another."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Final

LARGEST: Final = 5_000_000
"""Bytes; a server refuses more."""


def sent(scenario: str | PathLike[str] | Mapping[str, Any] | None) -> str | Mapping[str, Any] | None:
    """What stands in the body: the text of a file, or what was given.

    A path object is a file; a text is one where there is such a file. Any other text goes as it is: the name of a
    scenario that the server has, or YAML. Raises ``OSError`` for a file that cannot be read, and ``ValueError`` for one
    that no server would take.
    """
    if scenario is None or isinstance(scenario, Mapping):
        return scenario
    if isinstance(scenario, str):
        if "\n" in scenario or not _is_path(scenario):
            return scenario
        scenario = Path(scenario)
    return _text(Path(scenario))


def _is_path(text: str) -> bool:
    """Whether a text means a file: there is one, or it has a separator and so is no name."""
    if ":" not in text and ("/" in text or "\\" in text):
        return True
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def _text(file: Path) -> str:
    if file.stat().st_size > LARGEST:
        raise ValueError(f"{file} is larger than the {LARGEST // 1_000_000} MB a scenario may have")
    if not file.is_file():
        raise ValueError(f"{file} is not a regular file")
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file} is not text in UTF-8: {error.reason}") from None
    return text if "\n" in text else f"{text}\n"  # one line would be taken for a name
