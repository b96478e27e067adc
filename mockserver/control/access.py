"""Who may give commands: programs of this machine, or whoever has the token; no page of another site, ever.

The control API resets worlds and shows keys. Three kinds of strangers are refused: other machines, unless the server
has a token or is open to them; web pages of other sites in a browser of this machine; and pages whose own name resolves
to this machine. docs/access.md has the whole table.
"""

from __future__ import annotations

import hmac
from dataclasses import field
from enum import StrEnum
from typing import Final, NamedTuple

from aiohttp import web
from multidict import CIMultiDictProxy, istr

from mockserver.control.refusals import (
    FOREIGN_HOST,
    FOREIGN_ORIGIN,
    FOREIGN_SITE,
    FORWARDED,
    NO_ORIGIN,
    NO_TOKEN,
    NOT_FROM_HERE,
)
from mockserver.kernel.frozen import frozen
from mockserver.kernel.quoting import quoted
from mockserver.protocol.origins import Acquaintances, Doubt, Provenance, is_loopback, provenance

FORWARDING: Final = frozenset({"forwarded", "via", "x-real-ip"})
"""Headers of proxies; those that begin like :data:`FORWARDING_PREFIX` too."""
FORWARDING_PREFIX: Final = "x-forwarded-"

SESSION: Final = "mockserver_session"
"""The cookie of the pages of a server with a token."""
LOOKING: Final = frozenset({"GET", "HEAD"})

_AUTHORIZATION: Final = istr("authorization")


class Reach(StrEnum):
    """From where commands are taken."""

    LOOPBACK = "loopback"
    """From this machine alone."""
    ANYWHERE = "anywhere"


class Caller(NamedTuple):
    """What is known of who sent a command."""

    address: str
    """Of the peer; empty for a socket of this machine."""
    provenance: Provenance
    forwarded: str | None = None
    """The first header that says that a proxy passed the request on."""
    authorization: str = ""
    session: str = ""
    """The cookie of a page to which the token was given."""
    looks: bool = True
    """Whether the method is one that changes nothing."""


@frozen
class Access:
    """What a command needs; the health check needs nothing."""

    token: str | None = None
    reach: Reach | None = None
    """``None``: anywhere with a token, else loopback."""
    known: Acquaintances = field(default_factory=Acquaintances)
    """The hosts and pages beside those that are local."""

    def check(self, request: web.BaseRequest) -> None:
        """Refuse a command of somebody who may not give it."""
        self.admit(caller_of(request))

    def admit(self, caller: Caller) -> None:
        """Refuse a page of another site, then an address, then a wrong token (compared in constant time).

        A token vouches for the host too: no page knows it.
        """
        self.admit_place(caller)
        if self.token is not None:
            if not self.knows(_bearer(caller.authorization)):
                self._admit_session(caller)
            return
        foreign = self.known.foreign_host(caller.provenance.hosts)
        if foreign is not None:
            raise FOREIGN_HOST.refuse(host=quoted(foreign))

    def admit_place(self, caller: Caller) -> None:
        """Refuse a page of another site, then an address; no token is looked at."""
        self._refuse_foreign_page(caller.provenance)
        if (self.reach or (Reach.LOOPBACK if self.token is None else Reach.ANYWHERE)) is Reach.LOOPBACK:
            if is_loopback(caller.address) is False:
                raise NOT_FROM_HERE.refuse(address=caller.address)
            if caller.forwarded is not None:
                raise FORWARDED.refuse(header=quoted(caller.forwarded))

    def knows(self, token: bytes) -> bool:
        """Whether this is the token; compared in constant time."""
        return self.token is not None and hmac.compare_digest(token, self.token.encode())

    @property
    def session(self) -> str:
        """The value of the cookie that a page gets for the token: made from it, and no way back to it."""
        return "" if self.token is None else hmac.new(self.token.encode(), SESSION.encode(), "sha256").hexdigest()

    def _admit_session(self, caller: Caller) -> None:
        """A browser sends the cookie by itself, so a command needs the page's origin too (it was compared already)."""
        if not hmac.compare_digest(caller.session.encode("utf-8", "replace"), self.session.encode()):
            raise NO_TOKEN.refuse()
        if not caller.looks and not caller.provenance.origins:
            raise NO_ORIGIN.refuse()

    def _refuse_foreign_page(self, of: Provenance) -> None:
        match self.known.foreign_page(of):
            case Doubt.ORIGIN:
                raise FOREIGN_ORIGIN.refuse(origin=quoted(", ".join(of.origins)), host=quoted(", ".join(of.hosts)))
            case Doubt.SITE:
                raise FOREIGN_SITE.refuse(site=quoted(", ".join(of.sites)))


def caller_of(request: web.BaseRequest) -> Caller:
    """The peer of a request, and what its headers say of who made it."""
    headers = request.headers
    return Caller(
        request.remote or "",
        provenance(headers, request.raw_path),
        _forwarded(headers),
        headers.get(_AUTHORIZATION, ""),
        request.cookies.get(SESSION, "") if "cookie" in headers else "",
        request.method in LOOKING,
    )


def _forwarded(headers: CIMultiDictProxy[str]) -> str | None:
    for name in map(str.lower, headers):
        if name in FORWARDING or name.startswith(FORWARDING_PREFIX):
            return name
    return None


def _bearer(authorization: str) -> bytes:
    """The token of a header; the scheme's name may be in any case (RFC 9110 §11.1)."""
    scheme, _, token = authorization.partition(" ")
    return token.lstrip(" ").encode("utf-8", "surrogateescape") if scheme.lower() == "bearer" else b""
