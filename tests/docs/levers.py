"""The table of docs/levers.md: every command of the control API, and each way to give it.

It is made from the commands themselves: the client is called and the steps are played on stand-ins that keep what is
sent. ``python -m tests.docs.levers`` writes the page anew.
"""

from __future__ import annotations

import asyncio
import inspect
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final, NamedTuple

from mockserver.cli import COMMANDS
from mockserver.client import AsyncMockServer, AsyncWorld, MockServer, World
from mockserver.client.answers import About
from mockserver.client.worlds import Worlds
from mockserver.client.worlds_async import AsyncWorlds
from mockserver.control.commands import Command, LeftOut, command
from mockserver.control.router import Control
from mockserver.protocol.routing import Found, Router
from mockserver.pytest_plugin.session import MockSession
from mockserver.pytest_plugin.worlds import AsyncMockWorld, MockWorld
from mockserver.replay.player import ACTIONS as PLAYED
from mockserver.replay.session import Session
from mockserver.replay.world import PlayedWorld
from mockserver.scenario.load import load
from mockserver.scenario.steps import ACTIONS, EXPECTATIONS, Step
from tests.client.test_coverage import ABOUT, ID, called
from tests.docs import routes
from tests.docs.lever_examples import RECIPES, SHELL, STEPS
from tests.docs.pages import DOCS, slug

REGISTERED: Final = Control
"""Importing it registers every command."""

PAGE: Final = DOCS / "levers.md"
FIRST: Final = "<!-- made by `python -m tests.docs.levers` -->"
LAST: Final = "<!-- end of what is made -->"

LOOKING: Final = "a step expects, and looks at nothing else"


class Row(NamedTuple):
    """One command."""

    command: Command
    http: str
    client: tuple[str, ...]
    """What is called on the Python client; of the asynchronous one the same is awaited."""
    steps: tuple[str, ...]
    shell: str

    @property
    def why_not(self) -> str:
        """Why no step of a scenario gives it, or a recording leaves it out."""
        records = self.command.records
        return records.why if isinstance(records, LeftOut) else LOOKING if self.command.method == "GET" else ""

    @property
    def plugin(self) -> tuple[str, ...]:
        """The same on the fixtures of pytest."""
        return tuple(_in_a_test(name) for name in self.client)


def rows() -> list[Row]:
    """A row for each command."""
    client, steps = clients(MockServer, World, Worlds), played()
    return [
        Row(
            each,
            f"{each.method} {each.path.replace('/_mock/worlds/{world}/', '…/')}",
            tuple(client[each.name]),
            tuple(steps[each.name]),
            SHELL.get(each.name) or _generic(each),
        )
        for each in command.all
    ]


def _generic(each: Command) -> str:
    parts = [name.upper() for name in ("resource", "id", "request_id", "key_id", "kid") if f"{{{name}}}" in each.path]
    return " ".join(["mockserver control", each.name.strip("_"), *parts, *(["BODY"] if each.takes else [])])


# --- The Python client ---


class _Kept:
    """In place of a connection: it keeps the commands, and answers nothing."""

    url = "http://127.0.0.1:1"

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send(self, sent: Any) -> Any:
        self.sent.append((sent.method, sent.path))
        raise LookupError

    def lines(self, sent: Any, _: float) -> Any:
        """What begins a stream."""
        return self.send(sent)

    def alone(self) -> bool:
        """Whether nothing else in this process may be asking."""
        return True


def clients(server: Any, world: Any, worlds: Any) -> dict[str, list[str]]:
    """What sends each command, by its name: ``world.clock.advance``."""
    found = defaultdict[str, list[str]](list)
    kept: Any = _Kept()
    root = server(kept.url)
    root.connection, root.worlds = kept, worlds(kept)
    for base, thing in (("server", root), ("world", world(kept, About.read(ABOUT)))):
        for name, method in _methods(thing, base):
            if method.__name__ == "ask":
                continue
            kept.sent.clear()
            _call(method)
            for sent in kept.sent:
                if name not in found[_named(*sent)]:
                    found[_named(*sent)].append(name)
    return found


def _call(method: Any) -> None:
    if not inspect.iscoroutinefunction(method):
        called(method)
        return

    def awaited(*arguments: Any, **named: Any) -> None:
        asyncio.run(method(*arguments, **named))

    awaited.__signature__ = inspect.signature(method)  # type: ignore[attr-defined]
    awaited.__name__ = method.__name__
    called(awaited)


def _methods(thing: Any, base: str) -> Iterator[tuple[str, Any]]:
    for name, member in inspect.getmembers(thing):
        if name.startswith("_") or name in ("about", "connection") or f"{base}.{name}" == "server.close":
            continue
        if inspect.ismethod(member):
            yield f"{base}.{name}", member
        elif type(member).__module__.startswith("mockserver.client"):
            yield from _methods(member, f"{base}.{name}")


