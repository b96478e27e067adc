"""Which components a signature must cover, may cover and must not (concepts.md §2.2): the documented table, as lenient
as the vendor's own clients need it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple, cast

from mockserver.kernel.quoting import quoted, shortened
from mockserver.protocol.signing.message import DERIVED, TOKEN_PATH, Message
from mockserver.protocol.signing.refusals import NEVER, NOT_SENT, REQUIRED, UNKNOWN, Failed
from mockserver.protocol.signing.versions import Version

DIGEST: Final = "(digest)"
"""Stands for the header that the version has for the digest of the body."""


class Traits(NamedTuple):
    """What of a request decides which components are needed."""

    body: bool
    query: bool
    authorised: bool
    """Whether it has the header ``authorization``."""
    issuing: bool
    """Whether it asks for a token."""


class Needed(NamedTuple):
    component: str
    when: str
    applies: Callable[[Traits], bool]


def _always(_: Traits) -> bool:
    return True


def _with_body(traits: Traits) -> bool:
    return traits.body


REQUIREMENTS: Final = (
    Needed("@method", "always", _always),  # [D]
    Needed("@path", "always", _always),  # [D]
    Needed("@query", "where the URL has a query", lambda traits: traits.query),  # [D]
    Needed("accept", "always, so it must be sent", _always),  # [D]
    # A request without the header is refused for that, and not for its signature: inferred
    Needed(
        "authorization",
        "on all calls but POST /auth/token",
        lambda traits: traits.authorised and not traits.issuing,
    ),  # [D]
    Needed("content-length", "with a body", _with_body),  # [D]
    Needed("content-type", "with a body", _with_body),  # [D]
    Needed(DIGEST, "with a body", _with_body),  # [D]
    # Not on the token call: the vendor's Java client leaves it out there [E]
    Needed("upvest-client-id", "on all calls but POST /auth/token", lambda traits: not traits.issuing),  # [I]
    # idempotency-key has a row in the documented table, and the vendor's Java client does not cover it [E]: free.
)
"""What must be covered, and when. Any further header may be."""

NEVER_BY_PREFIX: Final[dict[str, str]] = {
    prefix: f"the API ignores headers that begin with {prefix}"
    for prefix in ("cf-", "cdn-", "cookie", "x-", "priority", "upvest-signature", "sec-")
}
"""concepts.md §2.2 [E]: copied by the clients from the server's own list."""

NEVER_BY_NAME: Final[dict[str, str]] = {
    "host": "proxies on the way to the API replace it",
    "accept-encoding": "HTTP libraries and proxies set it after signing",
    "connection": "it belongs to the connection, and every proxy replaces it",
    "te": "it belongs to the connection, and every proxy replaces it",
    "transfer-encoding": "it belongs to the connection, and every proxy replaces it",
    "expect": "it belongs to the connection, and every proxy replaces it",
    "signature": "a signature cannot cover itself",
    "signature-input": "it is covered as @signature-params, without being named",
}
"""What the vendor's clients leave out on their own account (concepts.md §2.2 [E, T]); that covering fails is inferred.

``user-agent`` and ``date`` are free: one client covers what another does not.
"""

HINTS: Final[dict[str, str]] = {
    "@query": ": leave @query out where the URL has no query",
    "content-digest": ": it belongs to version 15, which upvest-signature-version: 15 selects",
    "digest": ": it belongs to version 6, which is that of requests without upvest-signature-version",
}
"""What to do about a covered component that was not sent."""


def check_components(message: Message, components: tuple[str, ...], version: Version) -> list[str]:
    """The values of the components; refuses what may not be covered, what was not sent, and what is missing."""
    headers = message.headers
    missing = _checked(
        components,
        version.digest_header,
        bool(message.body),
        bool(message.query),
        "authorization" in headers,
        message.path == TOKEN_PATH,
    )
    values = [message.value(name) if name[0] == "@" else headers.get(name) for name in components]
    if None in values:
        name = components[values.index(None)]
        raise Failed(NOT_SENT, name=quoted(name), hint=HINTS.get(name, ""))
    if missing is not None:
        name, when = missing
        covered = shortened(" ".join(components), 1_000) or "none"
        raise Failed(REQUIRED, name=name, when=when, covered=covered)
    return cast("list[str]", values)


def lacking(message: Message, components: tuple[str, ...], version: Version) -> tuple[str, str] | None:
    """The first component that has to be covered and is not, and when it has to be."""
    traits = Traits(
        bool(message.body), bool(message.query), "authorization" in message.headers, message.path == TOKEN_PATH
    )
    return _lacking(components, version.digest_header, traits)


@lru_cache(maxsize=512)
def _checked(
    components: tuple[str, ...], digest_header: str, body: bool, query: bool, authorised: bool, issuing: bool
) -> tuple[str, str] | None:
    """The same, remembered, since the same components come every time; refuses those that must not be covered."""
    _check_names(components)
    return _lacking(components, digest_header, Traits(body, query, authorised, issuing))


def _lacking(components: tuple[str, ...], digest_header: str, traits: Traits) -> tuple[str, str] | None:
    for needed in REQUIREMENTS:
        name = digest_header if needed.component is DIGEST else needed.component
        if name not in components and needed.applies(traits):
            return name, needed.when
    return None


def _check_names(components: tuple[str, ...]) -> None:
    for name in components:
        if name[:1] == "@":
            if name not in DERIVED:
                raise Failed(UNKNOWN, name=quoted(name))
        elif (reason := forbidden(name)) is not None:
            raise Failed(NEVER, name=quoted(name), reason=reason)


def forbidden(name: str) -> str | None:
    """Why a header must not be covered; ``None`` where it may."""
    return NEVER_BY_NAME.get(name) or next(
        (why for prefix, why in NEVER_BY_PREFIX.items() if name.startswith(prefix)), None
    )
