"""How commands fail: in clear lines on standard error, with exit code 2, never with a traceback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

import click

MISTAKE = 2
"""The exit code of a command that could not be carried out."""


def fail(text: str) -> NoReturn:
    """Say what is wrong, and end."""
    click.secho(f"mockserver: {text}", err=True, fg="red")
    raise click.exceptions.Exit(MISTAKE)


def fail_with_mistakes(mistakes: Iterable[object]) -> NoReturn:
    """Say all that is wrong with scenarios, a line for each mistake, and end."""
    for mistake in mistakes:
        click.echo(str(mistake), err=True)
    raise click.exceptions.Exit(MISTAKE)
