"""The client has a method for every command of the control API, and reads every member that it is told."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import mockserver.control.api  # noqa: F401 - registers the commands
from mockserver.client import World
from mockserver.client.answers import About
from mockserver.client.commands import Command
from mockserver.client.worlds import MockServer, Worlds
from mockserver.control.commands import command
from mockserver.protocol.routing import Found, Router

ID = "an-id"
ABOUT: dict[str, Any] = {
    "world": ID,
    "client_id": ID,
    "client_secret": "",
    "key_id": "",
    "auth": "off",
    "scopes": [],
    "scenario": None,
    "profile": "sandbox",
    "seed": 0,
    "now": "2023-01-10T08:00:00Z",
    "mode": "manual",
    "snapshots": [],
}


class Recorder:
    """In place of a connection: it keeps the commands, and answers nothing."""

    url = "http://127.0.0.1:1"

    def __init__(self) -> None:
        self.sent: list[Command[Any]] = []

    def send(self, sent: Command[Any]) -> Any:
        self.sent.append(sent)
        raise LookupError

    def lines(self, sent: Command[Any], _: float) -> Any:
        return self.send(sent)

    def alone(self) -> bool:
        return True


def methods(thing: Any) -> Iterator[Any]:
    for name, member in inspect.getmembers(thing):
        if name.startswith("_") or name in ("about", "close", "connection"):
            continue
        if inspect.ismethod(member):
            yield member
        elif type(member).__module__.startswith("mockserver.client"):
            yield from methods(member)


def called(method: Any) -> None:
    """Call it with something for each argument that it needs."""
    needed = [
        each
        for each in inspect.signature(method).parameters.values()
        if each.default is each.empty and each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
    ]
    values = {each.name: [] if "Iterable" in str(each.annotation) else ID for each in needed}
    values |= {"method": "GET", "path": "/_mock/health"} if method.__name__ == "ask" else {}
    with suppress(LookupError):
        method(**values)


def test_every_command_has_a_method() -> None:
    recorder: Any = Recorder()
    server = MockServer(recorder.url)
    server.connection = recorder
    server.worlds = Worlds(recorder)
    for thing in (server, World(recorder, About.read(ABOUT))):
        for method in methods(thing):
            called(method)
    router: Router[str] = Router()
    for each in command.all:
        router.add(each.method, each.path, f"{each.method} {each.path}")
    found = set()
    for sent in recorder.sent:
        match = router.match(sent.method, sent.path)
        assert isinstance(match, Found), f"there is no {sent.method} {sent.path}"
        found.add(match.target)
    assert found == {f"{each.method} {each.path}" for each in command.all}
