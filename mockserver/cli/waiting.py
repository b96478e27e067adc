"""``wait-for``: wait until the client of a running server's world has sent a request."""

from __future__ import annotations

import click
import orjson

from mockserver.cli.errors import FAILED, fail
from mockserver.cli.integers import within
from mockserver.cli.running_world import of_a_world, world_at
from mockserver.client import NotVerifiedError
from mockserver.kernel.durations import duration
from mockserver.kernel.integers import NATURAL, POSITIVE


def _seconds(_: click.Context, __: click.Parameter, text: str) -> float:
    try:
        return duration(text).total_seconds()
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command(name="wait-for")
@click.argument("method")
@click.argument("path")
@click.option("--since", type=int, callback=within(NATURAL), help="Count only requests after this number.")
@click.option(
    "--count", type=int, default=1, show_default=True, callback=within(POSITIVE), help="How many are waited for."
)
@click.option("--status", type=int, callback=within(NATURAL), help="What they were answered.")
@click.option("--timeout", default="5s", show_default=True, callback=_seconds, help="Of the machine's time.")
@click.option("--patient", is_flag=True, help="Wait also where nothing is under way that could bring a request.")
@of_a_world
def wait_for(
    method: str,
    path: str,
    since: int | None,
    count: int,
    status: int | None,
    timeout: float,
    patient: bool,
    url: str,
    world: str,
    control_token: str | None,
    as_json: bool,
) -> None:
    """Wait for a request of the client: its METHOD, and its PATH, in which * stands for anything.

    Those count that are there already, unless --since gives the number of an earlier one. The exit code is 1 with the
    nearest misses where none came, at once where nothing is under way that could bring one.

    \b
    mockserver wait-for GET '/orders/*' --timeout 30s
    mockserver wait-for POST /orders --count 2 --status 202
    """
    with world_at(url, world, control_token) as found:
        try:
            requests = found.requests.wait_for(
                method, path, since=since, count=count, status=status, timeout=timeout, patient=patient
            )
        except NotVerifiedError as error:
            fail(str(error), FAILED)
    if as_json:
        click.echo(orjson.dumps([each.json for each in requests], option=orjson.OPT_INDENT_2))
        return
    for each in requests:
        query = f"?{each.query}" if each.query else ""
        click.echo(f"#{each.number} {each.json['at']}  {each.method} {each.path}{query} → {each.status}")
