"""A command to the control API: how it is written, and what its answer means. Nothing here knows a socket."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import orjson

from mockserver.client.errors import ControlError, UnreachableError
from mockserver.client.reading import Answer
from mockserver.kernel.durations import written
from mockserver.kernel.frozen import frozen

T = TypeVar("T")
A = TypeVar("A", bound=Answer)

CONNECT: Final = 5.0
"""Seconds for a connection. A server on this machine or in a container beside it takes none."""

MOST_SHOWN: Final = 10_000
"""How much the control API shows in one answer."""

UNSET: Final[Any] = object()
"""Where ``None`` means something."""

SLOW: Final = 10.0
"""Timeout factor for commands that move the clock: a year of valuations is work."""


def as_it_is(json: Any) -> Any:
    return json


def nothing(_: Any) -> None:
    return None


def listed(name: str, answer: type[A]) -> Callable[[Any], list[A]]:
    """What reads a list under ``name``."""
    return lambda json: [answer.read(each) for each in json[name]]


@frozen
class Command(Generic[T]):
    """One request; ``read`` makes the result of the JSON that is answered."""

    method: str
    path: str
    read: Callable[[Any], T]
    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    slow: bool = False
    waits: float = 0.0
    """Seconds that the server may wait for something else before it answers."""
    text: bool = False
    """The answer is text, no JSON."""

    @property
    def target(self) -> str:
        """Path and query; a parameter that is ``None`` is left out."""
        given = {name: _text(value) for name, value in self.query.items() if value is not None}
        return f"{self.path}?{urlencode(given)}" if given else self.path

    def timeout(self, usual: float | None) -> float | None:
        """Seconds that the answer may take where other commands have the ``usual`` ones; ``None``: any time."""
        return None if usual is None else (usual * SLOW if self.slow else usual) + self.waits

    @property
    def content(self) -> bytes | None:
        if self.body is None:
            return None
        try:
            return orjson.dumps(self.body, default=_plain)
        except TypeError:  # an integer of more than 64 bits: the server says where it is, and what would pass
            return json.dumps(self.body, default=_plain).encode()

    def answered(self, url: str, status: int, content: bytes) -> T:
        """The result; raises :class:`ControlError` for a refusal, and for what no mockserver answers."""
        name = f"{self.method} {self.path}"
        try:
            if status < 400 and self.text:
                return self.read(content.decode())
            json: Any = orjson.loads(content) if content else None
            if status < 400:
                return self.read(json)
            detail = str(json.get("detail") or json.get("title"))
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise ControlError(f"{url} is no mockserver of this version: {name} answered {status}; {error}") from None
        raise ControlError(detail, {"status": status, **json}, name)


def connect(timeout: float | None) -> float:
    """Seconds that a connection may take, where an answer may take ``timeout``."""
    return CONNECT if timeout is None else min(CONNECT, timeout)


def headers(token: str | None) -> dict[str, str]:
    """Sent with every command."""
    own = {"content-type": "application/json"}
    return own if token is None else {**own, "authorization": f"Bearer {token}"}


def checked(url: str) -> str:
    """A base URL as commands are put behind it; ``ValueError`` for what is none."""
    whole = url if "://" in url else f"http://{url}"
    parts = urlsplit(whole)
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{url!r} is no URL of a server: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or port == 0:
        raise ValueError(f"{url!r} is no URL of a server: write for example http://127.0.0.1:8080")
    return whole.rstrip("/")


def part(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")


def span(by: str | timedelta) -> str:
    """A duration as the control API reads it."""
    return written(by) if isinstance(by, timedelta) else by


def given(**members: Any) -> dict[str, Any]:
    """The members that are not ``None``."""
    return {name: value for name, value in members.items() if value is not None}


def silent(url: str, command: Command[Any], seconds: float | None) -> UnreachableError:
    """It listens, and does not answer."""
    name = f"{command.method} {command.path}"
    within = "" if seconds is None else f" within {seconds:g} s"
    return UnreachableError(
        f"the mockserver at {url} did not answer {name}{within}: "
        "is it one, and does it live? Long moves of the clock need a larger timeout"
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return written(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)  # amounts and the like
