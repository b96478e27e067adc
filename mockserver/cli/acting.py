"""``move``, ``reset``, ``snapshot``, ``restore``, ``resend``: what is done to a running server's world, in a word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import click
import orjson

from mockserver.cli.errors import fail
from mockserver.cli.running_world import of_a_world, world_at

if TYPE_CHECKING:
    from mockserver.client.names import ResourceName


def told(answer: Any, as_json: bool, *lines: str) -> None:
    """Print the answer of the control API, or what it comes to."""
    if as_json:
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
        return
    for line in lines:
        click.echo(line)


def object_of(text: str | None, name: str) -> Mapping[str, Any]:
    """The JSON object of an option or argument; anything else ends the command with one line."""
    try:
        found = {} if text is None else orjson.loads(text)
    except ValueError as error:
        fail(f"{name} is not JSON: {error}")
    if not isinstance(found, dict):
        fail(f"{name} must be a JSON object, for example '{{\"status\": 503}}'")
    return found


@click.command()
@click.argument("target", metavar="RESOURCE/ID")
@click.argument("state")
@click.option("--with", "options", metavar="JSON", help="Options of the move, or members to change with it.")
@of_a_world
def move(
    target: str, state: str, options: str | None, url: str, world: str, control_token: str | None, as_json: bool
) -> None:
    """Make a legal move of a life cycle now: to a STATE.

    \b
    mockserver move orders/8d4997a8-… CANCELLED
    mockserver move checks/2b1a7f4e-… FAILED --with '{"reason": "…"}'
    """
    resource, slash, id_ = target.partition("/")
    if not slash or not id_:
        fail(f"{target}: expected RESOURCE/ID, for example orders/8d4997a8-c4a5-4a1e-8a8e-1f2f5d1c9f10")
    given = object_of(options, "--with")
    with world_at(url, world, control_token) as found:
        moved = found.moves.force(cast("ResourceName", resource), id_, state, given)
    told(moved.json, as_json, f"{moved.json['now']}  {resource}/{id_}  {state}")


@click.command()
@of_a_world
def reset(url: str, world: str, control_token: str | None, as_json: bool) -> None:
    """Take the world back to how it was made: state, clock, faults and all.

    \b
    mockserver reset --url http://127.0.0.1:8080
    """
    with world_at(url, world, control_token) as found:
        about = found.reset()
    told(about.json, as_json, f"{about.json['now']}  {about.mode}")


@click.command()
@of_a_world
def snapshot(url: str, world: str, control_token: str | None, as_json: bool) -> None:
    """Keep the world as it is now, and print the id to restore it by.

    \b
    mockserver snapshot
    """
    with world_at(url, world, control_token) as found:
        taken = found.snapshot()
    told(taken.json, as_json, taken.id)


@click.command()
@click.argument("snapshot_id", metavar="ID")
@of_a_world
def restore(snapshot_id: str, url: str, world: str, control_token: str | None, as_json: bool) -> None:
    """Take the world back (or forth) to a snapshot, time included.

    \b
    mockserver restore s1
    """
    with world_at(url, world, control_token) as found:
        taken = found.restore(snapshot_id)
    told(taken.json, as_json, f"{taken.json['taken_at']}  {taken.id}")


@click.command()
@click.argument("delivery_id", metavar="ID")
@of_a_world
def resend(delivery_id: str, url: str, world: str, control_token: str | None, as_json: bool) -> None:
    """Send a delivery once more, now, and print its state.

    \b
    mockserver resend d7
    """
    with world_at(url, world, control_token) as found:
        again = found.deliveries.redeliver(delivery_id)
    told(again.json, as_json, f"{again.id}  {again.state}")
