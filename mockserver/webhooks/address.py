"""Which URLs a webhook may go to (concepts.md §7.1)."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from mockserver.webhooks.refusals import NOT_A_TARGET, NOT_ALLOWED

if TYPE_CHECKING:
    from mockserver.kernel.world import World

_CHARACTER: Final = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})"
_URL: Final = re.compile(  # RFC 3986
    r"(?P<scheme>https?)://"
    rf"(?:{_CHARACTER}*@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    rf"(?:/(?:{_CHARACTER}|@)*)*"
    rf"(?:\?(?:{_CHARACTER}|[@/?])*)?"
    rf"(?:\#(?:{_CHARACTER}|[@/?])*)?",
    re.IGNORECASE,
)
_LABEL: Final = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_NAME: Final = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)*{_LABEL}\.?")
_NUMBER: Final = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_MOST_PORT: Final = 65_535
_QUOTED: Final = 100
"""Characters of a URL that a refusal repeats."""


def check(world: World, url: str) -> None:
    """Refuse a URL that no webhook of this world may go to."""
    found = _URL.fullmatch(url)
    if found is None:
        raise NOT_A_TARGET.refuse(problem=f"{url[:_QUOTED]!r} cannot be called")
    host, port = found["host"], found["port"]
    if port is not None and not 0 < int(port) <= _MOST_PORT:
        raise NOT_A_TARGET.refuse(problem=f"{port} is no port")
    if not (_is_address(host) or _is_name(host)):
        raise NOT_A_TARGET.refuse(problem=f"{host} is no host")
    if world.profile.behaviour.webhook_urls == "strict":
        if found["scheme"].lower() != "https":
            raise NOT_ALLOWED.refuse(problem="this is http")
        if _is_address(host):
            raise NOT_ALLOWED.refuse(problem=f"{host} is an address")
        if "." not in host.rstrip("."):  # inferred: the vendor cannot reach a name without a domain
            raise NOT_ALLOWED.refuse(problem=f"{host} has no domain")


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _is_name(host: str) -> bool:
    # 127.1 and 0x7f000001 are read as addresses by most resolvers, and are no names.
    return _NAME.fullmatch(host) is not None and not _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2])
