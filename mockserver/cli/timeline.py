"""The timeline of a replay: a line for each step as it ends, and, on a terminal, what is being waited for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from mockserver.scenario.schema import Scenario
from mockserver.scenario.steps import Step
from mockserver.scenario.timeline import Entry

if TYPE_CHECKING:
    from rich.status import Status

MOST_EVENTS = 6
"""How many types of events a line names."""
COLOURS = {"-": "red", "+": "green"}


class Timeline:
    """Prints a replay step by step; told of it by :func:`mockserver.scenario.replay.replay`."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._headed = False
        self._status: Status | None = None

    @contextmanager
    def shown(self) -> Iterator[Timeline]:
        """While the scenario is played; on a terminal a line below tells the step that is being played."""
        if not sys.stdout.isatty():
            yield self
            self._head()
            return
        # lazy: 60 ms, and only a terminal needs it
        from rich.console import Console

        with Console().status("making the world") as self._status:
            yield self
            self._head()

    def _head(self) -> None:
        """The name, once there is a world that the scenario is played on."""
        if not self._headed:
            self._headed = True
            click.secho(f"\n{self._scenario.name}", bold=True, nl=False)
            click.echo(f"  {self._scenario.description}")

    def begins(self, number: int, of: int, step: Step) -> None:
        self._head()
        if self._status is not None:
            self._status.update(f"step {number} of {of}: {step.action}")

    def ended(self, entry: Entry) -> None:
        """The step with the world's time, what it caused, and what was not as expected."""
        if entry.note:
            click.secho(f"       {entry.note}", dim=True)
        if entry.action != "note":
            mark = "  " if entry.passed else "✗ "
            click.secho(f"{mark}{entry.number:3}  {entry.at[:19]}  {entry.title}", fg=None if entry.passed else "red")
        if entry.events:
            counts = entry.event_counts
            more = f", and {len(counts) - MOST_EVENTS} more types" if len(counts) > MOST_EVENTS else ""
            click.secho(f"       {', '.join(counts[:MOST_EVENTS])}{more}", fg="cyan")
        for problem in entry.problems:
            click.secho(f"       {place(entry, self._scenario.document.file)}: {problem}", fg="red")
        for line in entry.diff:
            click.secho(f"         {line}", fg=COLOURS.get(line[:1]))
        for line in entry.deliveries:
            click.echo(f"         {line}")


def place(entry: Entry, file: str) -> str:
    """Where the step stands."""
    return f"{file}:{entry.line}" if entry.line else f"{file}, step {entry.number}"
