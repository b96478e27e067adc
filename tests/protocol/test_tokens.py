"""``POST /auth/token`` and the bearer checks over HTTP (concepts.md §1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from mockserver.contract import contract
from mockserver.control.worlds import DEFAULT_CLIENT_ID as CLIENT_ID
from mockserver.control.worlds import DEFAULT_CLIENT_SECRET as SECRET
from mockserver.kernel import system
from mockserver.protocol.clients import Auth
from mockserver.protocol.tokens import LIFETIME, Tokens, all_scopes
from tests.conftest import NOW, Answer, Api
from tests.protocol.allocations import BODY, HANDLERS, PATH
from tests.protocol.conftest import Serve

FORM = {
    "client_id": CLIENT_ID,
    "client_secret": SECRET,
    "grant_type": "client_credentials",
    "scope": "portfolios:read portfolios:admin",
}
OWN = {"upvest-client-id": CLIENT_ID}


@pytest.fixture
async def api(serve: Serve) -> Api:
    return await serve(HANDLERS, auth=Auth.TOKEN)


class Wall:
    """The machine's time, under the test's control."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()
    monkeypatch.setattr(system, "wall_now", wall)
    return wall


async def ask(api: Api, headers: dict[str, str] | None = None, **form: Any) -> Answer:
    fields = {name: value for name, value in {**FORM, **form}.items() if value is not None}
    return await api.post(
        "/auth/token",
        data=urlencode(fields),
        headers={"content-type": "application/x-www-form-urlencoded", **OWN, **(headers or {})},
    )


async def bearer(api: Api, **form: Any) -> dict[str, str]:
    return {**OWN, "authorization": f"Bearer {(await ask(api, **form)).json['access_token']}"}


async def test_a_token_is_issued(api: Api) -> None:
    answer = (await ask(api)).json
    assert answer.pop("access_token").startswith("ory_at_")
    assert answer == {"expires_in": 1800, "token_type": "bearer", "scope": "portfolios:read portfolios:admin"}


async def test_it_opens_the_api(api: Api) -> None:
    headers = await bearer(api)
    assert (await api.get(PATH, headers=headers)).status == 200
    assert (await api.post(PATH, json=BODY, headers=headers)).status == 200


async def test_the_client_id_may_stand_in_the_form_alone(api: Api) -> None:
    # concepts.md §1.1 [E]: the official Java client sends no header there
    answer = await api.post(
        "/auth/token", data=urlencode(FORM), headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status == 200


async def test_scopes_are_answered_once_and_in_the_order_asked_for(api: Api) -> None:
    answer = await ask(api, scope="users:read  accounts:read users:read")
    assert answer.json["scope"] == "users:read accounts:read"


async def test_unknown_form_fields_are_ignored(api: Api) -> None:
    assert (await ask(api, audience="x")).status == 200


@pytest.mark.parametrize(
    ("form", "status", "detail"),
    [
        ({"client_secret": "wrong"}, 401, f"The client secret is not that of client {CLIENT_ID}."),
        ({"client_secret": "ü"}, 401, f"The client secret is not that of client {CLIENT_ID}."),
        ({"client_id": "404b170a-9042-41ed-9a51-2eabd0c03f8a"}, 401, "send the same"),
        ({"scope": "portfolios:read nothing:read"}, 401, "Not configured for client"),
        ({"scope": ""}, 400, "(root): field 'scope' names no scope"),
        ({"scope": None}, 400, "(root): field 'scope' was not filled"),
        ({"client_secret": None}, 400, "(root): field 'client_secret' was not filled"),
        ({"grant_type": "password"}, 400, "(root).grant_type: must be 'client_credentials', not 'password'"),
        ({"client_id": "me"}, 400, "(root).client_id: 'me' is not a UUID"),
        ({"scope": "x" * 1001}, 400, "(root).scope: must have at most 1000 character(s)"),
    ],
)
async def test_what_is_refused(api: Api, form: dict[str, Any], status: int, detail: str) -> None:
    answer = await ask(api, **form)
    assert (answer.status, detail in answer.detail) == (status, True), answer.body


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"\xff=1", "must be a form in UTF-8"),
        (b"scope=a&scope=b", "(root).scope: is given twice"),
        (b"&".join([b"a=1"] * 200), "at most 100 fields"),
        (b"", "was not filled"),
        (b"{}", "was not filled"),
        (b"x" * 20_000, "more than"),
    ],
)
async def test_forms_that_cannot_be_read(api: Api, body: bytes, detail: str) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await api.post("/auth/token", data=body, headers=headers)
    assert (answer.status, detail in answer.detail) == (400, True), answer.body


async def test_a_form_in_json_is_refused(api: Api) -> None:
    answer = await api.post("/auth/token", json=FORM, headers=OWN)
    assert (answer.status, "x-www-form-urlencoded" in answer.detail) == (400, True)


