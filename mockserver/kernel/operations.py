"""How a domain function meets a request: it gets a world and a parsed call, and gives a reply."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from mockserver.kernel.frozen import frozen
from mockserver.kernel.store import Version

if TYPE_CHECKING:
    from mockserver.kernel.world import World

B = TypeVar("B")


@frozen
class Call(Generic[B]):
    """A request that passed the contract: path and query values parsed, the body a model of the contract."""

    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: B
    given: frozenset[str] = frozenset()
    """The names of the query parameters that were sent (the others hold their defaults)."""
    raw: bytes = b""
    """The body as it was sent, for rules on which form of a union, or which ignored members, it has.

    Null members that count as absent are not in it.
    """
    accept: str = ""
    """The content type that the client prefers, where the operation has several; else nothing."""


@frozen
class Listing:
    """The rows of a list in ascending order, filtered but not yet cut: paging is the protocol's."""

    rows: Sequence[Version]
    sort: str
    """What ``meta.sort`` says."""
    shown: Callable[[Any], Version] | None = None
    """What of a row is shown, where it is not the row itself."""

    def part(self, start: int, end: int) -> Sequence[Version]:
        """What is shown of the rows from ``start`` to before ``end``."""
        rows = self.rows[start:end]
        return rows if self.shown is None else [self.shown(row) for row in rows]


@frozen
class Nothing:
    """An answer without a body (202 or 204, as the contract says)."""


@frozen
class Content:
    """An answer that is not JSON: its bytes and their type."""

    body: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those beside the content type, lower case."""


@frozen
class Rendered:
    """Content that takes long to make: the protocol calls ``make`` in a thread, so it uses only what never changes."""

    make: Callable[[], bytes]
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those beside the content type, lower case."""


@frozen
class Linked:
    """A file whose content is behind a link outside the API; the link is the protocol's."""

    name: str
    content: bytes
    media_type: str
    show: Callable[[str], Version]
    """What is answered, given the link."""
    redirect: bool = False
    """Whether the answer is a redirect to the link."""


Reply = Version | Listing | Nothing | Content | Rendered | Linked

RARE: Final = (Nothing, Content, Rendered, Linked)
"""Replies that are no JSON."""

Handler = Callable[["World", Call[Any]], Reply | Awaitable[Reply]]
"""A function that has to wait for somebody else (a webhook's test call) gives its reply later."""
H = TypeVar("H", bound=Handler)

Gate = Callable[["World"], None]
"""Raises the refusal of an operation that the world's profile switches off; called before the request is parsed."""


@frozen
class Operations:
    """Which function serves which operation of the contract, and which operations a profile may switch off."""

    handlers: dict[str, Handler] = field(default_factory=dict)
    gates: dict[str, Gate] = field(default_factory=dict)

    def __call__(self, operation_id: str, *, gate: Gate | None = None) -> Callable[[H], H]:
        """Register the function that follows; ``gate`` refuses the operation where a setting switches it off.

        Raises ``ValueError`` for a second function of one operation.
        """

        def register(handler: H) -> H:
            if operation_id in self.handlers:
                raise ValueError(f"two functions serve {operation_id!r}")
            self.handlers[operation_id] = handler
            if gate is not None:
                self.gates[operation_id] = gate
            return handler

        return register


operation = Operations()
"""``@operation("retrieve_order")`` attaches a domain function to an operation of the contract."""
