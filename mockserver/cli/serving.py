"""``serve``."""

from __future__ import annotations

import click

from mockserver.cli.failing import fail
from mockserver.cli.scenarios import load_all
from mockserver.kernel.events import stamp
from mockserver.kernel.rules import Refusal
from mockserver.protocol.clients import Auth
from mockserver.server import RunningServer, ServerError, ServerSettings, run


@click.command()
@click.option(
    "--scenario",
    "scenarios",
    envvar="MOCKSERVER_SCENARIO",
    multiple=True,
    help="A shipped scenario's name, or a file; several make several worlds, the first is the default.",
)
@click.option("--host", envvar="MOCKSERVER_HOST", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port",
    envvar="MOCKSERVER_PORT",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="0: any free one.",
)
@click.option(
    "--profile",
    envvar="MOCKSERVER_PROFILE",
    type=click.Choice(["sandbox", "live", "manual"]),
    help="How the API behaves; by default as each scenario says, else sandbox.",
)
@click.option(
    "--clock",
    envvar="MOCKSERVER_CLOCK",
    metavar="manual|real|xN",
    help="How time passes (x60: a minute in a second); by default as each scenario says, else real.",
)
@click.option("--seed", envvar="MOCKSERVER_SEED", type=int, help="What ids and chance are made from.")
@click.option(
    "--auth",
    envvar="MOCKSERVER_AUTH",
    type=click.Choice([each.value for each in Auth]),
    help="What a request must prove: a token, or nothing (off).",
)
@click.option(
    "--receiver", envvar="MOCKSERVER_RECEIVER", metavar="URL", help="Where scenarios' ${receiver} webhooks go."
)
@click.option(
    "--control-token", envvar="MOCKSERVER_CONTROL_TOKEN", help="What the control API asks for as bearer token."
)
def serve(
    scenarios: tuple[str, ...],
    host: str,
    port: int,
    profile: str | None,
    clock: str | None,
    seed: int | None,
    auth: str | None,
    receiver: str | None,
    control_token: str | None,
) -> None:
    """Start the server, and say how its worlds are reached.

    Every option is also a variable: --port is MOCKSERVER_PORT, --scenario MOCKSERVER_SCENARIO (names apart by spaces).

    \b
    mockserver serve
    mockserver serve --clock manual --scenario portfolio-switch
    mockserver serve --scenario my.yaml --receiver http://localhost:9000/webhooks
    """
    settings = ServerSettings(
        scenarios=load_all(scenarios),
        host=host,
        port=port,
        profile=profile,
        clock=clock,
        seed=seed,
        auth=Auth(auth) if auth else None,
        receiver=receiver,
        control_token=control_token,
    )
    try:
        run(settings, ready=introduce)
    except Refusal as refusal:
        fail(refusal.detail.replace("(root).", "--", 1))
    except ServerError as error:
        fail(str(error))


def introduce(server: RunningServer) -> None:
    """Print where the server is, who its clients are, and what to do next."""
    click.secho(f"mockserver listens on {server.url}", bold=True)
    for tenant in server.worlds:
        world = tenant.world
        origin = f"scenario {tenant.scenario}" if tenant.scenario else "empty"
        name = "default" if tenant is server.worlds.default else tenant.client_id
        click.echo(f"\nworld {name}: {origin}, profile {world.profile.name}")
        click.echo(f"  clock          {stamp(world.now)}, {tenant.driver.mode}")
        click.echo(f"  client id      {tenant.client_id}")
        click.echo(f"  client secret  {tenant.client_secret}")
        click.echo(f"  auth           {tenant.auth.value}")
    tenant = server.worlds.default or next(iter(server.worlds))
    head = f"-H 'upvest-client-id: {tenant.client_id}'"
    click.echo("\nTry:")
    if tenant.auth is not Auth.OFF:
        form = (
            f"grant_type=client_credentials&client_id={tenant.client_id}"
            f"&client_secret={tenant.client_secret}&scope=instruments:read accounts:read portfolios:admin"
        )
        click.echo(f"  TOKEN=$(curl -s {server.url}/auth/token {head} -d '{form}' \\")
        click.echo('          | sed \'s/.*"access_token":"\\([^"]*\\)".*/\\1/\')')
        head += ' -H "authorization: Bearer $TOKEN"'
    click.echo(f"  curl -s {server.url}/instruments {head}")
    click.echo(f"  mockserver clock show --url {server.url}")
