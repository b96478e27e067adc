"""Access tokens through the control API: listed masked, and ended by command."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from mockserver.hosting.registry import DEFAULT_CLIENT_ID as CLIENT_ID
from mockserver.hosting.registry import DEFAULT_CLIENT_SECRET as SECRET
from mockserver.kernel import system
from mockserver.protocol.clients import Auth
from tests.conftest import NOW, Api

TOKENS = "/_mock/worlds/default/tokens"
EXPIRE = f"{TOKENS}/expire"
PATH = "/portfolios/allocations"
OTHER = "404b170a-9042-41ed-9a51-2eabd0c03f8a"


@pytest.fixture
def auth() -> Auth:
    return Auth.TOKEN


@pytest.fixture(autouse=True)
def wall(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    wall = [NOW]
    monkeypatch.setattr(system, "wall_now", lambda: wall[0])
    return wall


async def token(client: Api, scope: str = "portfolios:read", client_id: str = CLIENT_ID, secret: str = SECRET) -> str:
    form = {"client_id": client_id, "client_secret": secret, "grant_type": "client_credentials", "scope": scope}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return str((await client.post("/auth/token", data=urlencode(form), headers=headers)).json["access_token"])


async def status(client: Api, token: str, client_id: str = CLIENT_ID) -> int:
    headers = {"upvest-client-id": client_id, "authorization": f"Bearer {token}"}
    return (await client.get(PATH, headers=headers)).status


async def test_tokens_are_listed_with_scopes_and_expiry_and_masked(client: Api, wall: list[datetime]) -> None:
    assert (await client.get(TOKENS)).json == {"total_count": 0, "tokens": []}
    first = await token(client, "users:read portfolios:read")
    wall[0] += timedelta(minutes=10)
    second = await token(client)
    answer = await client.get(TOKENS)
    assert answer.json == {
        "total_count": 2,
        "tokens": [
            {
                "token": first[:15] + "...",
                "scopes": ["users:read", "portfolios:read"],
                "issued_at": "2023-01-10T09:00:00Z",
                "expires_at": "2023-01-10T09:30:00Z",
                "expired": False,
            },
            {
                "token": second[:15] + "...",
                "scopes": ["portfolios:read"],
                "issued_at": "2023-01-10T09:10:00Z",
                "expires_at": "2023-01-10T09:40:00Z",
                "expired": False,
            },
        ],
    }
    assert first.encode() not in answer.body


async def test_the_last_are_shown(client: Api) -> None:
    *_, last = [await token(client) for _ in range(3)]
    answer = (await client.get(f"{TOKENS}?limit=1")).json
    assert (answer["total_count"], [each["token"] for each in answer["tokens"]]) == (3, [last[:15] + "..."])


async def test_a_token_that_ran_out_is_shown_as_expired(client: Api, wall: list[datetime]) -> None:
    await token(client)
    wall[0] += timedelta(minutes=30)
    assert [each["expired"] for each in (await client.get(TOKENS)).json["tokens"]] == [True]


@pytest.mark.parametrize("body", [None, {}, {"all": True}])
async def test_all_tokens_expire_by_command_and_the_client_may_get_a_new_one(client: Api, body: Any) -> None:
    old = [await token(client), await token(client)]
    answer = await client.post(EXPIRE, json=body)
    assert (answer.status, answer.json) == (200, {"expired": 2})
    refused = await client.get(PATH, headers={"upvest-client-id": CLIENT_ID, "authorization": f"Bearer {old[0]}"})
    assert (refused.status, refused.json["title"]) == (401, "Unauthorised")
    assert refused.detail == "The access token expired at 2023-01-10T09:00:00Z: get a new one from POST /auth/token."
    assert await status(client, old[1]) == 401
    assert await status(client, await token(client)) == 200


async def test_one_token_expires_by_command(client: Api) -> None:
    first, second = await token(client), await token(client)
    assert (await client.post(EXPIRE, json={"token": first})).json == {"expired": 1}
    assert (await status(client, first), await status(client, second)) == (401, 200)


async def test_a_token_may_be_named_as_it_is_listed(client: Api) -> None:
    first, second = await token(client), await token(client)
    listed = (await client.get(TOKENS)).json["tokens"][0]["token"]
    assert (await client.post(EXPIRE, json={"token": listed})).json == {"expired": 1}
    assert (await status(client, first), await status(client, second)) == (401, 200)


async def test_an_expired_token_does_not_expire_again(client: Api, wall: list[datetime]) -> None:
    value = await token(client)
    wall[0] += timedelta(hours=1)
    assert (await client.post(EXPIRE, json={"token": value})).json == {"expired": 0}
    assert (await client.get(TOKENS)).json["tokens"][0]["expires_at"] == "2023-01-10T09:30:00Z"


async def test_other_clients_stay_logged_in(client: Api) -> None:
    other = {"client_id": OTHER, "client_secret": "other", "auth": "token"}
    await client.post("/_mock/worlds", json=other)
    mine, theirs = await token(client), await token(client, client_id=OTHER, secret="other")
    assert (await client.post(EXPIRE, json={"token": theirs})).status == 404
    await client.post(EXPIRE, json={"all": True})
    assert (await status(client, mine), await status(client, theirs, OTHER)) == (401, 200)
    assert (await client.post(f"/_mock/worlds/{OTHER}/tokens/expire", json={"all": True})).json == {"expired": 1}


async def test_a_token_that_there_is_not_is_not_repeated(client: Api) -> None:
    answer = await client.post(EXPIRE, json={"token": "a secret"})
    assert (answer.status, answer.detail) == (
        404,
        f"This is no token of client {CLIENT_ID}; GET /_mock/worlds/{{world}}/tokens lists those it has.",
    )


@pytest.mark.parametrize(
    "body",
    [{"all": False}, {"all": True, "token": "x"}, {"token": 1}, {"tokens": "x"}, {"token": None}, {"all": None}, []],
)
async def test_what_cannot_be_meant_is_refused(client: Api, body: Any) -> None:
    value = await token(client)
    assert (await client.post(EXPIRE, json=body)).status == 400
    assert await status(client, value) == 200


async def test_an_unknown_world_is_refused(client: Api) -> None:
    assert (await client.get("/_mock/worlds/nobody/tokens")).status == 404
    assert (await client.post("/_mock/worlds/nobody/tokens/expire", json={"all": True})).status == 404
