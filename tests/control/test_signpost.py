"""``/`` and ``/_mock/`` say where to go, and take nothing from the API or from the access policy."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from mockserver.control.signpost import LINKS
from mockserver.server import ServerSettings, start

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CLIENT = {"upvest-client-id": "ebabcf4d-61c3-4942-875c-e265a7c2d062"}
PLACES = pytest.mark.parametrize("path", ["/", "/_mock", "/_mock/"])


@pytest.fixture(params=["off", "token", "strict"])
async def session(request: pytest.FixtureRequest) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        await start(ServerSettings(port=0, auth=request.param)) as server,
        aiohttp.ClientSession(server.url) as session,
    ):
        yield session


@PLACES
@pytest.mark.parametrize("accept", ["*/*", "text/plain"])
async def test_it_is_text_for_people(session: aiohttp.ClientSession, path: str, accept: str) -> None:
    async with session.get(path, headers={"accept": accept}) as answer:
        assert (answer.status, answer.content_type) == (200, "text/plain")
        text = await answer.text()
    assert text.startswith("mockserver: a mock of the Upvest Investment API")
    assert all(f"  {link} " in text for link in LINKS.values())


@PLACES
async def test_a_browser_is_sent_to_the_dashboard(session: aiohttp.ClientSession, path: str) -> None:
    async with session.get(path, headers={"accept": BROWSER}, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["location"]) == (303, LINKS["dashboard"])


@PLACES
async def test_it_is_json_for_programs(session: aiohttp.ClientSession, path: str) -> None:
    async with session.get(path, headers={"accept": "application/json"}) as answer:
        assert (answer.status, answer.content_type) == (200, "application/json")
        assert (await answer.json())["links"] == LINKS


async def test_its_links_lead_somewhere(session: aiohttp.ClientSession) -> None:
    for link in LINKS.values():
        async with session.get(link) as answer:
            assert answer.status == 200, link


@PLACES
async def test_a_probe_by_head_passes(session: aiohttp.ClientSession, path: str) -> None:
    async with session.head(path) as answer:
        assert (answer.status, await answer.read()) == (200, b"")


async def test_a_client_of_the_api_gets_the_answer_of_the_api(session: aiohttp.ClientSession) -> None:
    async with session.get("/", headers=CLIENT) as answer:
        assert (answer.status, answer.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/", "/_mock/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_other_methods_are_refused_as_before(session: aiohttp.ClientSession, method: str, path: str) -> None:
    async with session.request(method, path) as answer:
        assert answer.status >= 400


@pytest.mark.parametrize("path", ["/_mocked", "/_mock/nothing", "//"])
async def test_other_paths_are_unknown_as_before(session: aiohttp.ClientSession, path: str) -> None:
    async with session.get(path, headers=CLIENT) as answer:
        assert answer.status == 404


async def test_the_list_of_commands_needs_what_commands_need_and_the_root_says_nothing_of_the_server() -> None:
    settings = ServerSettings(port=0, control_token="a-secret", scenarios=["portfolio-switch"])
    async with await start(settings) as server, aiohttp.ClientSession(server.url) as session:
        for path in ("/_mock", "/_mock/"):
            async with session.get(path) as answer:
                assert answer.status == 401
            async with session.get(path, headers={"authorization": "Bearer a-secret"}) as answer:
                assert answer.status == 200
            async with session.get(path, headers={"origin": "http://evil.example"}) as answer:
                assert answer.status == 403
        async with session.get("/") as answer:
            text = await answer.text()
        (tenant,) = server.worlds
        secrets = ("a-secret", tenant.client_id, tenant.client_secret, "portfolio-switch")
        assert not [secret for secret in secrets if secret in text]
