"""``replay``."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import click
from click.core import ParameterSource

from mockserver.cli import completion
from mockserver.cli.errors import FAILED, fail
from mockserver.cli.reports import as_json, as_junit, print_kept, print_outcome
from mockserver.cli.scenarios import load_all
from mockserver.cli.timeline import Timeline
from mockserver.client import AsyncMockServer, ControlError
from mockserver.replay import player as playing
from mockserver.replay.receiver import ReceiverAddress
from mockserver.replay.timeline import Replay
from mockserver.scenario.schema import Scenario
from mockserver.server import ServerSettings, start


@click.command()
@click.argument("sources", metavar="SCENARIO...", nargs=-1, required=True, shell_complete=completion.scenarios)
@click.option("--url", help="A running server; without, one is started for the replay.")
@click.option("--control-token", help="The running server's --control-token.")
@click.option(
    "--take-over",
    is_flag=True,
    help="Replace worlds that an earlier run left on that server under the client id of a scenario.",
)
@click.option(
    "--receiver-host",
    metavar="HOST",
    help="Host name or address of this machine as the running server sees it, for its webhooks (from a container: "
    "host.docker.internal); by default the local address of a connection to that server.",
)
@click.option(
    "--receiver-bind",
    metavar="ADDRESS",
    help="The address that the receiver of webhooks listens on; by default loopback where the host is, else all "
    "interfaces.",
)
@click.option(
    "--keep",
    is_flag=True,
    help="Leave the worlds on that server when the steps are over, and print where they are.",
)
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write a JUnit report to this file.")
@click.option("--json", "json_", is_flag=True, help="Print what happened as JSON in place of the timeline.")
def replay(
    sources: tuple[str, ...],
    url: str | None,
    control_token: str | None,
    take_over: bool,
    receiver_host: str | None,
    receiver_bind: str | None,
    keep: bool,
    junit: Path | None,
    json_: bool,
) -> None:
    """Play the steps of scenarios, each in a world of its own, and check what they expect.

    The exit code is 1 when something was not as expected, 2 when a scenario or the server cannot be used.

    \b
    mockserver replay portfolio-switch
    mockserver replay scenarios/*.yaml --junit report.xml
    mockserver replay my.yaml --url http://127.0.0.1:8080
    mockserver replay my.yaml --url http://localhost:8080 --receiver-host host.docker.internal
    mockserver replay my.yaml --url http://127.0.0.1:8080 --keep --take-over
    """
    if keep and url is None:
        fail("--keep needs the --url of a running server; to play a scenario and serve its world: serve --play")
    scenarios = load_all(sources)
    address = _address(url, receiver_host, receiver_bind)
    try:
        replays, versions = asyncio.run(
            _replay(scenarios, url, control_token, take_over=take_over, keep=keep, quiet=json_, address=address)
        )
    except ControlError as error:
        fail(str(error))
    if json_:
        click.echo(as_json(replays, versions))
    else:
        print_outcome(replays)
        print_kept(replays, url)
    if junit is not None:
        try:
            junit.write_text(as_junit(replays), encoding="utf-8")
        except OSError as error:
            fail(f"{junit} cannot be written: {error.strerror}")
    if not all(each.passed for each in replays):
        raise click.exceptions.Exit(FAILED)


def _address(url: str | None, host: str | None, bind: str | None) -> ReceiverAddress | None:
    """Where webhooks of the server at ``url`` are received; ``None``: on loopback, from one started for the replay.

    Variables may be set for other runs, so they are ignored without a ``url``; options are not.
    """
    if url is None:
        context = click.get_current_context()
        for name in ("receiver_host", "receiver_bind"):
            if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
                fail(f"--{name.replace('_', '-')} goes with --url: a server started for the replay is on this machine")
        return None
    try:
        return ReceiverAddress.for_server(url, host, bind)
    except ValueError as error:
        fail(f"--receiver-host: {error}")


async def _replay(
    scenarios: list[Scenario],
    url: str | None,
    control_token: str | None,
    *,
    take_over: bool = False,
    keep: bool = False,
    quiet: bool,
    address: ReceiverAddress | None = None,
) -> tuple[list[Replay], Mapping[str, str]]:
    """What happened; and where nothing is shown meanwhile, the versions of what the server's data come from."""
    if url is None:
        async with await start(ServerSettings(port=0)) as server:
            return await _replay(scenarios, server.url, None, quiet=quiet)
    replays = []
    play = partial(
        playing.replay, url=url, control_token=control_token, take_over=take_over, keep=keep, address=address
    )
    for scenario in scenarios:
        if quiet:
            replays.append(await play(scenario))
            continue
        with Timeline(scenario).shown() as timeline:
            replays.append(await play(scenario, watcher=timeline))
    return replays, await _versions(url, control_token) if quiet else {}


async def _versions(url: str, control_token: str | None) -> Mapping[str, str]:
    async with AsyncMockServer(url, control_token) as server:
        world = await server.ask("GET", "/_mock/worlds/default")
    versions: Mapping[str, str] = world.get("versions", {})
    return versions
