"""Users and identifiers through the whole chain: statuses, problems, idempotency keys, hostile bodies."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mockserver.domain.users.data_changes import DATA_CHANGES
from mockserver.domain.users.identifiers import IDENTIFIERS
from mockserver.domain.users.users import USERS
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk, fingerprint
from tests.domain.support.people import BYOL, TIED, TOL

PROBLEMS = "https://docs.upvest.co/errors/"
PESEL = {"type": "NATIONAL_ID", "issuing_country": "PL", "identifier": "83053078917"}


@pytest.fixture
def desk(open_desk: OpenDesk, request: pytest.FixtureRequest) -> Desk:
    """As other tests have it; with settings where a test gives them by ``indirect``."""
    return open_desk(overrides=getattr(request, "param", None))


tied = pytest.mark.parametrize("desk", [TIED], indirect=True)


async def test_a_user_is_created_read_and_listed(client: Api) -> None:
    made = await client.post("/users", json=BYOL)
    assert (made.status, made.json["status"]) == (200, "INACTIVE")
    assert (await client.get(f"/users/{made.json['id']}")).body == made.body
    assert (await client.get("/users?order=DESC&limit=1")).json["data"] == [made.json]


@tied
async def test_a_tol_user_is_created(client: Api) -> None:
    made = await client.post("/users", json=TOL)
    assert (made.status, made.json["fatca"]) == (200, TOL["fatca"])


@tied
async def test_a_byol_body_of_a_tol_client_is_a_problem(client: Api, desk: Desk) -> None:
    before = fingerprint(desk.world)
    answer = await client.post("/users", json=BYOL)
    assert (answer.status, answer.json["type"]) == (400, f"{PROBLEMS}invalid_request")
    assert answer.detail.startswith("(root): field 'fatca' was not filled")
    assert fingerprint(desk.world) == before


@tied
async def test_a_long_unknown_name_is_not_echoed(client: Api) -> None:
    fatca = {"status": True, "confirmed_at": "2020-08-24T14:15:22Z", "x" * 100_000: 1}
    answer = await client.post("/users", json={**TOL, "fatca": fatca})
    assert (answer.status, len(answer.detail) < 1000) == (400, True)


async def test_creation_needs_an_idempotency_key(client: Api, desk: Desk) -> None:
    before = fingerprint(desk.world)
    answer = await client.post("/users", json=BYOL, key=None)
    assert (answer.status, answer.json["type"]) == (400, f"{PROBLEMS}missing_idempotency_key")
    assert fingerprint(desk.world) == before


async def test_a_repeated_creation_creates_once(client: Api, desk: Desk) -> None:
    count = len(desk.world.table(USERS))
    answers = [await client.post("/users", json=BYOL, key=NOBODY) for _ in range(2)]
    assert answers[0].body == answers[1].body
    assert len(desk.world.table(USERS)) == count + 1


@pytest.mark.parametrize("change", [{"first_name": "X"}, {"birth_date": "1972-02-30"}, {"nationalities": []}])
async def test_a_body_that_fits_no_form_is_a_problem(client: Api, desk: Desk, change: dict[str, Any]) -> None:
    before = fingerprint(desk.world)
    answer = await client.post("/users", json={**BYOL, **change})
    assert (answer.status, answer.json["type"]) == (400, f"{PROBLEMS}invalid_request")
    assert next(iter(change)) in answer.detail
    assert fingerprint(desk.world) == before


async def test_a_change_is_accepted_without_a_key_and_without_an_answer(client: Api, desk: Desk) -> None:
    path = f"/users/{desk.user_id}"
    answer = await client.post(f"{path}/data_change_requests", json={"first_name": "Carla"}, key=None)
    assert (answer.status, answer.body) == (202, b"")
    assert (await client.get(path)).json["first_name"] == "Erika"
    await client.post("/_mock/worlds/default/clock/advance", json={"by": "1s"})
    assert (await client.get(path)).json["first_name"] == "Carla"


async def test_a_change_fails_by_command(client: Api, desk: Desk) -> None:
    await client.post(f"/users/{desk.user_id}/data_change_requests", json={"first_name": "Carla"})
    (row,) = desk.world.table(DATA_CHANGES)
    move = {"resource": "data_changes", "id": row.id, "to": "FAILED", "with": {"reason": "Name differs"}}
    done = await client.post("/_mock/worlds/default/moves", json=move)
    assert [event["type"] for event in done.json["events"]] == ["USER.DATA_CHANGE_FAILED"]
    assert done.json["events"][0]["object"] == {"user_id": desk.user_id, "reason": "Name differs"}


async def test_a_reason_that_is_too_long_is_refused(client: Api, desk: Desk) -> None:
    await client.post(f"/users/{desk.user_id}/data_change_requests", json={"first_name": "Carla"})
    (row,) = desk.world.table(DATA_CHANGES)
    before = fingerprint(desk.world)
    move = {"resource": "data_changes", "id": row.id, "to": "FAILED", "with": {"reason": "x" * 101}}
    assert (await client.post("/_mock/worlds/default/moves", json=move)).status == 400
    assert fingerprint(desk.world) == before


@tied
async def test_a_mixed_change_is_a_problem(client: Api, desk: Desk) -> None:
    body = {"email": "max@example.com", "birth_date": "1972-09-30"}
    answer = await client.post(f"/users/{desk.user_id}/data_change_requests", json=body)
    assert (answer.status, "birth_date cannot be changed" in answer.detail) == (400, True)


@tied
@pytest.mark.parametrize(
    "odd", [b"NaN", b"-Infinity", b"1" * 400, b"1e999", b"[" * 150 + b"]" * 150, b'"\\u0000\xf0\x9f\x98\x80"']
)
async def test_what_is_ignored_may_be_anything(client: Api, desk: Desk, odd: bytes) -> None:
    body = orjson.dumps({"email": "max@example.com"})[:-1] + b',"odd":' + odd + b"}"
    answer = await client.post(f"/users/{desk.user_id}/data_change_requests", data=body)
    assert answer.status == 202
    made = await client.post("/users", data=orjson.dumps(TOL)[:-1] + b',"odd":' + odd + b"}")
    assert made.status == 200


async def test_a_user_is_offboarded(client: Api, desk: Desk) -> None:
    path = f"/users/{desk.user_id}"
    answers = [await client.delete(path, key=None) for _ in range(2)]
    assert [(each.status, each.body) for each in answers] == [(202, b""), (202, b"")]
    assert (await client.get(path)).json["status"] == "OFFBOARDING"
    assert desk.types_since() == ["USER.OFFBOARDING_INITIATED"]


async def test_why_a_user_is_not_gone_yet_can_be_seen(client: Api, desk: Desk) -> None:
    await client.delete(f"/users/{desk.user_id}")
    await client.post("/_mock/worlds/default/clock/advance", json={"by": "1s"})
    seen = await client.get(f"/_mock/worlds/default/state/users/{desk.user_id}")
    assert f"account {desk.account_id} is ACTIVE" in seen.json["waits"]["reason"]


async def test_identifiers_are_created_read_changed_and_listed(client: Api, desk: Desk) -> None:
    path = f"/users/{desk.user_id}/identifiers"
    made = await client.post(path, json=PESEL, key=None)
    assert (made.status, made.json["identifier_standard"]) == (200, "PESEL")
    one = f"{path}/{made.json['id']}"
    assert (await client.get(one)).body == made.body
    changed = await client.patch(one, json={"identifier": "83053078111"}, key=None)
    assert (changed.status, changed.json["identifier"]) == (200, "83053078111")
    assert (await client.get(path)).json["data"][-1] == changed.json


async def test_a_wrong_identifier_is_a_problem(client: Api, desk: Desk) -> None:
    before = list(desk.world.table(IDENTIFIERS))
    body = {"type": "NATIONAL_ID", "issuing_country": "ES", "identifier": "123"}
    answer = await client.post(f"/users/{desk.user_id}/identifiers", json=body)
    assert (answer.status, answer.json["type"]) == (400, f"{PROBLEMS}invalid_request")
    assert answer.detail == "(root).identifier: '123' is no STIN of ES, which has the form [A-Z0-9]{9}."
    assert list(desk.world.table(IDENTIFIERS)) == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("DELETE", "", None),
        ("POST", "/data_change_requests", {"first_name": "Carla"}),
        ("GET", "/identifiers", None),
        ("POST", "/identifiers", PESEL),
        ("GET", f"/identifiers/{NOBODY}", None),
        ("PATCH", f"/identifiers/{NOBODY}", {"identifier": "1"}),
    ],
)
async def test_an_unknown_user_is_404(client: Api, method: str, path: str, body: Any) -> None:
    answer = await client.request(method, f"/users/{NOBODY}{path}", json=body)
    assert (answer.status, answer.detail) == (404, f"There is no user {NOBODY}.")
