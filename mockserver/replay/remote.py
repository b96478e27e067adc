"""A running server as a replay sees it: the control API and the mocked API over HTTP, nothing of its inside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson

from mockserver.client.errors import ControlError
from mockserver.client.identity import HEALTH, Reply, check_identity, not_http, unreachable
from mockserver.kernel.frozen import frozen

MOST_SHOWN = 10_000
"""How many events or resources the control API shows in one answer."""

NO_TIMEOUT = aiohttp.ClientTimeout(total=None)
"""A year of valuations in one step takes as long as it takes."""


MOST_FAILURES = 10_000
"""Failures of one move that are told, the last ones: the control API shows no more at a time."""


class RemoteError(Exception):
    """The server refused a command; the text says which and why."""


class UnreachableError(RemoteError):
    """There is no server at the address."""


@frozen
class Answer:
    """What the mocked API answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """The JSON of the answer; its text where it is none; ``None`` without content."""
        if not self.content:
            return None
        try:
            return orjson.loads(self.content)
        except ValueError:
            return self.content.decode(errors="replace")


class Remote:
    """One world on a server: created, used, removed."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, control_token: str | None = None, *, take_over: bool = False
    ) -> None:
        self._session = session
        self.url = url.rstrip("/")
        self._control = {} if control_token is None else {"authorization": f"Bearer {control_token}"}
        self._take_over = take_over
        self.client_id = ""
        self.now = ""
        self._token = ""
        self._client_secret = ""
        self._scopes: tuple[str, ...] = ()

    async def create(self, scenario: Mapping[str, Any]) -> None:
        """Make a world that stands still until it is moved, and log in with all scopes of its client."""
        await self.recognise()
        # by token, whatever the server's own worlds ask for: the steps of a scenario have no signatures
        asked = {"scenario": dict(scenario), "clock": "manual", "auth": "token", "take_over": self._take_over}
        world = await self.command("POST", "/_mock/worlds", asked)
        self.now = world["now"]
        await self.log_in(world["client_id"], world["client_secret"], world["scopes"])

    async def adopt(self, client_id: str, client_secret: str, scopes: Iterable[str]) -> None:
        """Use a world that is there."""
        await self.log_in(client_id, client_secret, scopes)
        await self.look_at_clock()

    async def log_in(self, client_id: str, client_secret: str, scopes: Iterable[str]) -> None:
        """Get a token with these scopes for the requests of the client."""
        self.client_id, self._client_secret, self._scopes = client_id, client_secret, tuple(scopes)
        await self.renew_token()

    async def renew_token(self) -> None:
        """Get a new token, with the scopes of the first."""
        answer = await self.send(
            "POST",
            "/auth/token",
            headers={"content-type": "application/x-www-form-urlencoded"},
            content=(
                f"grant_type=client_credentials&client_id={quote(self.client_id)}"
                f"&client_secret={quote(self._client_secret, safe='')}&scope={quote(' '.join(self._scopes))}"
            ).encode(),
        )
        if answer.status != 200:
            raise RemoteError(f"POST /auth/token answered {answer.status}: {_detail(answer.body)}")
        self._token = answer.body["access_token"]

    async def recognise(self) -> None:
        """Raise :class:`UnreachableError` where what answers at the URL is no mockserver."""
        answer = await self.send("GET", HEALTH, bare=True)
        headers = answer.headers
        reply = Reply(answer.status, answer.content, headers.get("content-type", ""), headers.get("location", ""))
        try:
            check_identity(self.url, reply)
        except ControlError as error:
            raise UnreachableError(error.detail) from None

    async def remove(self) -> None:
        await self.command("DELETE", self.path())

    def path(self, rest: str = "") -> str:
        """A path of the control API about this world."""
        return f"/_mock/worlds/{quote(self.client_id)}{rest}"

    async def command(self, method: str, path: str, body: Any = None, **query: str | int) -> Any:
        """Ask the control API; raises :class:`RemoteError` with the detail of its problem."""
        content = None if body is None else orjson.dumps(body)
        answer = await self.send(method, path, headers=self._control, query=query, content=content, bare=True)
        if answer.status >= 400:
            raise RemoteError(f"{_detail(answer.body)} ({method} {path} answered {answer.status})")
        return answer.body

    async def advance(self, how: Mapping[str, Any]) -> Any:
        happened = await self.command("POST", self.path("/clock/advance"), how, limit=0)
        self.now = happened["now"]
        failed = min(happened["counts"]["failures"], MOST_FAILURES)
        return {**happened, **await self.command("GET", self.path("/failures"), limit=failed)} if failed else happened

    async def look_at_clock(self) -> None:
        self.now = (await self.command("GET", self.path("/clock")))["now"]

    async def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str | None] | None = None,
        query: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        bare: bool = False,
    ) -> Answer:
        """Send a request of the client, with its id and token; a header that is ``None`` is left out."""
        own = {} if bare else {"upvest-client-id": self.client_id, "authorization": f"Bearer {self._token}"}
        if content is not None:
            own["content-type"] = "application/json"
        for name, value in (headers or {}).items():
            own.pop(name.lower(), None)
            if value is not None:
                own[name.lower()] = value
        try:
            async with self._session.request(
                method,
                f"{self.url}{path}",
                params=_pairs(query or {}),
                headers=own,
                data=content,
                allow_redirects=False,
                skip_auto_headers=("content-type", "user-agent"),
            ) as response:
                return Answer(response.status, response.headers.copy(), await response.read())
        except aiohttp.ClientResponseError as error:  # raised where the answer cannot be read
            raise UnreachableError(not_http(self.url).detail) from error
        except (aiohttp.ClientError, OSError) as error:
            reason = getattr(error, "os_error", None) or error
            raise UnreachableError(unreachable(self.url, reason).detail) from error


def content_of(asked: Mapping[str, Any], headers: Mapping[str, Any]) -> bytes | None:
    """The body of a step's request: JSON, or the text itself beside a content type."""
    if "body" not in asked:
        return None
    body = asked["body"]
    if isinstance(body, str) and any(name.lower() == "content-type" for name in headers):
        return body.encode()
    return orjson.dumps(body)


def _pairs(query: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Query parameters as they are sent; a list is a parameter several times."""
    lists = ((name, value if isinstance(value, list | tuple) else (value,)) for name, value in query.items())
    return [
        (name, str(each).lower() if isinstance(each, bool) else str(each)) for name, value in lists for each in value
    ]


def _detail(body: Any) -> str:
    if isinstance(body, Mapping):
        return str(body.get("detail") or body.get("title") or dict(body))
    return str(body)
