"""Requests to the mocked API as the client under test sends them, with its id and an access token."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

import aiohttp
import orjson

from mockserver.client import ControlError
from mockserver.client.identity import not_http, unreachable
from mockserver.kernel.frozen import frozen

ANY_TIME: Final = aiohttp.ClientTimeout(total=None)
"""A request waits for its answer as long as a fault delays it."""


@frozen
class Answer:
    """The answer of the mocked API to one request."""

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


class Api:
    """The mocked API at ``url`` for one client: logged in first, then sent any request."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.url = url.rstrip("/")
        self.client_id = ""
        self._http = http
        self._token = ""
        self._client_secret = ""
        self._scopes: tuple[str, ...] = ()

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
            raise ControlError(f"POST /auth/token answered {answer.status}: {_detail(answer.body)}")
        self._token = answer.body["access_token"]

    async def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str | None] | None = None,
        query: Mapping[str, Any] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Send a request of the client, with its id and token; a header that is ``None`` is left out."""
        own = {"upvest-client-id": self.client_id, "authorization": f"Bearer {self._token}"}
        if content is not None:
            own["content-type"] = "application/json"
        for name, value in (headers or {}).items():
            own.pop(name.lower(), None)
            if value is not None:
                own[name.lower()] = value
        try:
            async with self._http.request(
                method,
                f"{self.url}{path}",
                params=_pairs(query or {}),
                headers=own,
                data=content,
                timeout=ANY_TIME,
                allow_redirects=False,
                skip_auto_headers=("content-type", "user-agent"),
            ) as response:
                return Answer(response.status, response.headers.copy(), await response.read())
        except aiohttp.ClientResponseError as error:  # raised where the answer cannot be read
            raise not_http(self.url) from error
        except (aiohttp.ClientError, OSError) as error:
            raise unreachable(self.url, getattr(error, "os_error", None) or error) from error


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
