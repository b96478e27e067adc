"""``trigger``: an event of any type, emitted in a running server's world."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
import orjson

from mockserver.cli.errors import fail
from mockserver.cli.running_world import of_a_world, world_at

if TYPE_CHECKING:
    from mockserver.client.names import EventType


@click.command()
@click.argument("event")
@click.option("--object", "source", metavar="FILE", help="JSON that is laid over the contract's example; -: stdin.")
@of_a_world
def trigger(event: str, source: str | None, url: str, world: str, control_token: str | None, as_json: bool) -> None:
    """Emit an EVENT of any type: DIRECT_DEBIT.CANCELLED. No state changes.

    Its object is the contract's example. Webhooks get it as any other event, once the world's time moves on.

    \b
    mockserver trigger DIRECT_DEBIT.CANCELLED
    echo '{"cash_amount": "25.00"}' | mockserver trigger TOPUP.SETTLED --object -
    """
    object_ = {} if source is None else _read(source)
    with world_at(url, world, control_token) as found:
        emitted = found.events.emit(cast("EventType", event), object_)
    if as_json:
        click.echo(orjson.dumps(emitted.json, option=orjson.OPT_INDENT_2))
        return
    click.echo(f"{emitted.json['created_at']}  {emitted.type}  {emitted.id}")
    click.echo(orjson.dumps(emitted.object, option=orjson.OPT_INDENT_2).decode())


def _read(source: str) -> dict[str, Any]:
    """The JSON object of a file; a file that is none ends the command with one line."""
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")
        found = orjson.loads(text)
    except OSError as error:
        fail(f"{source} cannot be read: {error.strerror or error}")
    except ValueError as error:
        fail(f"{source} is not JSON: {error}")
    if not isinstance(found, dict):
        fail(f"{source} must hold a JSON object, the members of the event's object")
    return found
