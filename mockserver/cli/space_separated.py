"""Several texts in one variable of the environment, for options that may be given several times."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click

_WORD: Final = re.compile(r'(?:"[^"]*"|[^\s"])+')


class SpaceSeparated(click.types.StringParamType):
    """A text; in a variable several separated by white space, where double quotes hold one with spaces together.

    A backslash and an apostrophe are letters like others, since paths have them. A value that is the path of a file
    needs no quotes.
    """

    def split_envvar_value(self, rv: str) -> list[str]:
        if Path(rv).is_file():
            return [rv]
        if rv.count('"') % 2:
            raise click.UsageError(
                f"a double quote is not closed in {rv!r}: several names are separated by spaces, and one with "
                'spaces is put into double quotes ("my scenario.yaml")'
            )
        return [word.replace('"', "") for word in _WORD.findall(rv)]
