"""Nobody honest is refused: curl as the docs use it, programs of every kind, and clients behind development proxies."""

from __future__ import annotations

import shutil
import subprocess
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import requests
from aiohttp import web
from upvest_investment_api import UpvestRequestsAuth  # type: ignore[import-untyped]

from mockserver.client import MockServer
from mockserver.server import ServerSettings, start
from mockserver.testing.background_loop import BackgroundLoop
from tests.docs import shell
from tests.docs.pages import DOCS, text_of
from tests.docs.test_recipes import INSTALLED

REFUSED = {401, 403, 415}
"""How a request is refused for who sent it, or for the type of its body."""

PAGES = ["README.md", *(f"docs/{path.name}" for path in sorted(DOCS.glob("*.md")))]


def curls(text: str) -> Iterator[tuple[int, str]]:
    """Each command of a text with the number of its line; it goes on after a backslash, and inside a quoted text."""
    command, first = "", 0
    for number, line in enumerate(text.splitlines()):
        if not command and not line.startswith("curl "):
            continue
        first = first if command else number
        command += line.removesuffix("\\")
        if not line.endswith("\\") and command.count("'") % 2 == 0:
            yield first, command
            command = ""


EXAMPLES = [
    pytest.param(line.replace("localhost:8080", "$URL"), id=f"{Path(page).stem}-{number}")
    for page in PAGES
    for number, line in curls(text_of(page))
]

with_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
with_node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node")


class Served:
    """A server in a thread of its own."""

    def __init__(self, background: BackgroundLoop, **settings: Any) -> None:
        self._backstage = background
        self._server = background.call(start(ServerSettings(port=0, clock="manual", **settings)))
        self.url = self._server.url
        self.world = f"{self.url}/_mock/worlds/default"
        assert self._server.worlds.default is not None
        self.tenant = self._server.worlds.default
        self._now = self.tenant.world.now

    def has_moved(self) -> bool:
        """Whether the clock has moved since this was last looked at."""
        before, self._now = self._now, self.tenant.world.now
        return before != self._now

    def stop(self) -> None:
        self._backstage.call(self._server.stop())


@pytest.fixture(scope="module")
def background() -> Iterator[BackgroundLoop]:
    with BackgroundLoop() as running:
        yield running


@pytest.fixture(scope="module")
def served(background: BackgroundLoop) -> Iterator[Served]:
    found = Served(background, auth="off")
    yield found
    found.stop()


