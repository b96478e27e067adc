"""One question to the control API of a running server."""

from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import urlsplit

import orjson

from mockserver.cli.failing import fail


def ask(url: str, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
    """The JSON that is answered; a refusal or no answer ends the command with one line.

    ``http.client`` and not ``urllib``: the latter would ask a proxy from the environment for ``localhost``.
    """
    parts = urlsplit(url if "//" in url else f"//{url}", scheme="http")
    try:
        connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = connect(parts.hostname or "", parts.port)
    except ValueError as error:
        fail(f"{url} is no URL of a server: {error}")
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    try:
        connection.request(method, f"{parts.path.rstrip('/')}{path}", orjson.dumps(body) if body else None, headers)
        response = connection.getresponse()
        content = response.read()
    except (OSError, http.client.HTTPException) as error:
        fail(f"no mockserver answers at {url} ({error}): start one with 'mockserver serve', or name it with --url")
    finally:
        connection.close()
    try:
        answer = orjson.loads(content)
    except ValueError:
        fail(f"{url} is no mockserver: {method} {path} answered {response.status} and no JSON")
    if response.status >= 400:
        fail(str(answer.get("detail") or answer.get("title") or answer))
    return answer
