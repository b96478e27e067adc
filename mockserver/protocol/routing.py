"""From method and path to what serves it: a tree of path segments, built once, walked without regular expressions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Generic, NamedTuple, TypeVar
from urllib.parse import unquote

from mockserver.kernel.quoting import quoted

T = TypeVar("T")

TUNNEL: Final = "/events-acceptor-service"
"""Where the vendor's signing proxy, started with --listen, looks for its service that receives webhooks."""


class Found(NamedTuple, Generic[T]):
    """A route, and the values of its path's parameters."""

    target: T
    parameters: dict[str, str]


class WrongMethod(NamedTuple):
    """The path exists, but not with this method."""

    allow: str
    """The methods that exist, as the header ``Allow`` lists them."""


@dataclass(slots=True)
class _Node(Generic[T]):
    literals: dict[str, _Node[T]] = field(default_factory=dict)
    parameter: _Node[T] | None = None
    routes: dict[str, tuple[T, tuple[str, ...]]] = field(default_factory=dict)


class Router(Generic[T]):
    """Paths such as ``/accounts/{account_id}/orders``; a literal segment wins over a parameter."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, method: str, path: str, target: T) -> None:
        """Serve ``method path`` by ``target``; ``ValueError`` when something else does already."""
        node, names = self._root, []
        for segment in _segments(path):
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.parameter = node = node.parameter or _Node()
            else:
                node = node.literals.setdefault(segment, _Node())
        if method in node.routes:
            raise ValueError(f"two operations are served at {method} {path}")
        node.routes[method] = (target, tuple(names))

    def match(self, method: str, path: str) -> Found[T] | WrongMethod | None:
        """What serves a request; ``None`` when there is no such path. ``path`` is still percent-encoded."""
        values: list[str] = []
        node = _walk(self._root, _segments(path), 0, values)
        if node is None:
            return None
        route = node.routes.get(method)
        if route is None:
            return WrongMethod(", ".join(sorted(node.routes)))
        target, names = route
        return Found(target, dict(zip(names, values, strict=True)))


def hint(path: str) -> str:
    """What to do about an unknown path: of the vendor's webhook tunnel, or with empty segments (``/orders/``)."""
    if path.startswith(TUNNEL):
        return (
            ": this server has no webhook tunnel (httpsignature-proxy start --listen). POST /webhooks takes the URL of "
            "your own receiver, on localhost too; without one, GET /_mock/worlds/{world}/events shows what is emitted."
        )
    without = "/" + "/".join(segment for segment in _segments(path) if segment)
    return "." if without == path else f"; it has a slash too many, did you mean {quoted(without)}?"


def _segments(path: str) -> list[str]:
    return path.split("/")[1:]


def _walk(node: _Node[T], segments: list[str], at: int, values: list[str]) -> _Node[T] | None:
    """The node of ``segments`` from ``at`` on; the values of parameters on the way are put into ``values``."""
    for position in range(at, len(segments)):
        segment = segments[position]
        literal, parameter = node.literals.get(segment), node.parameter
        if literal is not None:
            if parameter is None:
                node = literal
                continue
            depth = len(values)
            found = _walk(literal, segments, position + 1, values)
            if found is not None:
                return found
            del values[depth:]
        if parameter is None or not segment:
            return None
        values.append(unquote(segment) if "%" in segment else segment)
        node = parameter
    return node if node.routes else None
