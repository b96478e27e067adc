"""The vendor's own signing proxy in front of a server that checks signatures, with what five clients send to it.

It is no module of the Go proxy's index: build it from a checkout of github.com/upvestco/httpsignature-proxy, and put
``httpsignature-proxy`` on the PATH. Without it, tests/protocol/signing/test_vendor_proxy.py signs by a table of what
it signs.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.clients.conftest import Strict
from tests.protocol.signing.test_vendor_proxy import CALLERS, Caller

PROXY = shutil.which("httpsignature-proxy")

pytestmark = pytest.mark.skipif(
    PROXY is None, reason="NOT TESTED HERE: the vendor's signing proxy, since httpsignature-proxy is not installed"
)


@pytest.fixture(scope="module")
def proxy(strict: Strict, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a proxy that signs with the test key and sends to the server."""
    key = tmp_path_factory.mktemp("proxy") / "key.pem"
    key.write_text(strict.tenant.keys.test_key.private_pem)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port: int = free.getsockname()[1]
    options = ["-f", str(key), "-i", strict.tenant.keys.test_key.id, "-s", strict.url, "-p", str(port)]
    with subprocess.Popen([str(PROXY), "start", *options], stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield port
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    last = time.monotonic() + 30
    while time.monotonic() < last and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(0.1)
            if probe.connect_ex(("localhost", port)) == 0:
                return
    pytest.fail("the proxy did not start")


def call(
    port: int, method: str, path: str, headers: dict[str, str], body: str | None = None
) -> tuple[int, dict[str, str]]:
    """What the server answers; headers are sent as they are given and no others."""
    with closing(HTTPConnection("localhost", port, timeout=30)) as connection:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(None if body is None else body.encode())
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else {}


@pytest.fixture(scope="module")
def own(strict: Strict, proxy: int) -> dict[str, str]:
    """The headers of a client of the API: its id and a token."""
    own = {"upvest-client-id": strict.tenant.client_id}
    form = {
        "client_id": strict.tenant.client_id,
        "client_secret": strict.tenant.client_secret,
        "grant_type": "client_credentials",
        "scope": "instruments:read webhooks:admin webhooks:read",
    }
    headers = {**own, "content-type": "application/x-www-form-urlencoded"}
    status, token = call(proxy, "POST", "/auth/token", headers, urlencode(form))
    assert status == 200, token
    return {**own, "authorization": f"Bearer {token['access_token']}"}


@pytest.mark.parametrize("caller", CALLERS, ids=[caller.name for caller in CALLERS])
def test_each_method_passes_through_the_vendors_proxy(proxy: int, own: dict[str, str], caller: Caller) -> None:
    headers = {**own, **caller.headers}
    assert call(proxy, "GET", "/instruments?limit=1", headers)[0] == 200
    webhook = '{"title": "a", "url": "http://127.0.0.1:9/hooks", "type": ["ALL"]}'
    key = {"idempotency-key": f"11111111-1111-4111-8111-{len(caller.name):012}"}
    of_body = {name: value for name, value in headers.items() if name != "content-length"}
    status, made = call(proxy, "POST", "/webhooks", {**of_body, **key, "content-type": "application/json"}, webhook)
    assert status == 201, made
    assert call(proxy, "DELETE", f"/webhooks/{made['id']}", headers)[0] == 204


@pytest.mark.parametrize("caller", CALLERS, ids=[caller.name for caller in CALLERS])
def test_a_body_in_chunks_passes_through_the_vendors_proxy(proxy: int, own: dict[str, str], caller: Caller) -> None:
    of_body = {name: value for name, value in caller.headers.items() if name != "content-length"}
    key = {"idempotency-key": f"22222222-2222-4222-8222-{len(caller.name):012}"}
    webhook = [b'{"title": "a", "url": ', b'"http://127.0.0.1:9/hooks", "type": ["ALL"]}']
    with closing(HTTPConnection("localhost", proxy, timeout=30)) as connection:
        headers = {**own, **of_body, **key, "content-type": "application/json", "transfer-encoding": "chunked"}
        connection.request("POST", "/webhooks", iter(webhook), headers, encode_chunked=True)
        answer = connection.getresponse()
        assert (answer.status, answer.read().decode()[:1]) == (201, "{")


@pytest.mark.skipif(shutil.which("node") is None, reason="NOT TESTED HERE: fetch of Node, since node is not installed")
def test_fetch_of_node_passes_through_the_vendors_proxy(proxy: int, own: dict[str, str], tmp_path: Path) -> None:
    script = tmp_path / "fetch.mjs"
    script.write_text(
        "const {url, headers} = JSON.parse(process.argv[2]);\n"
        "const answer = await fetch(url, {headers});\nconsole.log(answer.status);\n"
    )
    given = json.dumps({"url": f"http://localhost:{proxy}/instruments?limit=1", "headers": own})
    ran = subprocess.run(["node", str(script), given], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.stdout, ran.stderr) == ("200\n", "")
