"""Hosts and origins: which web page made a request, and by which name the server was reached.

A browser on a developer's machine sends the requests of any page to a server on that machine. Its headers give the page
away: ``origin`` (RFC 6454 §7), ``sec-fetch-site`` (W3C Fetch Metadata), and ``host`` where a page made its own name
resolve to this machine (DNS rebinding). Programs send neither of the first two, so they are never refused for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, NamedTuple

from multidict import CIMultiDictProxy, istr

from mockserver.kernel.frozen import frozen

HOST: Final = istr("host")  # an istr is looked up without folding its case each time
ORIGIN: Final = istr("origin")
SITE: Final = istr("sec-fetch-site")

PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}
"""The default port of each scheme that an origin may have here."""

LOCAL_SUFFIXES: Final = (".localhost", ".internal", ".svc", ".svc.cluster.local")
"""Names that no stranger can register: of this machine (RFC 6761 §6.3), of a private network (``.internal`` is reserved
for that), of a Kubernetes cluster."""
VENDOR_SUFFIXES: Final = (".upvest.co",)
"""Names of the real API, which a test environment may resolve to the mock."""

OWN_SITES: Final = frozenset({"same-origin", "none"})
"""``none``: the user's own doing, as an address that was typed."""

LONGEST_HOST: Final = 300
"""Characters: a DNS name has at most 253, a port 6 with its colon."""

_AUTHORITY: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)(?:%[\w.~%-]+)?\]|([\w.-]+))(?::(\d{0,5}))?", re.ASCII)
_NUMBER: Final = re.compile(r"\d+|0[xX][0-9A-Fa-f]*")


class Authority(NamedTuple):
    """A host and its port, written in the one way that can be compared."""

    host: str
    """In lower case; an IPv6 address without brackets and zone, a name without the dot at its end."""
    port: int | None
    """``None``: the default of the scheme."""


class Origin(NamedTuple):
    """The origin of a page."""

    scheme: str
    host: str
    port: int


class Provenance(NamedTuple):
    """What a request says of the page that made it, and of the name under which the server was reached."""

    hosts: tuple[str, ...]
    """The header ``host``, and the authority of a target in absolute form: that one counts (RFC 9112 §3.2.2), but both
    must hold."""
    origins: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()


class Doubt(StrEnum):
    """The header that shows that a page of another site made a request."""

    ORIGIN = "origin"
    SITE = "sec-fetch-site"


@lru_cache(maxsize=1024)
def authority(text: str) -> Authority | None:
    """The host and the port of a header ``host``; ``None``: it is malformed.

    An IPv4 address has four numbers: browsers write ``2130706433`` and ``127.1`` out before they send it, so whoever
    sends such a host has something to hide.
    """
    found = _AUTHORITY.fullmatch(text) if len(text) <= LONGEST_HOST else None
    if found is None:
        return None
    bracketed, name, digits = found.groups()
    host = _name(name.lower()) if bracketed is None else _ipv6(bracketed)
    port = int(digits) if digits else None
    return None if host is None or (port or 0) > 65535 else Authority(host, port)


@lru_cache(maxsize=1024)
def origin(text: str) -> Origin | None:
    """The origin that a header ``origin`` names; ``None``: it is ``null``, malformed, or no web page's."""
    scheme, found, rest = text.partition("://")
    where = authority(rest) if found and scheme in PORTS else None
    return None if where is None else Origin(scheme, where.host, PORTS[scheme] if where.port is None else where.port)


def is_local(host: str) -> bool:
    """Whether no stranger can have a host (of :class:`Authority`): an address, a name without a dot, a local name."""
    last = host.rpartition(".")[2]
    return last == host or ":" in host or last.isdigit() or host.endswith(LOCAL_SUFFIXES)


def is_own(host: str) -> bool:
    """Whether a host is this machine by every resolver: ``localhost``, a name under it, or a loopback address."""
    return host == "localhost" or host.endswith(".localhost") or is_loopback(host) is True


