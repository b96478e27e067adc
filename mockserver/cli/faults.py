"""``fault``: what goes wrong on purpose in a running server's world."""

from __future__ import annotations

import click

from mockserver.cli.acting import object_of, told
from mockserver.cli.running_world import of_a_world, world_at
from mockserver.client import Fault


@click.group()
def fault() -> None:
    """Set, show, change and remove faults of a running server's world.

    \b
    mockserver fault add '{"as": "busy", "request": {"operation": "list_users"}, "status": 503}'
    mockserver fault list
    mockserver fault change busy '{"status": 500}'
    mockserver fault remove busy
    mockserver fault clear
    """


@fault.command()
@click.argument("rule", metavar="JSON")
@of_a_world
def add(rule: str, url: str, world: str, control_token: str | None, as_json: bool) -> None:
    """Set a fault, as scenarios and the control API write it.

    \b
    mockserver fault add '{"webhook": {"type": "ORDER", "nth": 2}, "fail": 500}'
    """
    given = object_of(rule, "the fault")
    with world_at(url, world, control_token) as found:
        made = found.faults.add(given)
    told(made.json, as_json, _line(made))


@fault.command(name="list")
@of_a_world
def list_(url: str, world: str, control_token: str | None, as_json: bool) -> None:
    """Show the faults that are set, and how often each matched and acted.

    \b
    mockserver fault list
    """
    with world_at(url, world, control_token) as found:
        faults = found.faults.list()
    told([each.json for each in faults], as_json, *map(_line, faults))


@fault.command()
@click.argument("name")
@click.argument("members", metavar="JSON")
@of_a_world
def change(name: str, members: str, url: str, world: str, control_token: str | None, as_json: bool) -> None:
    """Lay members over those of a fault, by its NAME or id; null leaves one out.

    \b
    mockserver fault change busy '{"status": 500, "retry_after": null}'
    """
    given = object_of(members, "the change")
    with world_at(url, world, control_token) as found:
        changed = found.faults.change(name, given)
    told(changed.json, as_json, _line(changed))


@fault.command()
@click.argument("name")
@of_a_world
def remove(name: str, url: str, world: str, control_token: str | None, as_json: bool) -> None:
    """Take one fault away, by its NAME or id.

    \b
    mockserver fault remove busy
    """
    with world_at(url, world, control_token) as found:
        found.faults.remove(name)
    told(None, as_json)


@fault.command()
@of_a_world
def clear(url: str, world: str, control_token: str | None, as_json: bool) -> None:
    """Take all faults away, the scenario's too; a reset brings those back.

    \b
    mockserver fault clear
    """
    with world_at(url, world, control_token) as found:
        found.faults.clear()
    told(None, as_json)


def _line(each: Fault) -> str:
    rule = {name: value for name, value in each.json.items() if name not in ("id", "as", "matched", "acted")}
    name = f" ({each.name})" if each.name else ""
    return f"{each.id}{name}  matched {each.matched}, acted {each.acted}  {rule}"
