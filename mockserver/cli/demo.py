"""``demo``: a server with three worlds in which something happens, and the address of their pages."""

from __future__ import annotations

from typing import Final

import click

from mockserver.cli.errors import fail
from mockserver.cli.printing import say
from mockserver.server import RunningServer, ServerError, ServerSettings, run

WORLDS: Final = ("live-settlement", "order-lifecycles", "portfolio-switch")
"""Shipped scenarios: one that waits for days, one with every way in which an order ends, one that rebalances."""
STEPS: Final = 12
"""Steps of each that are played first; the rest can be played from its page."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, envvar="MOCKSERVER_HOST", help="Where to listen.")
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    envvar="MOCKSERVER_PORT",
    help="0: any free one.",
)
def demo(host: str, port: int) -> None:
    """Start a server with three lively worlds and a dashboard, to look around; requests need no token.

    Their clocks are frozen: move them on the page, with the keys that ? lists, or by mockserver clock.

    \b
    mockserver demo
    mockserver demo --port 0                at any free port
    """
    settings = ServerSettings(scenarios=WORLDS, host=host, port=port, clock="manual", auth="off", play=STEPS)
    try:
        run(settings, _ready)
    except ServerError as error:
        fail(str(error))


def _ready(server: RunningServer) -> None:
    say(f"The dashboard: {server.url}/_mock/ui/")
    for world in server.worlds:
        say(f"  {world.scenario}: {server.url}/_mock/ui/{world.client_id}/timeline")
    say("Ctrl-C ends it; nothing is kept.")
