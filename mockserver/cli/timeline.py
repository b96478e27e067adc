"""The timeline of a replay: a line for each step as it ends, and, on a terminal, what is being waited for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from mockserver.cli.printing import animated, say, width, wrapped
from mockserver.replay.timeline import Entry
from mockserver.scenario.schema import Scenario
from mockserver.scenario.steps import Step

if TYPE_CHECKING:
    from rich.status import Status

MOST_EVENTS = 6
"""How many types of events a line names."""
COLOURS = {"-": "red", "+": "green"}


class Timeline:
    """Prints a replay step by step; told of it by :func:`mockserver.replay.player.replay`."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._headed = False
        self._status: Status | None = None

    @contextmanager
    def shown(self) -> Iterator[Timeline]:
        """While the scenario is played; on a terminal a line below tells the step that is being played."""
        if not animated():
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
            name = self._scenario.name
            line = wrapped(f"{name}  {self._scenario.description}", width())
            click.echo(f"\n{line.replace(name, click.style(name, bold=True), 1)}")

    def begins(self, number: int, of: int, step: Step) -> None:
        self._head()
        if self._status is not None:
            self._status.update(f"step {number} of {of}: {step.action}")

    def ended(self, entry: Entry) -> None:
        print_entry(entry, self._scenario.document.file)


def print_entry(entry: Entry, file: str, *, err: bool = False) -> None:
    """The step with the world's time, what it caused, and what was not as expected."""
    if entry.note:
        say(f"       {entry.note}", err=err, dim=True)
    if entry.action != "note":
        mark = "  " if entry.passed else "✗ "
        line = f"{mark}{entry.number:3}  {entry.at[:19]}  {entry.title}"
        say(line, err=err, fg=None if entry.passed else "red")
    if entry.events:
        counts = entry.event_counts
        more = f", and {len(counts) - MOST_EVENTS} more types" if len(counts) > MOST_EVENTS else ""
        say(f"       {', '.join(counts[:MOST_EVENTS])}{more}", err=err, fg="cyan")
    for problem in entry.problems:
        say(f"       {place(entry, file)}: {problem}", err=err, fg="red")
    for line in entry.diff:
        say(f"         {line}", err=err, fg=COLOURS.get(line[:1]))
    for line in entry.deliveries:
        say(f"         {line}", err=err)


def place(entry: Entry, file: str) -> str:
    """Where the step stands."""
    return f"{file}:{entry.line}" if entry.line else f"{file}, step {entry.number}"
