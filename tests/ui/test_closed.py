"""Pages and forms are closed to strangers as commands are: by origin, host, machine, and token."""

from __future__ import annotations

import logging

import pytest

from tests.ui.pages import UI, visiting

TOKEN = "a-secret-token"
TIMELINE = "/default/timeline"
SIGN_IN = "/sign-in"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", None])
async def test_a_form_of_another_page_changes_nothing(origin: str | None) -> None:
    async with visiting() as visitor:
        before = await visitor.state()
        status, _, page = await visitor.send(TIMELINE, origin=origin, do="advance", by="1d")
        assert status == 403
        assert "origin" in page.text
        assert await visitor.state() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "http://evil.example"},
        {"x-forwarded-for": "192.0.2.1"},
    ],
)
async def test_no_page_is_shown_to_a_stranger(headers: dict[str, str]) -> None:
    async with visiting(scenarios=["portfolio-switch"]) as visitor:
        for path in ("/", TIMELINE, "/default/settings?show=secrets", "/default/recording"):
            page = await visitor.open(path, status=403, headers=headers)
            assert "portfolio-switch" not in page.text
            assert "PRIVATE KEY" not in page.text


async def test_a_body_of_another_type_than_a_form_is_refused() -> None:
    async with visiting() as visitor:
        headers = {"origin": visitor.url}
        async with visitor.session.post(UI + TIMELINE, json={"do": "advance"}, headers=headers) as answer:
            assert answer.status == 415


async def test_with_a_token_every_page_asks_for_it_and_says_nothing_else() -> None:
    async with visiting(control_token=TOKEN, scenarios=["portfolio-switch"]) as visitor:
        for path in ("/", TIMELINE, "/api"):
            page = await visitor.open(path, status=401)
            assert "portfolio-switch" not in page.text
            assert page.all("input", name="next")[0]["value"] == UI + path
        status, _, _ = await visitor.send(TIMELINE, do="advance", by="1d")
        assert status == 401


async def test_the_token_opens_the_pages_by_a_cookie_that_no_script_reads() -> None:
    async with visiting(control_token=TOKEN) as visitor:
        data = {"token": TOKEN, "next": UI + TIMELINE}
        headers = {"origin": visitor.url}
        async with visitor.session.post(UI + SIGN_IN, data=data, headers=headers, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["location"]) == (303, UI + TIMELINE)
            cookie = answer.headers["set-cookie"]
        assert TOKEN not in cookie
        assert {"Path=/_mock/", "HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))
        mine = {"cookie": cookie.partition(";")[0]}
        await visitor.open(TIMELINE, headers=mine)
        async with visitor.session.get("/_mock/worlds", headers=mine) as answer:
            assert answer.status == 200
        form = {"do": "advance", "by": "1h"}
        for origin, status in ((visitor.url, 303), ("http://evil.example", 403)):
            sent = {**mine, "origin": origin}
            async with visitor.session.post(UI + TIMELINE, data=form, headers=sent, allow_redirects=False) as answer:
                assert answer.status == status
        path = "/_mock/worlds/default/clock/advance"
        async with visitor.session.post(path, json={"by": "1h"}, headers=mine) as answer:
            assert answer.status == 403
            assert "control.session" in await answer.text() or "origin" in await answer.text()
        async with visitor.session.post(path, json={"by": "1h"}, headers={**mine, "origin": visitor.url}) as answer:
            assert answer.status == 200
        stranger = {"cookie": f"{mine['cookie'][:-1]}x"}
        await visitor.open(TIMELINE, status=401, headers=stranger)


@pytest.mark.parametrize("target", ["//evil.example", "http://evil.example", "/_mock/ui/\\evil", "/users", ""])
async def test_signing_in_leads_to_pages_of_the_dashboard_alone(target: str) -> None:
    async with visiting(control_token=TOKEN) as visitor:
        status, found, _ = await visitor.send(SIGN_IN, token=TOKEN, next=target)
        assert (status, found) == (303, f"{UI}/")


async def test_a_wrong_token_and_a_page_of_another_origin_get_no_cookie() -> None:
    async with visiting(control_token=TOKEN) as visitor:
        status, _, page = await visitor.send(SIGN_IN, token="guess", next="")
        assert status == 401
        assert "not the token" in page.text
        assert (await visitor.send(SIGN_IN, origin="http://evil.example", token=TOKEN))[0] == 403


async def test_nothing_of_the_token_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with visiting(control_token=TOKEN) as visitor:
        await visitor.send(SIGN_IN, token=TOKEN, next="")
        await visitor.send(SIGN_IN, token=TOKEN + "x", next="")
        await visitor.open(TIMELINE, status=401)
    assert TOKEN not in caplog.text


async def test_secrets_are_hidden_until_somebody_wants_them() -> None:
    async with visiting() as visitor:
        secret = (await visitor.ask("GET", "/_mock/worlds/default"))["client_secret"]
        assert secret not in (await visitor.open("/default/settings")).text
        shown = (await visitor.open("/default/settings?show=secrets")).text
        assert secret in shown
        assert "PRIVATE KEY" in shown
