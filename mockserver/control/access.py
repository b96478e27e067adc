"""Who may give commands: with a token whoever has it, without one whoever is on this machine, unless told otherwise.

The control API resets worlds and shows keys. A server that listens to a network, and has no token, would do so for
everybody there.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from aiohttp import web

from mockserver.control.refusals import NO_TOKEN, NOT_FROM_HERE


class Reach(StrEnum):
    """From where commands are taken."""

    LOOPBACK = "loopback"
    """From this machine alone."""
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class Access:
    """What a command needs; the health check needs nothing."""

    token: str | None = None
    reach: Reach | None = None
    """``None``: anywhere with a token, else loopback."""

    def check(self, request: web.BaseRequest) -> None:
        """Refuse a command that comes from elsewhere, or without the token (compared in constant time)."""
        reach = self.reach or (Reach.LOOPBACK if self.token is None else Reach.ANYWHERE)
        if reach is Reach.LOOPBACK and not is_loopback(request.remote or ""):
            raise NOT_FROM_HERE.refuse(address=request.remote)
        if self.token is None:
            return
        given = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, f"Bearer {self.token}".encode()):
            raise NO_TOKEN.refuse()


@lru_cache(maxsize=1000)
def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own; one that is none (a socket of this machine) is."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return True
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found.is_loopback
