"""Requests that the vendor's signing proxy signed: which components it covers, and the values that it signs.

It signs what draft 15 would not: see :mod:`~mockserver.protocol.signing.proxy_values`. Its comments say that its lists
are those of the server (concepts.md §2.2), so a request is read in this way where the plain way fails: inferred.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from mockserver.protocol.signing.components import NEVER_BY_NAME, lacking
from mockserver.protocol.signing.message import DERIVED, Message
from mockserver.protocol.signing.proxy_values import components_of
from mockserver.protocol.signing.versions import Version

UNSIGNED_PREFIXES: Final = ("cf-", "cdn-", "cookie", "x-")
"""Its ``ignoreHeadersWithPrefix``; the other clients leave out ``priority``, ``upvest-signature`` and ``sec-`` too."""
SIGNED: Final = frozenset({"te", "expect"})
"""Headers that others leave out, and that it covers and sends on."""
DIGEST: Final = "content-digest"
"""It adds this one itself, and signs it as it is sent."""
UNSIGNED: Final = frozenset(NEVER_BY_NAME) - SIGNED
LENGTH: Final = "content-length"


def values_of(message: Message, components: tuple[str, ...], version: Version) -> list[str] | None:
    """The values that the proxy signs for these components; ``None`` where it cannot have signed the request."""
    if any(name in UNSIGNED or name.startswith(UNSIGNED_PREFIXES) for name in components):
        return None
    covered = (*components, LENGTH) if _sent_in_chunks(components) else components
    if lacking(message, covered, version) is not None:
        return None
    read: dict[str, Mapping[str, str]] = {}
    values = []
    for component in components:
        value = _derived(message, component) if component in DERIVED else _header(message, component, read)
        if value is None:
            return None
        values.append(value)
    return values


def _sent_in_chunks(components: tuple[str, ...]) -> bool:
    """Whether its caller may have sent the body in chunks: such a body has no length to cover, and Go's transport adds
    one after signing. Only in its own order, headers before all else, so that nobody else leaves the length out.
    """
    last = components[-4:] if components[-1:] == ("@query",) else components[-3:]
    headers = components[: -len(last)]
    return last[:3] == ("@method", "@path", DIGEST) and not any(name[:1] == "@" for name in headers)


def _derived(message: Message, component: str) -> str | None:
    """The path is signed with its percent escapes decoded: Go's ``URL.Path``."""
    if component == "@path":
        return unquote(message.path, errors="surrogateescape")
    return message.value(component)


def _header(message: Message, component: str, read: dict[str, Mapping[str, str]]) -> str | None:
    name = component.partition(":")[0]
    if name not in read:
        read[name] = _read(message, name)
    return read[name].get(component)


def _read(message: Message, name: str) -> Mapping[str, str]:
    value = message.headers.get(name)
    if value is None:
        # It covers the length of its caller's empty body, and Go's transport then sends none.
        return {name: "0"} if name == LENGTH and not message.body else {}
    try:
        found = components_of(name, value)
        return {**found, name: value} if name == DIGEST else found
    except ValueError:
        return {}
