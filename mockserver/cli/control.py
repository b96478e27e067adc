"""``control``: any command of a running server's control API, by its name."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import click
import orjson

from mockserver.cli.errors import fail
from mockserver.cli.printing import say
from mockserver.cli.running_world import at_a_world, server_at
from mockserver.kernel.spelling import did_you_mean
from mockserver.protocol.negotiation import JSON

_PARAMETER: Final = re.compile(r"\{(\w+)\}")
WORLD: Final = "world"


class Operation(NamedTuple):
    """A command as the server's document describes it."""

    method: str
    path: str
    summary: str
    takes_body: bool

    @property
    def parameters(self) -> list[str]:
        """What its path takes beside the world."""
        return [name for name in _PARAMETER.findall(self.path) if name != WORLD]

    @property
    def usage(self) -> str:
        """What stands behind its name."""
        return " ".join([*(name.upper() for name in self.parameters), *(["[BODY]"] if self.takes_body else [])])


@click.command()
@click.argument("name", required=False)
@click.argument("arguments", nargs=-1)
@click.option("--query", "queries", metavar="NAME=VALUE", multiple=True, help="A query parameter; several are several.")
@at_a_world
def control(
    name: str | None,
    arguments: tuple[str, ...],
    queries: tuple[str, ...],
    url: str,
    world: str,
    control_token: str | None,
) -> None:
    """Give any command to a running server, by its NAME; without one, list them all.

    ARGUMENTS are what its path takes, in order, and its body as JSON; @FILE reads the body from a file, - from standard
    input. The answer is printed as JSON.

    \b
    mockserver control
    mockserver control expire_tokens '{"all": true}'
    mockserver control change_fault busy '{"status": 500}'
    mockserver control put_instruments @instruments.json
    mockserver control requests --query limit=5
    """
    with server_at(url, control_token) as server:
        operations = read(server.control_openapi())
        if name is None:
            _list(operations)
            return
        if name not in operations:
            fail(
                f"the control API has no command {name!r}{did_you_mean(name, operations)}: "
                "'mockserver control' lists all"
            )
        operation = operations[name]
        path, body = _asked(name, operation, arguments, world)
        answer = server.ask(operation.method, path, body, **_query(queries))
    if answer is not None:
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))


def read(document: Mapping[str, Any]) -> dict[str, Operation]:
    """The commands of a control API's OpenAPI document by name; those whose answer is no JSON are left out."""
    return {
        each["operationId"]: Operation(method.upper(), path, each["summary"], "requestBody" in each)
        for path, methods in document["paths"].items()
        for method, each in methods.items()
        if _tells_json(each)
    }


def _tells_json(operation: Mapping[str, Any]) -> bool:
    """Whether its answer is JSON, if it has one."""
    success = next(iter(operation["responses"].values()))
    return bool(next(iter(success.get("content", {JSON: {}}))) == JSON)


def _list(operations: Mapping[str, Operation]) -> None:
    for name, operation in sorted(operations.items()):
        click.secho(f"{name} {operation.usage}".rstrip(), bold=True)
        say(f"    {operation.summary}")


def _asked(name: str, operation: Operation, arguments: Sequence[str], world: str) -> tuple[str, Any]:
    """The path and the body that the arguments make."""
    names = operation.parameters
    most = len(names) + operation.takes_body
    if not len(names) <= len(arguments) <= most:
        fail(
            f"expected: mockserver control {name} {operation.usage}, got {len(arguments)} arguments".replace(" ,", ",")
        )
    values = {WORLD: world, **dict(zip(names, arguments, strict=False))}
    path = _PARAMETER.sub(lambda found: quote(values[found[1]], safe=""), operation.path)
    return path, _body(arguments[len(names)]) if len(arguments) > len(names) else None


def _body(text: str) -> Any:
    """The JSON of an argument, of the file that it names behind @, or of standard input."""
    source = "the body"
    try:
        if text == "-" or text.startswith("@"):
            source = text.removeprefix("@")
            text = sys.stdin.read() if text == "-" else Path(source).read_text("utf-8")
        return orjson.loads(text)
    except OSError as error:
        fail(f"{source} cannot be read: {error.strerror or error}")
    except ValueError as error:
        fail(f"{source} is not JSON: {error}; write for example '{{\"status\": 500}}', @FILE, or - for standard input")


def _query(queries: Iterable[str]) -> dict[str, str]:
    found = {}
    for each in queries:
        name, equals, value = each.partition("=")
        if not equals:
            fail(f"--query {each}: expected NAME=VALUE, for example --query limit=5")
        found[name] = value
    return found
