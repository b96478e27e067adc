"""How commands fail: in clear lines on standard error, with exit code 2, never with a traceback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

import click

from mockserver.cli.printing import say

MISTAKE = 2
"""The exit code of a command that could not be carried out."""


FAILED = 1
"""The exit code when something was not as expected."""


def fail(text: str, code: int = MISTAKE) -> NoReturn:
    """Say what is wrong, and end."""
    say(f"mockserver: {text}", err=True, fg="red")
    raise click.exceptions.Exit(code)


def fail_with_mistakes(mistakes: Iterable[object]) -> NoReturn:
    """Say all that is wrong with scenarios, a line for each mistake, and end."""
    for mistake in mistakes:
        say(str(mistake), err=True)
    raise click.exceptions.Exit(MISTAKE)
