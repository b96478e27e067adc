"""The command line. A command's module is imported when the command is called: starting stays fast."""

from __future__ import annotations

import os
from contextlib import nullcontext
from importlib import import_module
from typing import Final

import click

from mockserver import __version__
from mockserver.cli.certificates import without_certificates
from mockserver.cli.printing import colour, say
from mockserver.cli.variables import check, name
from mockserver.kernel.garbage import gc_paused

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
"""Pydantic looks for plugins in every installed package: 11 ms of each start, and none of them is of use here."""

COMMANDS: Final = {
    # name: the module and function behind it, what it does
    "serve": ("serving:serve", "Start the server."),
    "demo": ("demo:demo", "Start a server with three lively worlds and a dashboard."),
    "replay": ("replaying:replay", "Play scenarios and check what they expect."),
    "record": ("record:record", "Write what a running server's client did as a scenario."),
    "check": ("scenarios:check", "Find every mistake in scenarios."),
    "scenarios": ("scenarios:scenarios", "List the shipped scenarios."),
    "openapi": ("contract:openapi", "Print the OpenAPI document."),
    "coverage": ("coverage:coverage", "Show what of the API is here, and where each rule comes from."),
    "clock": ("clock:clock", "Look at and move a running server's time."),
    "init": ("starting:init", "Write a first scenario and a first test."),
    "play": ("play:play", "Play the next steps of the scenario of a running server's world."),
    "profile": ("profile:profile", "Look at and change the settings of a running server's world."),
    "wait-for": ("waiting:wait_for", "Wait for a request of a running server's client."),
    "move": ("acting:move", "Make a move of a life cycle in a running server's world."),
    "fault": ("faults:fault", "Set, show, change and remove faults of a running server's world."),
    "reset": ("acting:reset", "Take a running server's world back to its beginning."),
    "snapshot": ("acting:snapshot", "Keep a running server's world as it is now."),
    "restore": ("acting:restore", "Take a running server's world back to a snapshot."),
    "resend": ("acting:resend", "Send a delivery of a running server's world again."),
    "requests": ("records:requests", "Print the requests of a running server's client."),
    "events": ("records:events", "Print the events of a running server's world."),
    "deliveries": ("records:deliveries", "Print the deliveries of a running server's world."),
    "control": ("control:control", "Give any command to a running server, by its name."),
    "trigger": ("trigger:trigger", "Emit an event of any type in a running server's world."),
}

LOGGING: Final = "serve"
"""The command that has a log, and warns there."""


class Commands(click.Group):
    """The commands of the table above."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, function = COMMANDS[cmd_name][0].split(":")
        # Of the commands only serve never asks an `https` server by aiohttp's own client.
        quiet = without_certificates() if cmd_name == "serve" else nullcontext()
        with gc_paused(), quiet:  # little of what imports make is garbage: looking for it is a tenth of the start
            command: click.Command = getattr(import_module(f"mockserver.cli.{module}"), function)
        name(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mockserver")
@click.pass_context
def main(context: click.Context) -> None:
    """A stateful mock of the Upvest Investment API.

    \b
    mockserver serve                       a world in real time on http://127.0.0.1:8080
    mockserver serve --clock manual        one whose time stands until it is moved
    mockserver replay portfolio-switch     a shipped scenario, played and checked

    Completion in bash (other shells: docs/command-line.md):

    \b
    eval "$(_MOCKSERVER_COMPLETE=bash_source mockserver)"
    """
    context.color = colour()
    context.obj = check(main, context)
    if context.invoked_subcommand != LOGGING:
        for warning in context.obj:
            say(f"mockserver: {warning}", err=True, fg="yellow")
