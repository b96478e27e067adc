"""The company's own client of the Investment API. It knows nothing of any mock: only its base URL differs in tests."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

ATTEMPTS = 3
PASSING = {429, 502, 503, 504}
"""Statuses that are worth another attempt."""

SCOPES = "accounts:read portfolios:admin portfolios:read positions:read webhooks:admin"


class ApiError(Exception):
    """The API refused a request."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status}: {problem.get('detail') or problem.get('title')}")
        self.status = status


class Api:
    """Requests with a token, idempotency keys and retries. ``pause``: waits so many seconds."""

    def __init__(
        self, url: str, client_id: str, client_secret: str, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        self._client_id = client_id
        self._client_secret = client_secret
        self._pause = pause
        self._token = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def buy(self, user: str, account: str, amount: str) -> dict[str, Any]:
        """Invest an amount of EUR in the account's portfolio."""
        body = {"user_id": user, "account_id": account, "side": "BUY", "cash_amount": amount, "currency": "EUR"}
        return self.request("POST", "/portfolios/orders", body)

    def order(self, order_id: str) -> dict[str, Any]:
        return self.request("GET", f"/portfolios/orders/{order_id}")

    def positions(self, account: str) -> dict[str, str]:
        """Quantities by ISIN."""
        found = self.request("GET", f"/accounts/{account}/positions")["data"]
        return {position["instrument"]["isin"]: position["quantity"] for position in found}

    def request(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The answer's JSON. The same idempotency key goes with every attempt, so that nothing is done twice."""
        if not self._token:
            self._log_in()
        headers = {
            "authorization": f"Bearer {self._token}",
            "upvest-client-id": self._client_id,
            "accept": "application/json",
        }
        if body is not None:
            headers |= {"content-type": "application/json", "idempotency-key": str(uuid.uuid4())}
        content = None if body is None else json.dumps(body).encode()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                status, answer = self._send(method, path, content, headers)
            except ConnectionError:
                self._connection.close()
                status, answer = 503, {"title": "the connection broke"}
            if status < 400:
                return answer
            if status not in PASSING or attempt == ATTEMPTS:
                break
            self._pause(2.0**attempt)
        raise ApiError(status, answer)

    def _log_in(self) -> None:
        form = urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": self._client_id,
                "client_secret": self._client_secret,
                "scope": SCOPES,
            }
        )
        headers = {"content-type": "application/x-www-form-urlencoded", "upvest-client-id": self._client_id}
        status, answer = self._send("POST", "/auth/token", form.encode(), headers)
        if status != 200:
            raise ApiError(status, answer)
        self._token = answer["access_token"]

    def _send(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        self._connection.request(method, path, content, headers)
        response = self._connection.getresponse()
        text = response.read()
        return response.status, json.loads(text) if text else {}
