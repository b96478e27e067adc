"""What is refused only by inference: off in the profiles for every day, on in ``sandbox-strict``, one request each."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pytest

from mockserver.domain import rules as of_domain
from mockserver.domain.users.users import USERS
from mockserver.hosting.registry import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET
from mockserver.kernel.profile import Refusals, profile
from mockserver.kernel.world import World
from mockserver.protocol import refusals
from mockserver.protocol.clients import Auth
from mockserver.scenario.build import build_world
from mockserver.scenario.load import load
from tests.conftest import NOW, Api

SETTINGS = tuple(Refusals.model_fields)
FORM = (
    f"client_id={DEFAULT_CLIENT_ID}&client_secret={DEFAULT_CLIENT_SECRET}"
    "&grant_type=client_credentials&scope=users:read+users:admin+accounts:read+portfolios:admin+mandates:admin"
)
ALLOCATION = '{"allocation": [{"instrument_id": "IE00BKBF6H24", "instrument_id_type": "ISIN", "weight": "1"}]}'


class Case(NamedTuple):
    setting: str
    method: str
    path: str
    headers: dict[str, str]
    body: str | None
    accepted: int
    refused: int
    rule: str


JSON = {"content-type": "application/json"}
CASES = [
    Case(
        "content_type_parameters",
        "POST",
        "/auth/token",
        {"content-type": "application/x-www-form-urlencoded;charset=UTF-8"},
        FORM,
        200,
        400,
        "request.content-type-parameters",
    ),
    Case(
        "content_type_parameters",
        "POST",
        "/portfolios/allocations",
        {"content-type": "application/json; charset=utf-8"},
        ALLOCATION,
        200,
        400,
        "request.content-type-parameters",
    ),
    Case(
        "problem_accept",
        "DELETE",
        "/users/{user}",
        {"accept": "application/problem+json"},
        "{}",  # ignored: without it this test's own client sends content-length: 0
        202,
        406,
        "request.accept-problem",
    ),
    Case(
        "accept_grammar",
        "GET",
        "/users",
        {"accept": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"},
        None,
        200,
        406,
        "request.accept-grammar",
    ),
    Case(
        "null_members",
        "POST",
        "/portfolios/allocations",
        JSON,
        ALLOCATION.replace("{", '{"name": null, ', 1),
        200,
        400,
        "body.invalid",
    ),
    Case("empty_length", "GET", "/users", {"content-length": "0"}, None, 200, 400, "request.content-length"),
    Case(
        "future_confirmations",
        "POST",
        "/payments/mandates",
        JSON | {"idempotency-key": "fd9e3a22-7b04-4f2e-8a36-5b5b5b5b5b5b"},
        '{"user_id": "{user}", "iban": "DE02100500000054540402", "bic": "BELADEBE", '
        '"confirmed_at": "2026-01-01T00:00:00Z"}',
        200,
        400,
        "bank-details.confirmed-at",
    ),
    Case(
        "future_birth_dates",
        "POST",
        "/users",
        JSON | {"idempotency-key": "fd9e3a22-7b04-4f2e-8a36-5b5b5b5b5b5b"},
        '{"first_name": "Ada", "last_name": "Lovelace", "birth_date": "2030-01-01", "nationalities": ["DE"], '
        '"address": {"address_line1": "Rosenweg 1", "postcode": "10115", "city": "Berlin", "country": "DE"}}',
        200,
        400,
        "user.birth-date",
    ),
]


@pytest.fixture
def auth() -> Auth:
    return Auth.TOKEN


@pytest.fixture
def settings() -> Any:
    """The profile of the world: a test may override it by parameters."""
    return "sandbox"


@pytest.fixture
def world(settings: Any) -> World:
    return build_world(load({"name": "one-user", "profile": settings, "users": [{"as": "ada"}]}), now=NOW, seed=1)


async def asked(client: Api, case: Case) -> tuple[int, str | None]:
    """The status, and the rule that refused it."""
    client.headers = {"upvest-client-id": DEFAULT_CLIENT_ID, "accept": "application/json"}
    if case.path != "/auth/token":
        form = {"content-type": "application/x-www-form-urlencoded"}
        token = (await client.post("/auth/token", data=FORM, headers=form)).json["access_token"]
        client.headers["authorization"] = f"Bearer {token}"
    (user,) = client.world.table(USERS)
    path = case.path.format(user=user.id)
    body = None if case.body is None else case.body.replace("{user}", user.id)
    answer = await client.request(case.method, path, headers=case.headers, data=body)
    *_, last = client.tenant.journal
    return answer.status, last.refusal


def test_each_setting_has_a_request() -> None:
    assert {case.setting for case in CASES} == set(SETTINGS)


def test_every_rule_that_names_a_setting_names_one_that_exists_and_has_a_request() -> None:
    named = {
        rule.name: setting
        for rule in (*refusals.ALL, *of_domain.ALL)
        for setting in re.findall(r"profile setting refusals\.(\w+)", rule.detail)
    }
    assert named == {case.rule: case.setting for case in CASES if case.rule != "body.invalid"}


@pytest.mark.parametrize("name", ["sandbox", "live", "manual"])
def test_every_day_none_is_on(name: str) -> None:
    assert profile(name).refusals == Refusals()
    assert not any(profile(name).refusals.model_dump().values())


def test_strictly_all_are_on() -> None:
    assert all(profile("sandbox-strict").refusals.model_dump().values())


@pytest.mark.parametrize("settings", ["sandbox", "live", "manual"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.setting} {case.path}")
async def test_it_passes_in_the_profiles_for_every_day(client: Api, case: Case) -> None:
    assert await asked(client, case) == (case.accepted, None)


@pytest.mark.parametrize("settings", ["sandbox-strict"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.setting} {case.path}")
async def test_it_is_refused_by_the_strict_one(client: Api, case: Case) -> None:
    assert await asked(client, case) == (case.refused, case.rule)


@pytest.mark.parametrize(
    ("case", "settings", "refused"),
    [
        each
        for case in CASES
        for each in (
            (case, {"base": "sandbox", "refusals": {case.setting: True}}, True),
            (case, {"base": "sandbox-strict", "refusals": {case.setting: False}}, False),
        )
    ],
)
async def test_each_setting_is_its_own(client: Api, case: Case, refused: bool) -> None:
    expected = (case.refused, case.rule) if refused else (case.accepted, None)
    assert await asked(client, case) == expected
