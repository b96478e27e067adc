"""Links to the content of files: outside the API, without token or signature, once, for 15 minutes (payments.md §13.4).

The links of a world are a part of it, so that a reset forgets them; their time is the machine's, as that of tokens.
A link is made of the world's seed and of a number, so the same requests give the same links.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from aiohttp import web

from mockserver.kernel import system
from mockserver.kernel.frozen import frozen

if TYPE_CHECKING:
    from mockserver.kernel.operations import Linked
    from mockserver.protocol.clients import Client

PREFIX: Final = "/_files/"
"""The paths of links: the client id and the number of the link follow, then the name of the file."""

VALID_FOR: Final = timedelta(minutes=15)
"""payments.md §13.4 [A]."""

MOST_LINKS: Final = 1_000
"""Links of one client that are kept; the oldest is dropped beyond it (the mock's own limit)."""

XML: Final = "application/xml"


@frozen
class Link:
    """What is behind a link that was not used yet."""

    content: bytes
    media_type: str
    until: datetime


@frozen
class Kept:
    """The links of a snapshot."""

    links: dict[str, Link | None]
    made: int


class Links:
    """The links of one world, a part of it. Of one that was used the place is kept, without its content."""

    def __init__(self, seed: int, client_id: str) -> None:
        self._origin = f"{seed}/{client_id}"
        self._links: dict[str, Link | None] = {}
        self._until: dict[str, datetime] = {}
        self._made = 0

    def make(self, content: bytes, media_type: str, now: datetime) -> str:
        """A new link to ``content``, from ``now`` of the machine's time; returns its key."""
        self._made += 1
        key = blake2b(f"{self._origin}/{self._made}".encode(), digest_size=16).hexdigest()
        self._links[key] = Link(content, media_type, now + VALID_FOR)
        self._until[key] = now + VALID_FOR
        while len(self._links) > MOST_LINKS:
            oldest = next(iter(self._links))
            del self._links[oldest]
            self._until.pop(oldest, None)
        return key

    def take(self, key: str, now: datetime) -> Link | None:
        """What is behind a link, which is used by it; ``None`` for one that was used, is over or does not exist."""
        link = self._links.get(key)
        if link is None or now >= link.until:
            return None
        self._links[key] = None
        return link

    def until(self, key: str) -> datetime | None:
        """When a link ends or ended, used or not; ``None`` for one that does not exist."""
        return self._until.get(key)

    def snapshot(self) -> Kept:
        return Kept(dict(self._links), self._made)

    def restore(self, state: Kept) -> None:
        self._links, self._made = dict(state.links), state.made
        self._until = {key: until for key, until in self._until.items() if key in self._links}


def shown(client: Client, request: web.BaseRequest, linked: Linked) -> str:
    """A new link to a file, at the host that the client used."""
    key = client.links.make(linked.content, linked.media_type, system.wall_now())
    return f"{request.scheme}://{request.host}{PREFIX}{quote(client.client_id)}/{key}/{quote(linked.name)}"


def follow(request: web.BaseRequest, path: str, named: Callable[[str], Client | None]) -> web.Response:
    """The content behind the link ``path``; 400 in the form of the storage where there is none any more."""
    client_id, _, rest = path.removeprefix(PREFIX).partition("/")
    key = rest.partition("/")[0]
    client, now = named(client_id), system.wall_now()
    if request.method != "GET":
        return web.Response(status=405, headers={"allow": "GET"}, content_type="text/plain", text="expected GET\n")
    link = None if client is None else client.links.take(key, now)
    if link is None:
        until = None if client is None else client.links.until(key)
        return _expired(until, now)
    return web.Response(body=link.content, headers={"content-type": link.media_type})


def _expired(until: datetime | None, now: datetime) -> web.Response:
    """payments.md §13.4 [D]: 400 and not 403; the same for a second use [I]."""
    if until is None:
        details = "The link does not exist; GET /files/{folder}/{file_name} makes a new one."
    elif now < until:
        details = "The link was used already, and works once; GET /files/{folder}/{file_name} makes a new one."
    else:
        details = f"Request signature expired at: {until.isoformat(timespec='seconds')}"
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><Error><Code>ExpiredToken</Code>'
        f"<Message>The provided token has expired.</Message><Details>{details}</Details></Error>"
    )
    return web.Response(status=400, body=text.encode(), headers={"content-type": XML})
