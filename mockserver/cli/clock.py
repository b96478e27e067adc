"""``clock``: the time of a running server's world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

import click
import orjson

from mockserver.cli.asking import ask

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS = (
    click.option(
        "--url",
        envvar="MOCKSERVER_URL",
        default="http://127.0.0.1:8080",
        show_default=True,
        help="Where the server is.",
    ),
    click.option(
        "--world",
        envvar="MOCKSERVER_WORLD",
        default="default",
        show_default=True,
        help="Which of its worlds: a client id.",
    ),
    click.option("--control-token", envvar="MOCKSERVER_CONTROL_TOKEN", help="The server's --control-token, if any."),
    click.option("--json", "as_json", is_flag=True, help="Print the answer of the control API."),
)


def of_a_world(function: F) -> F:
    """The options of every command about a world's clock."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


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
    path = f"/_mock/worlds/{quote(world, safe='')}"
    answer = ask(url, "GET", f"{path}/clock", token=control_token)
    if as_json:
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
        return
    click.echo(f"{answer['now']}  {answer['mode']}{', idle' if answer['idle'] else ''}")
    for task in ask(url, "GET", f"{path}/upcoming?limit=5", token=control_token)["upcoming"]:
        click.echo(f"  {task['due']}  {task['reason']}")


@clock.command()
@click.argument("duration")
@of_a_world
def advance(duration: str, **where: Any) -> None:
    """Move the time on by a DURATION: 250ms, 5s, 1h30m, 2d, 1w.

    \b
    mockserver clock advance 1d
    """
    _move({"by": duration}, **where)


@clock.command()
@click.argument("time")
@of_a_world
def to(time: str, **where: Any) -> None:
    """Move the time on to a TIME, in UTC or with its offset.

    \b
    mockserver clock to 2023-01-10T00:15:22Z
    """
    _move({"to": time}, **where)


@clock.command(name="next")
@of_a_world
def next_(**where: Any) -> None:
    """Move the time on to what is due next.

    \b
    mockserver clock next
    """
    _move({"next": True}, **where)


@clock.command()
@of_a_world
def run(**where: Any) -> None:
    """Move the time on until nothing is due but what recurs.

    \b
    mockserver clock run
    """
    _move({"until": "idle"}, **where)


def _move(how: dict[str, Any], url: str, world: str, control_token: str | None, as_json: bool) -> None:
    answer = ask(url, "POST", f"/_mock/worlds/{quote(world, safe='')}/clock/advance", how, control_token)
    if as_json:
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
        return
    click.echo(f"{answer['from']} → {answer['now']}")
    for name, count in Counter(event["type"] for event in answer["events"]).items():
        click.echo(f"  {count:5}  {name}")
    if answer["counts"]["events"] > len(answer["events"]):
        click.echo(f"  of {answer['counts']['events']} events in all, the last {len(answer['events'])}")
    if answer["counts"]["deliveries"]:
        click.echo(f"  {answer['counts']['deliveries']:5}  deliveries to webhooks")
    for failure in answer["failures"]:
        click.secho(f"  a rule failed at {failure['at']}: {failure['reason']}: {failure['error']}", fg="red", err=True)
