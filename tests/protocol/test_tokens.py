"""``POST /auth/token`` and the bearer checks over HTTP (concepts.md §1)."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from mockserver.contract import contract
from mockserver.hosting.registry import DEFAULT_CLIENT_ID as CLIENT_ID
from mockserver.hosting.registry import DEFAULT_CLIENT_SECRET as SECRET
from mockserver.kernel import system
from mockserver.kernel.operations import Call
from mockserver.kernel.profile import profile
from mockserver.kernel.world import World
from mockserver.protocol.clients import Auth
from mockserver.protocol.tokens import Tokens, all_scopes
from tests.conftest import NOW, Answer, Api
from tests.protocol.allocations import BODY, HANDLERS, PATH, UNKNOWN
from tests.protocol.conftest import Serve

FORM = {
    "client_id": CLIENT_ID,
    "client_secret": SECRET,
    "grant_type": "client_credentials",
    "scope": "portfolios:read portfolios:admin",
}
OWN = {"upvest-client-id": CLIENT_ID}
OTHER = "404b170a-9042-41ed-9a51-2eabd0c03f8a"
HALF_AN_HOUR = timedelta(minutes=30)


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
        ({"client_secret": ""}, 401, f"The client secret is not that of client {CLIENT_ID}."),
        ({"client_secret": SECRET + " "}, 401, f"The client secret is not that of client {CLIENT_ID}."),
        ({"client_id": OTHER}, 401, "send the same"),
        ({"client_id": CLIENT_ID.upper(), "client_secret": "wrong"}, 401, "The client secret is not that of"),
        ({"scope": "PORTFOLIOS:READ"}, 401, "Not configured for client"),
        ({"scope": "portfolios:read,users:read"}, 401, "Not configured for client"),
        ({"scope": " \t\n"}, 400, "(root): field 'scope' names no scope"),
        ({"grant_type": None}, 400, "(root): field 'grant_type' was not filled"),
        ({"grant_type": "authorization_code"}, 400, "(root).grant_type: must be 'client_credentials'"),
        ({"grant_type": "Client_Credentials"}, 400, "(root).grant_type: must be 'client_credentials'"),
        ({"client_id": None}, 400, "(root): field 'client_id' was not filled"),
        ({"client_secret": "x" * 1001}, 400, "(root).client_secret: must have at most 1000 character(s)"),
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


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/x-www-form-urlencoded; charset=utf-16",
        "",
    ],
)
@pytest.mark.parametrize("headers", [OWN, {}])
async def test_only_a_form_is_read(api: Api, content_type: str, headers: dict[str, str]) -> None:
    answer = await api.post("/auth/token", json=FORM, headers=headers | {"content-type": content_type})
    assert (answer.status, "send exactly application/x-www-form-urlencoded" in answer.detail) == (400, True)


async def test_fields_may_be_percent_encoded_and_spaces_plus_or_percent_20(api: Api) -> None:
    form = urlencode(FORM).replace("client_secret", "client%5Fsecret").replace("portfolios", "port%66olios")
    assert "+" in form
    for body in (form, form.replace("+", "%20")):
        answer = await api.post(
            "/auth/token", data=body, headers=OWN | {"content-type": "application/x-www-form-urlencoded"}
        )
        assert answer.json["scope"] == "portfolios:read portfolios:admin"


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


@pytest.fixture
def auth() -> Auth:
    return Auth.TOKEN


@pytest.fixture
async def both(client: Api) -> Api:
    """A server with another client, whose world has the same seed."""
    other = {"client_id": OTHER, "client_secret": "other", "seed": client.world.seed, "auth": "token"}
    assert (await client.post("/_mock/worlds", json=other)).status == 201
    return client


async def test_a_token_goes_with_the_client_it_was_issued_for(both: Api) -> None:
    api = both
    theirs = {"client_id": OTHER, "client_secret": "other", "headers": {"upvest-client-id": OTHER}}
    first, second = (await bearer(api))["authorization"], (await bearer(api, **theirs))["authorization"]
    assert first != second
    for client_id, token, status in [
        (CLIENT_ID, first, 200),
        (OTHER, second, 200),
        (CLIENT_ID, second, 401),
        (OTHER, first, 401),
    ]:
        answer = await api.get(PATH, headers={"upvest-client-id": client_id, "authorization": token})
        assert answer.status == status
    assert answer.detail == f"The access token is none of client {OTHER}."


async def test_another_clients_header_over_the_own_form_is_refused(both: Api) -> None:
    answer = await ask(both, headers={"upvest-client-id": OTHER})
    assert (answer.status, answer.detail) == (
        401,
        f"The header upvest-client-id is {OTHER}, the form's client_id {CLIENT_ID}: send the same.",
    )


async def test_the_lifetime_is_a_setting_of_the_profile(api: Api, wall: Wall) -> None:
    api.world.profile = profile("sandbox", {"behaviour": {"token_lifetime": "24h"}})
    answer = await ask(api)
    assert answer.json["expires_in"] == 86400  # the example of the old contract, concepts.md §1.1
    headers = OWN | {"authorization": f"Bearer {answer.json['access_token']}"}
    wall.now += timedelta(hours=24) - timedelta(microseconds=1)
    assert (await api.get(PATH, headers=headers)).status == 200
    wall.now += timedelta(microseconds=1)
    assert (await api.get(PATH, headers=headers)).status == 401


async def test_a_token_lasts_half_an_hour_of_wall_time(api: Api, wall: Wall) -> None:
    headers = await bearer(api)
    wall.now += HALF_AN_HOUR - timedelta(seconds=1)
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
    api.tenant.reset()
    assert (await api.get(PATH, headers=headers)).status == 200


async def test_the_same_world_issues_the_same_tokens(api: Api) -> None:
    first = [(await ask(api)).body for _ in range(2)]
    api.tenant.reset()
    assert [(await ask(api)).body for _ in range(2)] == first


async def test_with_auth_off_nothing_is_checked(serve: Serve) -> None:
    api = await serve(HANDLERS)
    assert (await api.get(PATH)).status == 200
    assert (await ask(api, client_secret="wrong", scope="nothing:read")).status == 200
    assert (await api.get(PATH, headers={"authorization": "Bearer x"})).status == 200


async def test_a_token_of_before_a_reset_keeps_its_scopes(api: Api) -> None:
    headers = await bearer(api, scope="portfolios:read")
    api.tenant.reset()
    await bearer(api, scope="users:read")  # the first of the world again, for another scope
    assert (await api.get(PATH, headers=headers)).status == 200


async def test_a_failed_request_takes_no_token_back(serve: Serve) -> None:
    def ask_and_fail(world: World, call: Call[Any]) -> Awaitable[Any]:
        async def fail() -> Any:
            tokens.append((await ask(api)).json["access_token"])
            raise UNKNOWN.refuse(id="x")

        return fail()

    tokens: list[str] = []
    api = await serve({"test_webhook": ask_and_fail})
    assert (await api.post(f"/webhooks/{OTHER}/test")).status == 404
    assert (await ask(api)).json["access_token"] not in tokens


def issue(tokens: Tokens, world: World, *scopes: str, now: datetime = NOW) -> str:
    return tokens.issue(world.ids, CLIENT_ID, scopes, now, HALF_AN_HOUR)


def test_the_oldest_token_goes_first(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    monkeypatch.setattr("mockserver.protocol.tokens.MOST_TOKENS", 2)
    tokens = Tokens()
    first, second, third = (issue(tokens, world) for _ in range(3))
    assert tokens.get(first) is None
    assert [value for value, _ in tokens] == [second, third]


def test_an_expired_token_is_remembered_and_stays_expired(world: World) -> None:
    tokens = Tokens()
    value = issue(tokens, world, "users:read", now=NOW)
    assert tokens.expire(value, NOW + timedelta(seconds=1))
    token = tokens.get(value)
    assert token is not None
    assert (token.scopes, token.issued, token.expires) == (("users:read",), NOW, NOW + timedelta(seconds=1))
    assert not tokens.expire(value, NOW + timedelta(seconds=2))
    assert tokens.get(value) == token


def test_tokens_of_many_issues_take_bounded_memory(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    monkeypatch.setattr("mockserver.protocol.tokens.MOST_TOKENS", 10)
    tokens = Tokens()
    values = {issue(tokens, world) for _ in range(1000)}
    assert (len(values), len(tokens)) == (1000, 10)


def test_a_client_may_have_the_57_scopes_of_the_contract() -> None:
    assert len(all_scopes()) == 57
    used = {scope for operation in contract().operations.values() for scope in operation.scopes}
    assert used <= all_scopes()
