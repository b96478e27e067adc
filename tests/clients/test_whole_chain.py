"""From a token to a webhook that can be verified, with nothing but the vendor's client and a receiver."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, NamedTuple

import pytest
import requests

from mockserver.testing import verify_delivery
from tests.clients.conftest import Strict
from tests.clients.test_vendors_client import Session, client_of


class Delivery(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes


class Receiver(HTTPServer):
    """Answers 200 and keeps what comes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.deliveries: list[Delivery] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/webhooks?from=mock"


class _Taking(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.deliveries.append(Delivery(self.path, dict(self.headers.items()), body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(timeout=10)


@pytest.fixture
def session(strict: Strict) -> Iterator[Session]:
    session = Session(strict.url, client_of(strict, "P-521"), "chain")
    yield session
    session.close()


def test_token_scopes_subscription_order_and_verified_webhook(
    strict: Strict, session: Session, receiver: Receiver
) -> None:
    # token and scopes: what was asked for is there, what was not is refused
    assert session.send("GET", "/accounts").status_code == 200
    assert session.send("GET", "/valuations").status_code == 404
    lacking = session.send("GET", "/transactions/cash")
    assert (lacking.status_code, lacking.json()["title"]) == (403, "Forbidden")

    # the subscription
    hook = {"title": "Chain", "url": receiver.url, "type": ["PORTFOLIO_ORDER"], "config": {"delay": "1s"}}
    subscribed = session.send("POST", "/webhooks", json=hook)
    assert subscribed.status_code == 201, subscribed.text
    enabled = session.send("PATCH", f"/webhooks/{subscribed.json()['id']}", json={"enabled": True})
    assert (enabled.status_code, enabled.json()["enabled"]) == (200, True)

    # the order
    (account,) = session.send("GET", "/accounts").json()["data"]
    (user,) = session.send("GET", "/users").json()["data"]
    order = {
        "user_id": user["id"],
        "account_id": account["id"],
        "side": "BUY",
        "cash_amount": "100.00",
        "currency": "EUR",
    }
    placed = session.send("POST", "/portfolios/orders", json=order)
    assert (placed.status_code, placed.json()["status"]) == (200, "NEW")

    # time passes; when the command answers, everything due has been delivered
    advance = f"{strict.url}/_mock/worlds/default/clock/advance"
    assert requests.post(advance, json={"until": "idle"}, timeout=20).json()["failures"] == []

    # the webhook, verified with the published keys
    keys = session.send("GET", "/auth/verify_keys").json()
    events = []
    for delivery in receiver.deliveries:
        path, _, query = delivery.path.partition("?")
        verify_delivery(delivery.headers, delivery.body, keys, path=path, query=query)
        events += json.loads(delivery.body)["payload"]
    assert [(event["type"], event["object"]["id"]) for event in events] == [
        (f"PORTFOLIO_ORDER.{state}", placed.json()["id"]) for state in ("NEW", "PROCESSING", "FILLED", "SETTLED")
    ]
