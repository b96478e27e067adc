"""Requests of a client under test, in as few words as can be."""

from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import urlsplit

import orjson

from mockserver.client import AsyncWorld, World

KEY = "404b170a-9042-41ed-9a51-2eabd0c03f8a"
ALLOCATION = {
    "name": "World",
    "allocation": [{"instrument_id": "IE00BKBF6H24", "instrument_id_type": "ISIN", "weight": "1"}],
}


def ask(world: World | AsyncWorld, method: str, path: str, body: Any = None, key: str = KEY) -> tuple[int, Any]:
    """Status and JSON; status 0: the connection broke."""
    connection = http.client.HTTPConnection(urlsplit(world.url).netloc, timeout=10)
    headers = {"upvest-client-id": world.client_id, "content-type": "application/json", "idempotency-key": key}
    try:
        connection.request(method, path, None if body is None else orjson.dumps(body), headers)
        response = connection.getresponse()
        content = response.read()
        return response.status, orjson.loads(content) if content else None
    except ConnectionError:
        return 0, None
    finally:
        connection.close()


def allocate(world: World | AsyncWorld, key: str = KEY) -> str:
    """Create an allocation, which emits an event; its id."""
    status, created = ask(world, "POST", "/portfolios/allocations", ALLOCATION, key)
    assert status == 200, created
    return str(created["id"])
