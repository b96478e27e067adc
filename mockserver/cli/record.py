"""``record``: what the client of a running server's world did, as a scenario."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import click

from mockserver.cli.errors import fail
from mockserver.client import ControlError, MockServer
from mockserver.scenario.writing import as_yaml


@click.command()
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Where the server is.")
@click.option(
    "--world",
    default="default",
    show_default=True,
    help="Which of its worlds: a client id.",
)
@click.option("--control-token", help="The server's --control-token, if any.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; without, it is printed.",
)
def record(url: str, world: str, control_token: str | None, output: Path | None) -> None:
    """Write what a world's client did, since the world was made or last reset, as a scenario that replays green.

    What cannot be recorded is said, nothing is written then, and the exit code is 2.

    \b
    mockserver record --url http://127.0.0.1:8080 -o recorded.yaml
    mockserver replay recorded.yaml
    """
    try:
        with MockServer(url, control_token) as server:
            data = server.ask("GET", f"/_mock/worlds/{quote(world, safe='')}/scenario", format="json")
    except ValueError as error:
        fail(str(error))
    except ControlError as error:
        fail(error.detail)
    text = as_yaml(data)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}")
    steps = len(data["steps"])
    click.echo(
        f"{output}: {steps} step{'' if steps == 1 else 's'}; play them with: mockserver replay {output}", err=True
    )
