"""A real browser on the developer's machine: pages of other sites can do nothing, the server's own pages everything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from mockserver.server import RunningServer, ServerSettings, start
from tests.hostile.browsers import Log, chromium, log_of_requests, needs_browser, page_at, site

pytestmark = [pytest.mark.browser, needs_browser, pytest.mark.asyncio(loop_scope="module")]

ADVANCE = "/_mock/worlds/default/clock/advance"
KEYS = "/_mock/worlds/default/keys"
BODY = '{"by": "1d"}'

COMMANDS = {
    "text": "fetch(url, {method: 'POST', mode: 'no-cors', body})",
    "without a type": "fetch(url, {method: 'POST', mode: 'no-cors', body: new Blob([body])})",
    "form type": "fetch(url, {method: 'POST', mode: 'no-cors', body: new URLSearchParams(body)})",
    "after the page": "fetch(url, {method: 'POST', mode: 'no-cors', body, keepalive: true})",
    "without a referrer": "fetch(url, {method: 'POST', mode: 'no-cors', body, referrerPolicy: 'no-referrer'})",
    "beacon": "navigator.sendBeacon(url, body)",
    "form": """
        document.body.innerHTML = '<iframe name=f></iframe><form target=f method=post enctype=text/plain></form>';
        document.forms[0].action = url;
        document.forms[0].innerHTML = `<input name='{"by": "1d", "x' value='": 1}'>`;
        document.forms[0].submit()""",
    "sandboxed frame": """
        document.body.innerHTML = '<iframe sandbox=allow-scripts></iframe>';
        document.querySelector('iframe').srcdoc =
            `<script>fetch('${url}', {method: 'POST', mode: 'no-cors', body: '${body}'})</` + 'script>'""",
}
"""What a page can send without asking the server first."""

LOOKS = {
    "fetch": "fetch(url, {mode: 'no-cors'})",
    "image": "new Image().src = url",
    "script": "document.head.append(Object.assign(document.createElement('script'), {src: url}))",
    "frame": "document.body.append(Object.assign(document.createElement('iframe'), {src: url}))",
    "link": "location = url",
    "socket": "new WebSocket(url)",
}


@pytest.fixture
def log() -> Iterator[Log]:
    with log_of_requests() as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def server(log: Log) -> AsyncIterator[RunningServer]:
    settings = ServerSettings(port=0, clock="manual", control="anywhere", control_hosts=["mock.example"])
    async with await start(settings) as running:
        yield running


def at(server: RunningServer, name: str, path: str = "/_mock/health") -> str:
    """An address of the server under a name."""
    return f"http://{name}:{server.url.rpartition(':')[2]}{path}"


def now(server: RunningServer) -> object:
    assert server.worlds.default is not None
    return server.worlds.default.world.now


@pytest.mark.parametrize("name", ["evil.example", "localhost"])
async def test_a_page_of_another_origin_gives_no_command(
    name: str, server: RunningServer, log: Log, browser: Any
) -> None:
    before = now(server)
    async with site() as port, page_at(browser, f"http://{name}:{port}/") as page:
        for how, script in COMMANDS.items():
            await page.goto(f"http://{name}:{port}/")
            await page.evaluate(f"([url, body]) => {{ {script} }}", [at(server, "127.0.0.1", ADVANCE), BODY])
            seen = await log.next(ADVANCE)
            assert (how, seen.method, seen.status) == (how, "POST", 403)
    assert now(server) == before


async def test_a_page_of_another_origin_looks_at_nothing(server: RunningServer, log: Log, browser: Any) -> None:
    async with site() as port:
        for how, script in LOOKS.items():
            # A page of its own each: a look that navigates may still be under way when its answer is logged.
            async with page_at(browser, f"http://evil.example:{port}/") as page:
                await page.evaluate(f"url => {{ {script} }}", at(server, "localhost", KEYS))
                assert (how, (await log.next(KEYS)).status) == (how, 403)


async def test_json_of_a_page_of_another_origin_is_not_sent(server: RunningServer, log: Log, browser: Any) -> None:
    script = (
        "url => fetch(url, {method: 'POST', headers: {'content-type': 'application/json'}, body: '{}'}).catch(String)"
    )
    async with site() as port, page_at(browser, f"http://evil.example:{port}/") as page:
        answer = await page.evaluate(script, at(server, "127.0.0.1", ADVANCE))
        assert "Failed to fetch" in answer
        assert (await log.next(ADVANCE)).method == "OPTIONS"


FETCH = """
async ([path, method, body]) => {
    const headers = body ? {'content-type': 'application/json'} : {};
    const answer = await fetch(path, {method, headers, body});
    return [answer.status, await answer.text()];
}
"""


async def test_a_rebound_name_reads_and_changes_nothing(server: RunningServer, browser: Any) -> None:
    before = now(server)
    async with page_at(browser, at(server, "evil.example")) as page:
        for path, method, body in ((KEYS, "GET", None), ("/_mock/worlds", "GET", None), (ADVANCE, "POST", BODY)):
            status, text = await page.evaluate(FETCH, [path, method, body])
            assert status == 403
            assert "does not answer to the host 'evil.example:" in text
            assert "PRIVATE KEY" not in text
    assert now(server) == before


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "app.localhost", "mock.example"])
async def test_the_servers_own_pages_may_do_everything(name: str, server: RunningServer, browser: Any) -> None:
    before = now(server)
    async with page_at(browser, at(server, name, "/_mock/worlds")) as page:
        assert '"client_id"' in await page.content()
        status, text = await page.evaluate(FETCH, [ADVANCE, "POST", BODY])
        assert (status, text) == (200, text)
        assert (await page.evaluate(FETCH, [KEYS, "GET", None]))[0] == 200
    assert now(server) != before


async def test_without_auth_the_api_answers_to_pages_of_this_machine_alone(log: Log, browser: Any) -> None:
    script = "url => fetch(url, {mode: 'no-cors'})"
    async with await start(ServerSettings(port=0, clock="manual", auth="off")) as server, site() as port:
        url = at(server, "localhost", "/users")
        async with page_at(browser, f"http://evil.example:{port}/") as page:
            await page.evaluate(script, url)
            assert (await log.next("/users")).status == 403
            await page.goto(f"http://localhost:{port}/")
            await page.evaluate(script, url)
            assert (await log.next("/users")).status == 200
            await page.goto(at(server, "evil.example"))
            assert (await page.evaluate(FETCH, ["/users", "GET", None]))[0] == 403
