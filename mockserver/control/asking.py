"""What a command of the control API gets, and how its body and query are read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from mockserver.control.house import House
from mockserver.control.recording import Steps, changes_nothing
from mockserver.control.refusals import BODY, QUERY
from mockserver.control.tenants import Tenant
from mockserver.kernel.rules import Refusal
from mockserver.protocol.negotiation import JSON
from mockserver.protocol.parameters import reader
from mockserver.protocol.violations import explained

M = TypeVar("M", bound=BaseModel)

MOST_SHOWN: Final = 10_000
LIMIT: Final = {"type": "integer", "minimum": 0, "maximum": MOST_SHOWN}
POSITION: Final = {"type": "integer", "minimum": 0}
FLAG: Final = {"type": "boolean"}
TEXT: Final = {"type": "string"}
SHOWN: Final[Mapping[str, Mapping[str, Any]]] = {"limit": LIMIT}
"""The query of commands that show the last of what there is."""


class Asked(BaseModel):
    """A body of the control API: closed, so that a misspelled member is a mistake and not a silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to the control API."""

    house: House
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    @property
    def tenant(self) -> Tenant:
        """The world that the path names."""
        return self.house.worlds.get(self.path["world"])

    def read(self, model: type[M]) -> M:
        """The body as ``model``; an empty one counts as an object without members."""
        body = self.body or b"{}"
        adapter = _adapter(model)
        try:
            found: M = adapter.validate_json(body, strict=True)
        except ValidationError as error:
            raise _explained(error, body, adapter) from None
        return found

    def value(self, name: str, schema: Mapping[str, Any], default: Any = None) -> Any:
        """A query parameter, read as its schema says."""
        text = self.query.get(name)
        if text is None:
            return default
        try:
            return reader(schema)(text)
        except ValueError as error:
            raise QUERY.refuse(name=name, problem=error) from None


@dataclass(frozen=True, slots=True)
class Told:
    """An answer that is not a plain 200."""

    status: int
    content: Any = None


@dataclass(frozen=True, slots=True)
class Text:
    """An answer that is no JSON."""

    content: str
    media_type: str


Function = Callable[[Ask], Awaitable[Any]]
F = TypeVar("F", bound=Function)


@dataclass(frozen=True, slots=True)
class Command:
    """One command: how it is called, what carries it out, and what its OpenAPI operation says."""

    method: str
    path: str
    function: Function
    takes: Any = None
    """The model of the body; ``None``: it has none."""
    query: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The query parameters by name, each with its schema."""
    status: int = 200
    """The status of success."""
    records: Steps | None = None
    """What a recorded scenario has in its place; ``None``: there is no step for it."""
    accepts: tuple[str, ...] = (JSON,)
    """The media types of the body."""

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
    ) -> Callable[[F], F]:
        """Register a function. A command that is no GET says what recordings have of it, ``changes_nothing`` at least.

        Raises ``ValueError`` where its docstring is missing: it is what the served OpenAPI document says.
        """
        told = changes_nothing if method == "GET" else records

        def register(function: F) -> F:
            if not function.__doc__:
                raise ValueError(f"{method} {path} has no docstring")
            self.all.append(Command(method, path, function, takes, query or {}, status, told, accepts))
            return function

        return register


command: Final = Commands()
"""``@command("GET", "/_mock/worlds/{world}/clock")``: what the function returns is the JSON that is answered."""


def query_of(text: str) -> dict[str, str]:
    """The query parameters; of one that is repeated the last counts."""
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100))
    except ValueError:
        raise QUERY.refuse(name="*", problem="more than 100 parameters") from None


@cache
def _adapter(model: type[BaseModel]) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def _explained(error: ValidationError, body: bytes, adapter: TypeAdapter[Any]) -> Refusal:
    (first, *_) = error.errors(include_url=False, include_input=False)
    if first["type"] == "json_invalid":
        return BODY.refuse(violations=f"(root): malformed JSON: {first['ctx']['error']}")
    return BODY.refuse(violations=explained(error, body, adapter))