async def test_a_client_with_few_scopes_may_ask_for_those_alone(api: Api) -> None:
    api.tenant.scopes = frozenset({"users:read"})
    assert (await ask(api, scope="users:read")).status == 200
    answer = await ask(api, scope="users:read users:admin")
    assert (answer.status, answer.detail) == (
        401,
        f"Not configured for client {CLIENT_ID}: users:admin. It may ask for: users:read.",
    )


async def test_the_client_id_must_be_sent(api: Api) -> None:
    answer = await api.get(PATH)
    assert (answer.status, answer.json["type"]) == (400, "https://docs.upvest.co/errors/missing_client_id")


@pytest.mark.parametrize("client_id", ["404b170a-9042-41ed-9a51-2eabd0c03f8a", "me", ""])
async def test_an_unknown_client_is_refused(api: Api, client_id: str) -> None:
    answer = await api.get(PATH, headers={"upvest-client-id": client_id})
    assert (answer.status, answer.detail[:18]) == (401, "There is no client")


async def test_a_client_id_may_be_written_in_any_way(api: Api) -> None:
    headers = await bearer(api)
    assert (await api.get(PATH, headers=headers | {"upvest-client-id": CLIENT_ID.upper()})).status == 200
    assert (await api.get(PATH, headers=headers | {"upvest-client-id": CLIENT_ID.replace("-", "")})).status == 200


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic abc", "ory_at_1"])
async def test_without_a_token_nothing_goes(api: Api, authorization: str | None) -> None:
    headers = OWN if authorization is None else OWN | {"authorization": authorization}
    answer = await api.get(PATH, headers=headers)
    assert (answer.status, answer.detail[:15]) == (401, "No access token")


async def test_an_invented_token_is_refused(api: Api) -> None:
    answer = await api.get(PATH, headers=OWN | {"authorization": "Bearer ory_at_1"})
    assert (answer.status, "is none of client" in answer.detail) == (401, True)


async def test_the_scheme_is_not_case_sensitive(api: Api) -> None:
    headers = await bearer(api)
    headers["authorization"] = headers["authorization"].replace("Bearer", "bearer")
    assert (await api.get(PATH, headers=headers)).status == 200


async def test_a_token_without_the_scope_is_forbidden(api: Api) -> None:
    answer = await api.post(PATH, json=BODY, headers=await bearer(api, scope="portfolios:read users:read"))
    assert (answer.status, answer.json["title"]) == (403, "Forbidden")
    assert answer.detail == (
        "The operation create_portfolios_allocation needs one of the scopes portfolios:admin; "
        "the token has portfolios:read, users:read."
    )


async def test_admin_reads_too(api: Api) -> None:
    assert (await api.get(PATH, headers=await bearer(api, scope="portfolios:admin"))).status == 200


async def test_a_token_lasts_half_an_hour_of_wall_time(api: Api, wall: Wall) -> None:
    headers = await bearer(api)
    wall.now += LIFETIME - timedelta(seconds=1)
    assert (await api.get(PATH, headers=headers)).status == 200
    wall.now += timedelta(seconds=1)
    answer = await api.get(PATH, headers=headers)
    assert (answer.status, answer.detail[:35]) == (401, "The access token expired at 2023-01")


async def test_the_worlds_time_does_not_touch_tokens(api: Api, wall: Wall) -> None:
    headers = await bearer(api)
    await api.tenant.driver.advance(timedelta(days=365))
    assert (await api.get(PATH, headers=headers)).status == 200


async def test_a_reset_logs_nobody_out(api: Api) -> None:
    headers = await bearer(api)
    await api.tenant.reset()
    assert (await api.get(PATH, headers=headers)).status == 200


async def test_the_same_world_issues_the_same_tokens(api: Api) -> None:
    first = [(await ask(api)).body for _ in range(2)]
    await api.tenant.reset()
    assert [(await ask(api)).body for _ in range(2)] == first


async def test_with_auth_off_nothing_is_checked(serve: Serve) -> None:
    api = await serve(HANDLERS)
    assert (await api.get(PATH)).status == 200
    assert (await ask(api, client_secret="wrong", scope="nothing:read")).status == 200
    assert (await api.get(PATH, headers={"authorization": "Bearer x"})).status == 200


def test_the_oldest_token_goes_first(monkeypatch: pytest.MonkeyPatch, world: Any) -> None:
    monkeypatch.setattr("mockserver.protocol.tokens.MOST_TOKENS", 2)
    tokens = Tokens()
    first, second, third = (tokens.issue(world.ids, (), NOW) for _ in range(3))
    assert tokens.get(first) is None
    assert tokens.get(second) is not None
    assert tokens.get(third) is not None


def test_a_client_may_have_the_57_scopes_of_the_contract() -> None:
    assert len(all_scopes()) == 57
    used = {scope for operation in contract().operations.values() for scope in operation.scopes}
    assert used <= all_scopes()
