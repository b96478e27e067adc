"""``play``: the next steps of the scenario that a running server's world was made from."""

from __future__ import annotations

import click
import orjson

from mockserver.cli.errors import FAILED
from mockserver.cli.integers import within
from mockserver.cli.printing import say
from mockserver.cli.running_world import of_a_world, world_at
from mockserver.cli.timeline import print_entry
from mockserver.client import Played, Script
from mockserver.kernel.integers import ANY, Bounds
from mockserver.replay.timeline import Entry


@click.command()
@click.argument("steps", metavar="[N]", required=False, type=int, callback=within(Bounds(1, ANY.most)))
@click.option("--show", is_flag=True, help="Play nothing: print where the world is in the steps.")
@of_a_world
def play(steps: int | None, show: bool, url: str, world: str, control_token: str | None, as_json: bool) -> None:
    """Play the next N steps of the scenario of a running server's world, or all that are left.

    The first step that is not as expected is the last one that is played: the world stays as it was then, and the exit
    code is 1. A reset starts over, and a snapshot keeps the position.

    \b
    mockserver play            all that are left
    mockserver play 3          the next three
    mockserver play --show     where the world is in them
    """
    if show and steps is not None:
        raise click.UsageError(f"--show plays nothing: leave out the {steps}")
    with world_at(url, world, control_token) as found:
        told = found.script() if show else found.play(steps, check=False)
    passed = not isinstance(told, Played) or told.passed
    if as_json:
        click.echo(orjson.dumps(told.json, option=orjson.OPT_INDENT_2))
    else:
        _print(told)
    if not passed:
        raise click.exceptions.Exit(FAILED)


def _print(told: Script) -> None:
    for step in told.played if isinstance(told, Played) else ():
        entry = Entry(
            number=step.number,
            line=step.line or 0,
            at=step.json["at"],
            action=step.action,
            title=step.title,
            note=step.note,
            events=step.events,
            problems=step.problems,
            diff=step.diff,
        )
        print_entry(entry, told.file)
    following = "" if told.next is None else f"; next: {told.next.caption}"
    say(f"{told.scenario}: {told.position} of {told.steps} steps played, now {told.json['now']}{following}")
