"""A refused signature over HTTP: what the vendor shows on the wire, the rest beside it."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from mockserver.kernel import system
from mockserver.kernel.profile import Profile, merged, shipped
from mockserver.kernel.world import World
from mockserver.protocol.clients import Auth
from tests.conftest import Answer, Api
from tests.protocol.signing.signer import GET, KEY_ID, NOW, POST, TOKEN, Request, private_key, public_pem

WRONG = GET.but(base=lambda base: base + "\n")


@pytest.fixture
def auth() -> Auth:
    return Auth.STRICT


@pytest.fixture(autouse=True)
def key(client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    client.tenant.keys.put(KEY_ID, public_pem(private_key("P-521")))
    monkeypatch.setattr(system, "wall_now", lambda: NOW)


async def send(client: Api, request: Request, **headers: str) -> Answer:
    message = request.message()
    target = f"{message.path}?{message.query}" if message.query else message.path
    return await client.request(
        message.method, target, data=message.body or None, headers={**message.headers, **headers}, key=None
    )


async def test_the_wire_shows_what_the_vendor_shows(client: Api) -> None:
    answer = await send(client, WRONG)
    assert answer.json == {
        "detail": "Signature is incorrect",
        "request_id": answer.headers["upvest-request-id"],
        "status": 401,
        "title": "Unauthorised",
        "type": "https://docs.upvest.co/errors/unauthorised",
    }


async def test_a_header_links_to_the_explanation(client: Api) -> None:
    answer = await send(client, WRONG)
    link = answer.headers["mockserver-explain"]
    request_id = answer.headers["upvest-request-id"]
    path = f"/_mock/worlds/{client.tenant.client_id}/explanations/{request_id}"
    assert link == f"http://{client.http.host}:{client.http.port}{path}"
    explained = (await client.get(path)).json
    assert explained["request_id"] == request_id
    assert explained["causes"][0]["trap"] == "newline-at-the-end"
    assert explained["covered"] == ["@method", "@path", "accept", "authorization", "upvest-client-id"]


async def test_the_journal_has_the_explanation(client: Api) -> None:
    await send(client, WRONG)
    (entry,) = (await client.get("/_mock/worlds/default/requests")).json["requests"]
    assert (entry["refusal"], entry["explanation"]["check"]) == ("signature.mismatch", "signature.mismatch")
    assert entry["explanation"]["signature_base"].startswith('"@method": GET\n"@path": /accounts\n')


async def test_the_log_has_one_block(client: Api, caplog: pytest.LogCaptureFixture) -> None:
    await send(client, WRONG)
    (record,) = [each for each in caplog.records if each.name.startswith("mockserver")]
    assert record.levelno == logging.WARNING
    text = record.getMessage()
    assert text.startswith("GET /accounts: signature refused by signature.mismatch\n")
    assert "cause: The base was signed with a newline at its end" in text


async def test_no_secret_stands_anywhere(client: Api, caplog: pytest.LogCaptureFixture) -> None:
    await send(client, WRONG)
    form = f"client_id={client.tenant.client_id}&client_secret={client.tenant.client_secret}&scope=users:read"
    token = POST.but(
        path="/auth/token",
        body=f"{form}&grant_type=client_credentials".encode(),
        headers={**GET.headers, "content-type": "application/x-www-form-urlencoded"},
    )
    granted = await send(client, token)
    assert granted.status == 200, granted.json
    await send(client, token.but(body_after=token.body + b"&"))
    journal = (await client.get("/_mock/worlds/default/requests")).body.decode()
    for text in (journal, caplog.text):
        assert TOKEN not in text
        assert granted.json["access_token"] not in text
        assert client.tenant.client_secret not in text
        assert "PRIVATE KEY" not in text


async def test_an_explanation_that_is_not_there_is_told(client: Api) -> None:
    answer = await client.get("/_mock/worlds/default/explanations/none")
    assert (answer.status, answer.detail) == (
        404,
        "No refused signature of the request 'none' is remembered; the last 200 of a world are.",
    )


async def test_a_reset_forgets_the_explanations(client: Api) -> None:
    answer = await send(client, WRONG)
    await client.post("/_mock/worlds/default/reset")
    path = f"/_mock/worlds/default/explanations/{answer.headers['upvest-request-id']}"
    assert (await client.get(path)).status == 404


async def test_a_host_that_is_none_stands_in_no_header(client: Api) -> None:
    answer = await send(client, WRONG, host="näh <>")
    assert answer.headers["mockserver-explain"].startswith("/_mock/worlds/")


async def test_what_is_signed_well_goes_on_to_the_token(client: Api) -> None:
    answer = await send(client, GET)
    assert answer.status == 401
    assert "The access token is none of client" in answer.detail
    assert "mockserver-explain" not in answer.headers


async def test_the_token_call_needs_no_client_id_in_the_header(client: Api) -> None:
    form = f"client_id={client.tenant.client_id}&client_secret={client.tenant.client_secret}&scope=users:read"
    request = POST.but(
        path="/auth/token",
        body=f"{form}&grant_type=client_credentials".encode(),
        headers={"accept": "application/json", "content-type": "application/x-www-form-urlencoded"},
    )
    assert (await send(client, request)).status == 200
    unsigned = request.but(after={"signature": None})
    assert (await send(client, unsigned)).detail == "Signature is incorrect"


class TestWithoutTheHeader:
    @pytest.fixture
    def world(self) -> World:
        settings: Any = merged(shipped("sandbox"), {"signatures": {"explain": False}})
        return World(Profile.model_validate(settings), NOW)

    async def test_the_profile_turns_the_link_off(self, client: Api) -> None:
        assert "mockserver-explain" not in (await send(client, WRONG)).headers
        (entry,) = (await client.get("/_mock/worlds/default/requests")).json["requests"]
        assert "explanation" in entry