def _named(method: str, path: str) -> str:
    router: Router[str] = Router()
    for each in command.all:
        router.add(each.method, each.path, each.name)
    found = router.match(method, path)
    assert isinstance(found, Found), f"the control API has no {method} {path}"
    return str(found.target)


def asynchronous() -> dict[str, list[str]]:
    """The same of the asynchronous client."""
    return clients(AsyncMockServer, AsyncWorld, AsyncWorlds)


def _in_a_test(name: str) -> str:
    base, _, rest = name.partition(".")
    if base == "server":
        assert "server" in inspect.getsource(MockSession)
        return f"mockserver_session.server.{rest}"
    assert issubclass(MockWorld, World)
    assert issubclass(AsyncMockWorld, AsyncWorld)
    return f"mockserver.{rest}"


# --- Steps ---


class _World(PlayedWorld):
    """A world without a server: it keeps what is sent, and has one of everything."""

    ANSWER: Final = {
        "id": "s1",
        "now": "2023-01-10T08:00:00Z",
        "next": 0,
        "total_count": 0,
        "matched": 1,
        "acted": 1,
        "events": [],
        "failures": [],
        "deliveries": [],
        "data": [],
        "object": {},
        "keys": [{"kid": "k"}],
        "counts": {"failures": 0, "skipped": 0},
    }

    def __init__(self) -> None:
        super().__init__(None, None)  # type: ignore[arg-type]
        self.sent: list[tuple[str, str]] = []

    @property
    def client_id(self) -> str:
        return ID

    async def command(self, method: str, path: str, *_: Any, **__: Any) -> Any:
        self.sent.append((method, path))
        return dict(self.ANSWER)


def played() -> dict[str, list[str]]:
    """Which steps give each command, by its name: that which each sends first, and of expectations what they read."""
    found = defaultdict[str, list[str]](list)
    for action in ACTIONS:
        if action not in STEPS:  # a request is no command; of any other one a test asks for a step
            continue
        forms = STEPS[action]
        whole = isinstance(forms, list) and all(isinstance(each, dict) and action in each for each in forms)
        for step in forms if whole else [{action: forms}]:
            for sent in _sent(step, action):
                if action not in found[_named(*sent)]:
                    found[_named(*sent)].append(action)
    return found


def _sent(step: dict[str, Any], action: str) -> list[tuple[str, str]]:
    before = [{"snapshot": "before"}] if action == "restore" else []
    receiver = [{"url": "${receiver}"}] if action == "expect_webhook" else []
    scenario = load({"name": "x", "webhooks": receiver, "steps": [*before, step]})
    world = _World()
    session = Session(scenario, world, None)
    session.snapshots["before"] = "s1"
    with suppress(LookupError):
        asyncio.run(_played(action, session, scenario.steps[-1]))
    if action == "expect_event":
        asyncio.run(session.fetch_events())
    commands = [(method, path) for method, path in world.sent if path.startswith("/_mock/")]
    return commands if action in EXPECTATIONS else [each for each in commands if each[0] != "GET"]


async def _played(action: str, session: Session, step: Step) -> None:
    await PLAYED[action](session, step)


# --- The page ---


def table() -> str:
    """The table as the page has it."""
    found = rows()
    lines = [FIRST, "", "## What changes a world", "", *_head("Recipe")]
    lines += [_line(row) for row in found if row.command.method != "GET"]
    lines += ["", "## What looks", "", *_head()]
    lines += [_line(row) for row in found if row.command.method == "GET"]
    return "\n".join([*lines, "", LAST])


def _head(*more: str) -> list[str]:
    names = ["HTTP", "Python", "pytest", "Scenario step", "Command line", *more]
    return [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]


def _line(row: Row) -> str:
    steps = ", ".join(f"`{name}`" for name in row.steps) or f"none: {row.why_not}"
    if row.steps and isinstance(row.command.records, LeftOut):
        steps += f"; recordings leave it out: {row.why_not}"
    recipe = RECIPES.get(row.command.name)
    cells = [
        f"`{row.http}`",
        ", ".join(f"`{name}`" for name in row.client),
        ", ".join(f"`{name}`" for name in row.plugin),
        steps,
        f"`{row.shell}`",
        *([f"[{recipe}](recipes.md#{slug(recipe)})"] if recipe else []),
    ]
    return f"| {' | '.join(cells)} |"


def written(text: str) -> str:
    """The page with the table in it."""
    return f"{text[: text.index(FIRST)]}{table()}{text[text.index(LAST) + len(LAST) :]}"


def known(line: str) -> bool:
    """Whether the command line has the command that ``line`` begins with."""
    return line.split()[1] in COMMANDS


if __name__ == "__main__":
    for page, made in ((PAGE, written), (routes.PAGE, routes.written)):
        page.write_text(made(page.read_text(encoding="utf-8")), encoding="utf-8")
