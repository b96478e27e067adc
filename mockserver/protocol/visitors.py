"""Pages and hosts that may reach the mocked API where it checks nothing else (``--auth off``).

With tokens or signatures a page of another site has nothing to show, and a development proxy or the vendor's signing
proxy may pass on whatever headers its browser sent: there nothing of this is looked at.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from aiohttp import web

from mockserver.kernel import system
from mockserver.kernel.quoting import quoted
from mockserver.kernel.rules import Refusal
from mockserver.protocol.answers import RawResponse
from mockserver.protocol.origins import HOST, ORIGIN, SITE, VENDOR_SUFFIXES, Acquaintances, Doubt, provenance
from mockserver.protocol.problems import MEDIA_TYPE, refused
from mockserver.protocol.refusals import FOREIGN_HOST, FOREIGN_ORIGIN, FOREIGN_SITE

MOST_HOSTS: Final = 256
"""Headers ``host`` whose verdict is remembered."""


class Visitors:
    """Tells pages of other sites from everybody else: pages of this machine and of the server itself pass."""

    def __init__(self, names: frozenset[str] = frozenset()) -> None:
        self._known = Acquaintances(names, VENDOR_SUFFIXES, own_pages=True)
        self._answers_to = lru_cache(maxsize=MOST_HOSTS)(self._known.answers_to)

    def refusal(self, request: web.BaseRequest) -> Refusal | None:
        """Why a request is refused; ``None`` where it is not."""
        headers = request.headers
        if ORIGIN not in headers and SITE not in headers and request.raw_path[:1] == "/":  # nearly every request
            host = headers.get(HOST)
            return None if host is None or self._answers_to(host) else FOREIGN_HOST.refuse(host=quoted(host))
        of = provenance(headers, request.raw_path)
        match self._known.foreign_page(of):
            case Doubt.ORIGIN:
                return FOREIGN_ORIGIN.refuse(origin=quoted(", ".join(of.origins)), host=quoted(", ".join(of.hosts)))
            case Doubt.SITE:
                return FOREIGN_SITE.refuse(site=quoted(", ".join(of.sites)))
        foreign = self._known.foreign_host(of.hosts)
        return None if foreign is None else FOREIGN_HOST.refuse(host=quoted(foreign))


def turned_away(stranger: Refusal) -> RawResponse:
    """The answer to a refused request: it takes no id of a world, and stands in no journal."""
    request_id = system.unique_id()
    return RawResponse(
        stranger.rule.status, refused(stranger.rule, stranger.detail, request_id), MEDIA_TYPE, request_id
    )