def curl(command: str, folder: Path, served: Served) -> int:
    """The status that a line with curl is answered with."""
    command = command.partition(" # ")[0].replace("$OLD_KID", "none").replace(" -f ", " ")
    for name, value in (("$URL", served.url), ("$WORLD", served.world)):
        command = command.replace(name, value)
    written = f"{command} -s -o answer -w '%{{http_code}}'"
    done = subprocess.run(["bash", "-c", written], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@with_curl
@pytest.mark.parametrize("command", EXAMPLES)
def test_curl_as_the_docs_use_it(command: str, served: Served, tmp_path: Path) -> None:
    (tmp_path / "customer.yaml").write_text("name: customer\n")
    assert curl(command, tmp_path, served) not in REFUSED


@with_curl
@pytest.mark.parametrize(
    "options",
    [
        """-d '{"by": "1s"}'""",
        """--data-binary '{"by": "1s"}'""",
        """--http1.0 -d '{"by": "1s"}'""",
        """-H 'content-type:' -d '{"by": "1s"}'""",
        """-H 'transfer-encoding: chunked' -d '{"by": "1s"}'""",
        """--json '{"by": "1s"}'""",
        """-H 'host: upvest' -d '{"by": "1s"}'""",
    ],
)
def test_curl_in_other_ways(options: str, served: Served, tmp_path: Path) -> None:
    assert curl(f"curl $WORLD/clock/advance {options}", tmp_path, served) == 200
    assert served.has_moved()


@with_curl
@pytest.mark.parametrize("options", ["-X POST", "-d ''", "-X POST -H 'content-type: text/plain'"])
def test_curl_without_a_body(options: str, served: Served, tmp_path: Path) -> None:
    assert curl(f"curl $WORLD/reset {options}", tmp_path, served) == 200


BODY = b'{"by": "1s"}'


def by_http_client(url: str) -> int:
    host, _, path = url.removeprefix("http://").partition("/")
    with closing(HTTPConnection(host, timeout=20)) as connection:
        connection.request("POST", f"/{path}", BODY)  # sends no type
        return connection.getresponse().status


def by_urllib(url: str) -> int:
    with urllib.request.urlopen(url, BODY, timeout=20) as answer:  # sends the type of a form
        return int(answer.status)


def by_requests(url: str) -> int:
    return requests.post(url, json={"by": "1s"}, timeout=20).status_code


def by_requests_with_bytes(url: str) -> int:
    return requests.post(url, data=BODY, timeout=20).status_code  # sends no type


def by_the_client(url: str) -> int:
    server, _, _ = url.partition("/_mock/")
    with MockServer(server) as mock:
        mock.worlds.get().clock.advance("1s")
    return 200


@pytest.mark.parametrize("send", [by_http_client, by_urllib, by_requests, by_requests_with_bytes, by_the_client])
def test_programs_in_python(send: Any, served: Served) -> None:
    assert send(f"{served.world}/clock/advance") == 200
    assert served.has_moved()


@with_node
def test_fetch_of_node_says_that_its_body_is_json(served: Served) -> None:
    script = (
        "fetch(process.argv[1], {method: 'POST', headers: {'content-type': 'application/json'}, "
        """body: '{"by": "1s"}'}).then(answer => console.log(answer.status))"""
    )
    done = subprocess.run(
        ["node", "-e", script, f"{served.world}/clock/advance"], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "200", done.stderr
    assert served.has_moved()


FORWARDING = {
    "forwarded": "for=192.0.2.60;proto=http;host=localhost:5173",
    "via": "1.1 nginx",
    "x-forwarded-for": "192.0.2.60",
    "x-forwarded-host": "localhost:5173",
    "x-forwarded-proto": "http",
    "x-real-ip": "192.0.2.60",
}
"""What development proxies add: nginx as it is mostly configured, Vite with ``xfwd``."""
BROWSER = {
    "origin": "http://localhost:5173",
    "referer": "http://localhost:5173/",
    "sec-fetch-dest": "empty",
    "sec-fetch-mode": "cors",
    "sec-fetch-site": "same-origin",
}
"""What a browser sends to the proxy that its page comes from."""


@asynccontextmanager
async def proxy(target: str, *, keeps_host: bool) -> AsyncIterator[str]:
    """A development proxy in front of ``target``; its address."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def forward(request: web.BaseRequest) -> web.Response:
            headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
            if keeps_host:
                headers["host"] = request.headers["host"]
            body = await request.read() or None
            url = f"{target}{request.raw_path}"
            async with session.request(request.method, url, headers=headers | FORWARDING, data=body) as answer:
                content = {"content-type": answer.headers.get("content-type", "")}
                return web.Response(status=answer.status, body=await answer.read(), headers=content)

        runner = web.ServerRunner(web.Server(forward))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://localhost:{runner.addresses[0][1]}"
        await runner.cleanup()


@pytest.fixture(params=[True, False], ids=["host kept", "host changed"])
def keeps_host(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def through(background: BackgroundLoop, served: Served, *, keeps_host: bool) -> tuple[str, Any]:
    """The address of a proxy in front of a server, and what ends it."""
    context = proxy(served.url, keeps_host=keeps_host)
    return background.call(context.__aenter__()), lambda: background.call(context.__aexit__(None, None, None))


@pytest.mark.parametrize("auth", ["token", "off"])
def test_a_page_behind_a_development_proxy(auth: str, keeps_host: bool, background: BackgroundLoop) -> None:
    served = Served(background, auth=auth)
    url, end = through(background, served, keeps_host=keeps_host)
    tenant = served.tenant
    form = {
        "grant_type": "client_credentials",
        "client_id": tenant.client_id,
        "client_secret": tenant.client_secret,
        "scope": "users:read webhooks:admin",
    }
    headers = {**BROWSER, "upvest-client-id": tenant.client_id}
    try:
        token = requests.post(f"{url}/auth/token", form, headers=headers, timeout=20)
        assert token.status_code == 200, token.text
        headers["authorization"] = f"Bearer {token.json()['access_token']}"
        assert requests.get(f"{url}/users", headers=headers, timeout=20).status_code == 200
        hook = {"title": "mine", "url": "https://hooks.example.com/"}
        made = requests.post(
            f"{url}/webhooks", json=hook, headers={**headers, "idempotency-key": str(uuid4())}, timeout=20
        )
        assert made.status_code == 201, made.text
    finally:
        end()
        served.stop()


def test_the_vendors_client_behind_a_development_proxy(keeps_host: bool, background: BackgroundLoop) -> None:
    served = Served(background, auth="strict")
    url, end = through(background, served, keeps_host=keeps_host)
    own = served.tenant.keys.test_key
    auth = UpvestRequestsAuth(
        private_key_pem=own.private_pem.encode(),
        private_key_passphrase=None,
        key_id=own.id,
        client_id=served.tenant.client_id,
        client_secret=served.tenant.client_secret,
        scopes=["users:read"],
    )
    try:
        answer = requests.get(f"{url}/users", auth=auth, timeout=20)
        assert answer.status_code == 200, answer.text
    finally:
        end()
        served.stop()


def test_commands_behind_a_proxy_need_a_token(background: BackgroundLoop) -> None:
    served = Served(background, control_token="s3cret")
    url, end = through(background, served, keeps_host=True)
    command = f"{url}/_mock/worlds/default/clock/advance"
    headers = {"origin": url, "sec-fetch-site": "same-origin"}
    try:
        assert requests.post(command, json={"by": "1s"}, headers=headers, timeout=20).status_code == 401
        headers["authorization"] = "bearer s3cret"
        assert requests.post(command, json={"by": "1s"}, headers=headers, timeout=20).status_code == 200
    finally:
        end()
        served.stop()


def test_the_plugin(tmp_path: Path) -> None:
    test = "def test_it(mockserver):\n    mockserver.clock.advance('1d')\n    assert mockserver.requests.list() == []\n"
    (tmp_path / "test_it.py").write_text(test, encoding="utf-8")
    plugin = "" if INSTALLED else 'pytest_plugins = ["mockserver.pytest_plugin"]'
    (tmp_path / "conftest.py").write_text(plugin, encoding="utf-8")
    with shell.server(tmp_path, auth="token") as variables:
        command = "python -m pytest -q -p no:cacheprovider --mockserver-url $URL"
        done = shell.run(command, tmp_path, variables)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
