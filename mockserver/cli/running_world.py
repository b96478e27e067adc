"""The options of commands about a running server's world, and how it is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from mockserver.cli.errors import fail
from mockserver.client import ControlError, MockServer, World

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS = (
    click.option(
        "--url",
        default="http://127.0.0.1:8080",
        show_default=True,
        help="Where the server is.",
    ),
    click.option(
        "--world",
        default="default",
        show_default=True,
        help="Which of its worlds: a client id.",
    ),
    click.option("--control-token", help="The server's --control-token, if any."),
    click.option("--json", "as_json", is_flag=True, help="Print the answer of the control API."),
)


def at_a_world(function: F) -> F:
    """The options that say where the server and its world are."""
    for option in reversed(OPTIONS[:3]):
        function = option(function)
    return function


def of_a_world(function: F) -> F:
    """The options of every command about a running server's world."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


@contextmanager
def server_at(url: str, control_token: str | None) -> Iterator[MockServer]:
    """The server; a refusal, or no answer, ends the command with one line."""
    try:
        server = MockServer(url, control_token)
    except ValueError as error:
        fail(str(error))
    try:
        with server:
            yield server
    except ControlError as error:
        fail(error.detail)


@contextmanager
def world_at(url: str, world: str, control_token: str | None) -> Iterator[World]:
    """A world of it; the same."""
    with server_at(url, control_token) as server:
        yield server.worlds.get(world)
