"""The registry of commands, what a command gets, and how its body and query are read."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import field
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import from_json

from mockserver.control.refusals import BODY, QUERY
from mockserver.hosting.command_log import NOTHING, Recorded
from mockserver.hosting.host import Host
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.frozen import frozen
from mockserver.kernel.integers import ANY, NATURAL
from mockserver.kernel.moves import Cause
from mockserver.kernel.quoting import shortened
from mockserver.kernel.spelling import did_you_mean
from mockserver.kernel.violations import ROOT, explained
from mockserver.kernel.world import World
from mockserver.models.deferred import Deferred
from mockserver.protocol.negotiation import JSON
from mockserver.protocol.parameters import reader

M = TypeVar("M", bound=BaseModel)

MOST_SHOWN: Final = 10_000
DEFAULT_LIMIT: Final = 100
"""How many entries a list shows where the query does not say."""
LIMIT: Final = {"type": "integer", "minimum": 0, "maximum": MOST_SHOWN}
POSITION: Final = {"type": "integer", **NATURAL.json_schema}
FLAG: Final = {"type": "boolean"}
TEXT: Final = {"type": "string"}
MALFORMED: Final = "malformed JSON"
SHOWN: Final[Mapping[str, Mapping[str, Any]]] = {"limit": LIMIT}
"""The query of commands that show the last of what there is."""


class RequestBody(BaseModel, metaclass=Deferred):
    """A body of the control API: closed, so that a misspelled member is a mistake and not a silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def stays() -> asyncio.Future[None]:
    """What is never done."""
    return asyncio.get_running_loop().create_future()


@frozen
class CommandRequest:
    """One request to the control API."""

    host: Host
    path: Mapping[str, str]
    query: Mapping[str, Any]
    """The query parameters that were sent, each read as its schema says."""
    body: bytes
    media_type: str = ""
    """The media type of the body, without its parameters."""
    departure: Callable[[], asyncio.Future[None]] = stays
    """Gives what is done when the client leaves before it is answered."""
    headers: Mapping[str, str] = field(default_factory=dict)
    cause: Cause | None = None
    """The command itself, as what it moves has it; ``None`` for one that looks."""

    @property
    def tenant(self) -> Tenant:
        """The world that the path names."""
        return self.host.worlds.get(self.path["world"])

    @property
    def world(self) -> World:
        """The state, clock and records of that world."""
        return self.tenant.world

    @property
    def data(self) -> Any:
        """The body as plain data; an empty one counts as an object without members."""
        try:
            return from_json(self.body or b"{}", allow_inf_nan=False)
        except ValueError as error:
            raise BODY.refuse(violations=f"(root): {MALFORMED}: {error}") from None

    def read(self, model: type[M]) -> M:
        """The body as ``model``; an empty one counts as an object without members."""
        return parsed(model, self.body or b"{}", self.data)

    def value(self, name: str, default: Any = None) -> Any:
        """A query parameter of the command; ``default`` where it was not sent."""
        return self.query.get(name, default)


def parsed(model: type[M], body: bytes, data: Any) -> M:
    """A body as ``model``; ``data``: the same as plain data."""
    adapter = _adapter(model)
    try:
        found: M = adapter.validate_json(body, strict=True)
    except ValidationError as error:
        raise BODY.refuse(violations=explained(error, body, adapter)) from None
    _check_integers(data)
    return found


@frozen
class CommandResponse:
    """An answer that is not a plain 200."""

    status: int
    content: Any = None
    then: Callable[[], object] | None = None
    """The last part of the change, which cannot fail and cannot be taken back: called once the answer is written."""


@frozen
class TextResponse:
    """An answer that is no JSON."""

    content: str
    media_type: str


@frozen
class StreamResponse:
    """An answer that goes on for as long as its chunks come, or its client stays."""

    chunks: AsyncIterator[bytes]
    media_type: str


Steps = Callable[[CommandRequest, Any], Recorded]
"""What a scenario has in place of a command, from what was asked and what was told."""


def changes_nothing(_: CommandRequest, __: Any) -> Recorded:
    """Of a command that looks."""
    return NOTHING


class LeftOut:
    """Of a command that changes something and is no part of a recording, with the reason."""

    def __init__(self, why: str) -> None:
        self.why = why

    def __call__(self, _: CommandRequest, __: Any) -> Recorded:
        return NOTHING


LOOKS: Final = LeftOut("it looks at the requests and changes nothing")
"""Of a command whose method is POST because it takes a body."""

Function = Callable[[CommandRequest], Any]
F = TypeVar("F", bound=Function)


