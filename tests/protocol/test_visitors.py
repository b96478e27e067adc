"""A request that is refused for its page or host leaves no trace in a world; with tokens none is refused for them."""

from __future__ import annotations

import pytest

from mockserver.protocol.clients import Auth
from tests.conformance import assert_problem
from tests.conftest import Api

FORM = "grant_type=client_credentials&client_id={0}&client_secret={1}&scope=users:read"
FOREIGN = [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"host": "evil.example"}]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", ["/users", "/no/such/path"])
async def test_it_stands_in_no_journal(headers: dict[str, str], path: str, client: Api) -> None:
    async with client.http.get(path, headers=headers) as answer:
        assert_problem(answer.status, answer.headers, body := await answer.read())
    assert answer.status == 403
    assert b"With --auth off" in body
    assert len(client.tenant.journal) == 0


async def test_the_next_answer_is_as_if_it_had_not_been(client: Api) -> None:
    name, _ = client.tenant.take_snapshot()
    undisturbed = await client.get("/users")
    client.tenant.restore(name)
    await client.get("/users", headers=FOREIGN[0])
    assert (await client.get("/users")).headers["upvest-request-id"] == undisturbed.headers["upvest-request-id"]


async def test_a_form_that_names_the_client_is_looked_at_too(client: Api) -> None:
    form = FORM.format(client.tenant.client_id, client.tenant.client_secret)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert (await client.post("/auth/token", data=form, headers=headers)).status == 200
    assert (await client.post("/auth/token", data=form, headers={**headers, **FOREIGN[0]})).status == 403


class TestWithTokens:
    @pytest.fixture
    def auth(self) -> Auth:
        return Auth.TOKEN

    @pytest.mark.parametrize("headers", FOREIGN)
    async def test_nobody_is_refused_for_a_page_or_host(self, headers: dict[str, str], client: Api) -> None:
        named = {**headers, "upvest-client-id": client.tenant.client_id}
        answer = await client.get("/users", headers=named)
        assert (answer.status, "access token" in answer.detail) == (401, True), answer.detail
