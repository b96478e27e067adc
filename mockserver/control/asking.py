"""What a command of the control API gets, and how its body and query are read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from mockserver.control.founding import Defaults
from mockserver.control.refusals import BODY, QUERY
from mockserver.control.tenants import Tenant
from mockserver.control.worlds import Worlds
from mockserver.kernel.rules import Refusal
from mockserver.protocol.parameters import reader
from mockserver.protocol.violations import explained
from mockserver.webhooks.sender import Sender

M = TypeVar("M", bound=BaseModel)

MOST_SHOWN: Final = 10_000
LIMIT: Final = {"type": "integer", "minimum": 0, "maximum": MOST_SHOWN}
POSITION: Final = {"type": "integer", "minimum": 0}
FLAG: Final = {"type": "boolean"}


class Asked(BaseModel):
    """A body of the control API: closed, so that a misspelled member is a mistake and not a silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


@dataclass(frozen=True, slots=True)
class House:
    """What the commands work on."""

    worlds: Worlds
    sender: Sender
    defaults: Defaults


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


Command = Callable[[Ask], Awaitable[Any]]
C = TypeVar("C", bound=Command)


class Commands:
    """The commands of the control API by method and path; a module registers its own when it is imported."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str, Command]] = []

    def __call__(self, method: str, path: str) -> Callable[[C], C]:
        def register(function: C) -> C:
            self.all.append((method, path, function))
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