@frozen
class Command:
    """One command: how it is called, what carries it out, and what its OpenAPI operation says.

    A plain function is one transaction together with the writing of its answer. An ``async`` one waits for somebody
    (a receiver's answer, a thread), so that what it does cannot be taken back.
    """

    method: str
    path: str
    function: Function
    takes: Any = None
    """The model of the body; ``None``: it has none."""
    query: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The query parameters by name, each with its schema."""
    status: int = 200
    """The status of success."""
    records: Steps = changes_nothing
    """What a recorded scenario has in its place."""
    accepts: tuple[str, ...] = (JSON,)
    """The media types of the body."""
    still: bool = False
    """Whether it replaces the state or the clock's mode: it waits until no move of the clock is under way."""

    answers: tuple[str, ...] = (JSON,)
    """The media types of the answer of success."""
    shows: Mapping[str, Any] | None = None
    """The schema of the answer; ``None``: any JSON."""

    @property
    def looks(self) -> bool:
        """Whether it changes nothing, so that it has no number and no entry in the feed."""
        return self.method == "GET" or self.records is LOOKS

    @property
    def waits(self) -> bool:
        """Whether the function is asynchronous."""
        return inspect.iscoroutinefunction(self.function)

    @property
    def description(self) -> str:
        """The docstring; the name in words where Python dropped docstrings (``python -OO``)."""
        return inspect.cleandoc(self.function.__doc__ or f"{self.name.strip('_').replace('_', ' ').capitalize()}.")

    @property
    def name(self) -> str:
        return str(getattr(self.function, "__name__", "command"))


class Commands:
    """The commands of the control API by method and path; a module registers its own when it is imported."""

    def __init__(self) -> None:
        self.all: list[Command] = []

    def __call__(
        self,
        method: str,
        path: str,
        *,
        takes: Any = None,
        query: Mapping[str, Mapping[str, Any]] | None = None,
        status: int = 200,
        records: Steps | None = None,
        accepts: tuple[str, ...] = (JSON,),
        still: bool = False,
        answers: tuple[str, ...] = (JSON,),
        shows: Mapping[str, Any] | None = None,
    ) -> Callable[[F], F]:
        """Register a function. A command that is no GET says what recordings have in its place, or why nothing.

        Raises ``ValueError`` where it does not, and where its docstring is missing: it is what the served OpenAPI
        document says.
        """
        if method != "GET" and records in (None, changes_nothing):
            raise ValueError(
                f"{method} {path}: say with records= which step a recording has, or LeftOut(why) it has none"
            )
        told = records or changes_nothing

        def register(function: F) -> F:
            if not function.__doc__ and sys.flags.optimize < 2:  # from 2 on Python drops docstrings
                raise ValueError(f"{method} {path} has no docstring")
            made = Command(method, path, function, takes, query or {}, status, told, accepts, still, answers, shows)
            self.all.append(made)
            return function

        return register


command: Final = Commands()
"""``@command("GET", "/_mock/worlds/{world}/clock")``: what the function returns is the JSON that is answered."""


def query_of(text: str, known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The query parameters, each read by its schema; of one that is repeated the last counts.

    Refuses a parameter that the command does not take: misspelled, it would change nothing in silence.
    """
    try:
        sent = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100))
    except ValueError:
        raise QUERY.refuse(name="*", problem="more than 100 parameters") from None
    for name in sent:
        if name not in known:
            raise QUERY.refuse(name=shortened(name), problem=_unknown(name, known))
    found = {}
    for name, value in sent.items():
        try:
            found[name] = reader(known[name])(value)
        except ValueError as error:
            raise QUERY.refuse(name=name, problem=error) from None
    return found


def _unknown(name: str, known: Mapping[str, Any]) -> str:
    if not known:
        return "is unknown; this command takes no query parameters"
    return f"is unknown{did_you_mean(name, known)}; this command takes {', '.join(known)}"


def _check_integers(data: Any) -> None:
    """Refuse integers of more than 64 bits, also where a member takes any JSON: no answer could repeat them."""
    found = _outside(data)
    if found is not None:
        number, steps = found
        place = shortened(".".join((ROOT, *reversed(steps))), 300)
        try:
            ANY.checked(number)
        except ValueError as error:
            raise BODY.refuse(violations=f"{place}: {error}; send a longer number as text") from None


def _outside(data: Any) -> tuple[int, list[str]] | None:
    """The first integer outside the bounds, and the steps to it from the inside out."""
    if isinstance(data, int):
        return None if ANY.least <= data <= ANY.most else (data, [])
    members = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, each in members:
        if isinstance(each, int | dict | list) and (found := _outside(each)) is not None:
            found[1].append(str(name))
            return found
    return None


@cache
def _adapter(model: type[BaseModel]) -> TypeAdapter[Any]:
    return TypeAdapter(model)
