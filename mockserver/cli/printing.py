"""Lines for people: in colour where that is wanted, wrapped on a terminal, and whole in a pipe or a file."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Mapping
from typing import Any, Final

import click

HANGING: Final = 2
"""How many columns the rest of a wrapped line is indented, beyond its first line."""
NARROWEST: Final = 20
"""Columns below which nothing is wrapped: a terminal that says so does not know its width."""


def colour(environment: Mapping[str, str] = os.environ) -> bool | None:
    """Whether to print in colour; ``None``: where the output is a terminal.

    Variables in the order of CPython's own output: NO_COLOR (https://no-color.org), FORCE_COLOR, TERM=dumb.
    """
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return False if environment.get("TERM") == "dumb" else None


def animated() -> bool:
    """Whether a line may be written over: on a terminal that can, where nobody wants it plain."""
    return sys.stdout.isatty() and colour() is not False and os.environ.get("TERM") != "dumb"


def say(text: str, *, err: bool = False, **style: Any) -> None:
    """Print a line, wrapped at spaces to the width of the terminal; ``style`` as of ``click.secho``."""
    click.secho(wrapped(text, width(err=err)), err=err, **style)


def width(*, err: bool = False) -> int | None:
    """The columns of the terminal that is written to; ``None`` where it is none."""
    if not (sys.stderr if err else sys.stdout).isatty():
        return None
    columns = shutil.get_terminal_size().columns
    return columns if columns >= NARROWEST else None


def wrapped(text: str, columns: int | None) -> str:
    """``text`` in lines of at most ``columns``, those that follow indented below the first; long words stay whole."""
    if columns is None:
        return text
    return "\n".join(_wrapped_line(line, columns) for line in text.split("\n"))


def _wrapped_line(line: str, columns: int) -> str:
    if len(line) <= columns:
        return line
    indent = len(line) - len(line.lstrip()) + HANGING
    return textwrap.fill(
        line,
        columns,
        subsequent_indent=" " * min(indent, columns // 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
