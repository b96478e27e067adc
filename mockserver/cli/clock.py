"""``clock``: the time of a running server's world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import click
import orjson

from mockserver.cli.printing import say
from mockserver.cli.running_world import of_a_world, world_at
from mockserver.client import Happened, World


@click.group()
def clock() -> None:
    """Look at and move the time of a running server's world.

    \b
    mockserver clock show
    mockserver clock advance 1d
    mockserver clock to 2023-01-10T00:15:22Z
    mockserver clock next
    mockserver clock run
    """


@clock.command()
@of_a_world
def show(url: str, world: str, control_token: str | None, as_json: bool) -> None:
    """Show the time, and what is due next.

    \b
    mockserver clock show --url http://127.0.0.1:8080 --world default
    """
    with world_at(url, world, control_token) as found:
        time, upcoming, held = found.clock.show(), found.upcoming(5), found.deliveries.held()
    if as_json:
        click.echo(orjson.dumps(time.json, option=orjson.OPT_INDENT_2))
        return
    click.echo(f"{time.json['now']}  {time.mode}{', idle' if time.idle else ''}")
    for task in upcoming:
        click.echo(f"  {task.json['due']}  {task.reason}")
    for delivery in held:
        if delivery.retry_at is None:  # nothing is due because of it
            click.echo(f"  delivery {delivery.id} is {delivery.reason}")


@clock.command()
@click.argument("duration")
@of_a_world
def advance(duration: str, **where: Any) -> None:
    """Move the time on by a DURATION: 250ms, 5s, 1h30m, 2d, 1w.

    \b
    mockserver clock advance 1d
    """
    _move(lambda found: found.clock.advance(duration), **where)


@clock.command()
@click.argument("time")
@of_a_world
def to(time: str, **where: Any) -> None:
    """Move the time on to a TIME, in UTC or with its offset.

    \b
    mockserver clock to 2023-01-10T00:15:22Z
    """
    _move(lambda found: found.clock.to(time), **where)


@clock.command(name="next")
@of_a_world
def next_(**where: Any) -> None:
    """Move the time on to what is due next.

    \b
    mockserver clock next
    """
    _move(lambda found: found.clock.next(), **where)


@clock.command()
@of_a_world
def run(**where: Any) -> None:
    """Move the time on until nothing is due but what recurs.

    \b
    mockserver clock run
    """
    _move(lambda found: found.clock.run(), **where)


def _move(how: Callable[[World], Happened], url: str, world: str, control_token: str | None, as_json: bool) -> None:
    with world_at(url, world, control_token) as found:
        happened = how(found)
    if as_json:
        click.echo(orjson.dumps(happened.json, option=orjson.OPT_INDENT_2))
        return
    click.echo(f"{happened.json['from']} → {happened.json['now']}")
    for name, count in Counter(event.type for event in happened.events).items():
        click.echo(f"  {count:5}  {name}")
    if happened.counts["events"] > len(happened.events):
        click.echo(f"  of {happened.counts['events']} events in all, the last {len(happened.events)}")
    if happened.counts["deliveries"]:
        click.echo(f"  {happened.counts['deliveries']:5}  deliveries to webhooks")
    for skipped in happened.skipped:
        say(f"  {skipped.count:5}  attempts skipped: {skipped.reason}")
    for failure in happened.failures:
        text = f"  a rule failed at {failure.json['at']}: {failure.reason}: {failure.error}"
        say(text, fg="red", err=True)