@lru_cache(maxsize=1024)
def is_loopback(text: str) -> bool | None:
    """Whether an IP address is one of the loopback interface; ``None``: the text is no IP address."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found.is_loopback


def host_name(text: str) -> str:
    """A name of ``--control-host`` as it is compared; raises ``ValueError`` where it is none."""
    where = authority(text.strip())
    if where is None or where.port is not None:
        raise ValueError(f"expected a host name without scheme and port, as mock.example.com; got '{text}'")
    return where.host


def provenance(headers: CIMultiDictProxy[str], target: str) -> Provenance:
    """What the headers say, and the target of the request line."""
    hosts = headers.getall(HOST, [])
    if target[:1] != "/" and "://" in target:
        hosts = [re.split(r"[/?#]", target.partition("://")[2], maxsplit=1)[0], *hosts]
    return Provenance(tuple(hosts), tuple(headers.getall(ORIGIN, ())), tuple(headers.getall(SITE, ())))


@frozen
class Acquaintances:
    """Which hosts a server answers to, and which pages may send it requests."""

    names: frozenset[str] = frozenset()
    """Hosts that the user vouches for: the server answers to them, and takes requests from their pages."""
    suffixes: tuple[str, ...] = ()
    """Hosts that it answers to beside those that are local."""
    own_pages: bool = False
    """Whether any page that comes from this machine may send requests, from whatever port."""

    def foreign_page(self, of: Provenance) -> Doubt | None:
        """The header that says that another site's page made the request; ``None``: none does.

        A page is the server's own where its host and port are those of the request; a header given twice vouches for
        nothing.
        """
        if of.origins and not (len(of.origins) == 1 and self._knows_page(of.origins[0], of.hosts)):
            return Doubt.ORIGIN
        if all(site in OWN_SITES for site in of.sites):
            return None
        return None if self.own_pages and self._knows_site(of) else Doubt.SITE

    def foreign_host(self, hosts: Iterable[str]) -> str | None:
        """The first host that may be a page's own name for this machine; ``None``: none may.

        A request without a host is HTTP/1.0 and so no browser's.
        """
        return next((text for text in hosts if not self.answers_to(text)), None)

    def answers_to(self, text: str) -> bool:
        """Whether the server may be reached by this host."""
        where = authority(text)
        if where is None:
            return False
        host = where.host
        return is_local(host) or host in self.names or host.endswith(self.suffixes)

    def _knows_page(self, text: str, hosts: tuple[str, ...]) -> bool:
        page = origin(text)
        if page is None:
            return False
        if page.host in self.names or (self.own_pages and is_own(page.host)):
            return True
        return bool(hosts) and all(_same(page, host) for host in hosts)

    def _knows_site(self, of: Provenance) -> bool:
        """Whether the page of another site is one of this machine.

        It says so by its origin, which was looked at already; or it has none, as a link, and its host is the request's.
        """
        if of.origins:
            page = origin(of.origins[0])
            return page is not None and (page.host in self.names or is_own(page.host))
        own = all(where is not None and is_own(where.host) for where in map(authority, of.hosts))
        return of.sites == ("same-site",) and own and bool(of.hosts)


def _same(page: Origin, host: str) -> bool:
    """Whether a page comes from the host of a request; without a port that is the default of the page's scheme."""
    where = authority(host)
    if where is None:
        return False
    return (where.host, PORTS[page.scheme] if where.port is None else where.port) == (page.host, page.port)


def _ipv6(text: str) -> str | None:
    try:
        return IPv6Address(text).compressed
    except ValueError:
        return None


def _name(text: str) -> str | None:
    """A name, or an IPv4 address; the dot at the end of a name without others stays, since it is one in the DNS."""
    bare = text.removesuffix(".")
    labels = bare.split(".")
    if not all(labels):
        return None
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(bare))
        except ValueError:
            return None
    return bare if len(labels) > 1 or bare == "localhost" else text
