"""``profile``: the settings of a running server's world, and changing them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import orjson

from mockserver.cli.errors import fail
from mockserver.cli.running_world import of_a_world, world_at
from mockserver.client import Settings
from mockserver.kernel.profile_changes import leaves


@click.group()
def profile() -> None:
    """Look at and change the settings of a running server's world.

    \b
    mockserver profile show
    mockserver profile set settlement.buy=1 stages.order.execute.delay=1h
    mockserver profile restore
    """


@profile.command()
@click.option("--all", "everything", is_flag=True, help="Every setting, not only those that were changed.")
@of_a_world
def show(everything: bool, url: str, world: str, control_token: str | None, as_json: bool) -> None:
    """Show which settings were changed, when and by what, and what changes later.

    \b
    mockserver profile show --all
    """
    with world_at(url, world, control_token) as found:
        settings = found.profile.show()
    _print(settings, as_json, everything)


@profile.command(name="set")
@click.argument("assignments", nargs=-1, metavar="NAME=VALUE...")
@click.option("--settings", "source", metavar="FILE", help="JSON of settings instead; -: stdin.")
@click.option("--from", "from_", metavar="TIME", help="From this day or instant on; without: from now on.")
@click.option("--until", metavar="TIME", help="Until this day or instant; without: for good.")
@of_a_world
def set_(
    assignments: tuple[str, ...],
    source: str | None,
    from_: str | None,
    until: str | None,
    url: str,
    world: str,
    control_token: str | None,
    as_json: bool,
) -> None:
    """Lay settings over those that hold, now or by date. A VALUE is JSON, or else text.

    \b
    mockserver profile set settlement.buy=1
    mockserver profile set stages.order.execute.delay=never --from 2024-05-28T10:00:00Z --until 2024-05-28T11:00:00Z
    mockserver profile set calendar.hours=null
    mockserver profile set --settings settings.json
    """
    if bool(assignments) == (source is not None):
        fail("give settings, as settlement.buy=1, or --settings FILE, and not both")
    given = assigned(assignments) if source is None else _read(source)
    with world_at(url, world, control_token) as found:
        settings = found.profile.change(given, from_=from_, until=until)
    _print(settings, as_json)


@profile.command()
@of_a_world
def restore(url: str, world: str, control_token: str | None, as_json: bool) -> None:
    """Take changes by command or step back, planned ones too. Those that the scenario has stay.

    \b
    mockserver profile restore
    """
    with world_at(url, world, control_token) as found:
        settings = found.profile.restore()
    _print(settings, as_json)


def assigned(assignments: Iterable[str]) -> dict[str, Any]:
    """The settings of ``settlement.buy=1`` and the like; what is no assignment ends the command with one line."""
    settings: dict[str, Any] = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        path = name.split(".")
        if not equals or not all(path):
            fail(f"{text!r} is no setting: expected NAME=VALUE, as settlement.buy=1")
        if path[0] == "stages" and len(path) > 2:
            path[1:3] = [".".join(path[1:3])]  # the name of a stage: order.execute
        inner = settings
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                fail(f"{name} lies inside {part}, which has a value already: give one of the two")
        inner[path[-1]] = _value(value)
    return settings


def _value(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        return text


def _read(source: str) -> dict[str, Any]:
    """The JSON object of a file; a file that has none ends the command with one line."""
    try:
        found = orjson.loads(sys.stdin.read() if source == "-" else Path(source).read_bytes())
    except OSError as error:
        fail(f"{source} cannot be read: {error.strerror or error}")
    except ValueError as error:
        fail(f"{source} is not JSON: {error}")
    if not isinstance(found, dict):
        fail(f'{source} must hold a JSON object of settings, as {{"settlement": {{"buy": 1}}}}')
    return found


def _print(settings: Settings, as_json: bool, everything: bool = False) -> None:
    if as_json:
        click.echo(orjson.dumps(settings.json, option=orjson.OPT_INDENT_2))
        return
    click.echo(f"{settings.json['now']}  {settings.name}")
    for path, value in leaves(settings.settings) if everything else ():
        click.echo(f"  {'.'.join(path)}: {_text(value)}")
    for changed in settings.json["changed"]:
        until = f" until {changed['until']}" if changed["until"] else ""
        values = f"{_text(changed['value'])} (was {_text(changed['was'])})"
        click.echo(f"  {changed['setting']}: {values} since {changed['since']}{until}, {changed['by']}")
    planned = [each for each in settings.json["changes"] if each["state"] == "planned"]
    for change in planned:
        until = f" until {change['until']}" if change["until"] else ""
        for path, value in leaves(change["settings"]):
            click.echo(f"  {'.'.join(path)}: {_text(value)} from {change['from']}{until}, {change['by']}")
    if not (everything or settings.changed or planned):
        click.echo("  as the world was made")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
