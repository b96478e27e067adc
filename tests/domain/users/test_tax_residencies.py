"""Tax residencies: one record a user, replaced whole (trading.md §5)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.users import tax_residencies
from mockserver.domain.users.tax_residencies import TAX_RESIDENCIES
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.onboarding import residencies, set_residencies

SET, RETRIEVE = "set_tax_residencies", "retrieve_tax_residencies"

MULTIPLE = [
    {"country": "IT", "tax_identifier_number": "ABCDEF12G34H567I"},
    {"country": "FR", "missing_tin_reason": "TIN_NOT_YET_ASSIGNED"},
    {"country": "DE", "tax_identifier_number": "12345678901"},
]
"""The contract's example."""


def put(desk: Desk, items: list[dict[str, Any]]) -> dict[str, Any]:
    reply = desk.call(SET, {"user_id": desk.user_id}, body={"tax_residencies": items})
    shown: dict[str, Any] = orjson.loads(reply.wire)
    return shown


def now(desk: Desk) -> dict[str, Any]:
    shown: dict[str, Any] = orjson.loads(desk.call(RETRIEVE, {"user_id": desk.user_id}).wire)
    return shown


def test_what_is_set_is_answered_active_at_once(desk: Desk) -> None:
    assert put(desk, MULTIPLE) == {
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "tax_residencies": MULTIPLE,
        "status": "ACTIVE",
    }
    assert now(desk)["tax_residencies"] == MULTIPLE


def test_the_whole_set_is_replaced(desk: Desk) -> None:
    put(desk, MULTIPLE)
    desk.advance("1h")
    put(desk, MULTIPLE[:1])
    after = now(desk)
    assert after["tax_residencies"] == MULTIPLE[:1]
    assert (after["created_at"], after["updated_at"]) == ("2023-01-10T09:00:00Z", "2023-01-10T10:00:00Z")


def test_setting_them_is_no_event(desk: Desk) -> None:
    put(desk, MULTIPLE)
    desk.advance("1m")
    assert desk.types_since() == []


@pytest.mark.parametrize("reason", ["TIN_NOT_YET_ASSIGNED", "COUNTRY_HAS_NO_TIN", "OTHER_REASONS"])
def test_germany_may_be_without_a_number(desk: Desk, reason: str) -> None:
    item = {"country": "DE", "missing_tin_reason": reason}
    assert put(desk, [item])["tax_residencies"] == [item]


def test_members_that_nobody_knows_are_dropped(desk: Desk) -> None:
    assert put(desk, [{**MULTIPLE[0], "city": "Roma"}])["tax_residencies"] == MULTIPLE[:1]


def test_a_country_given_twice_is_refused(desk: Desk) -> None:
    put(desk, MULTIPLE)
    items = [MULTIPLE[0], MULTIPLE[2], {"country": "IT", "missing_tin_reason": "OTHER_REASONS"}]
    refusal = desk.refused(SET, {"user_id": desk.user_id}, body={"tax_residencies": items})
    assert (refusal.rule.status, refusal.rule.name) == (400, "tax-residencies.country-twice")
    assert "tax_residencies.2.country: IT" in refusal.detail


def test_there_are_none_before_they_are_set(desk: Desk) -> None:
    refusal = desk.refused(RETRIEVE, {"user_id": desk.user_id})
    assert (refusal.rule.status, refusal.rule.name) == (404, "tax-residencies.none")


@pytest.mark.parametrize(("operation_id", "body"), [(SET, residencies()), (RETRIEVE, None)])
def test_an_unknown_user_is_refused(desk: Desk, operation_id: str, body: Any) -> None:
    assert desk.refused(operation_id, {"user_id": NOBODY}, body=body).rule.status == 404


def test_each_user_has_a_record_of_their_own(desk: Desk) -> None:
    other = seeding.user(desk.world).id
    set_residencies(desk, "US", user_id=other)
    set_residencies(desk, "DE", "FR")
    asked = [tax_residencies.countries(desk.world, user_id) for user_id in (desk.user_id, other, NOBODY)]
    assert asked == [("DE", "FR"), ("US",), ()]


def test_they_may_be_pending_first(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", {"behaviour": {"tax_residencies": "PENDING"}})
    assert put(desk, MULTIPLE)["status"] == "PENDING"
    assert tax_residencies.countries(desk.world, desk.user_id) == ()
    desk.advance("100ms")
    assert now(desk)["status"] == "ACTIVE"
    assert tax_residencies.countries(desk.world, desk.user_id) == ("IT", "FR", "DE")


def test_a_command_accepts_pending_ones(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", {"behaviour": {"tax_residencies": "PENDING"}})
    put(desk, MULTIPLE)
    desk.move("tax_residencies", desk.user_id, "ACTIVE")
    assert now(desk)["status"] == "ACTIVE"


# --- On the wire ---


async def test_tax_residencies_over_http(client: Api, desk: Desk) -> None:
    path = f"/users/{desk.user_id}/tax_residencies"
    assert (await client.get(path)).status == 404
    answer = await client.post(path, json={"tax_residencies": MULTIPLE})
    assert (answer.status, answer.json["tax_residencies"]) == (200, MULTIPLE)
    assert (await client.get(path)).body == answer.body


async def test_an_idempotency_key_is_needed(client: Api, desk: Desk) -> None:
    answer = await client.post(f"/users/{desk.user_id}/tax_residencies", json=residencies(), key=None)
    assert answer.status == 400
    assert len(desk.world.table(TAX_RESIDENCIES)) == 0


async def test_a_repeat_does_not_replace_what_came_later(client: Api, desk: Desk) -> None:
    path, key = f"/users/{desk.user_id}/tax_residencies", "8962b496-8d42-4560-bfab-10490dd1a721"
    first = await client.post(path, json=residencies("DE"), key=key)
    await client.post(path, json=residencies("FR"))
    assert (await client.post(path, json=residencies("DE"), key=key)).body == first.body
    assert tax_residencies.countries(desk.world, desk.user_id) == ("FR",)


@pytest.mark.parametrize(
    "items",
    [
        [],
        [{"country": "DE"}],
        [{"country": "DE", "tax_identifier_number": "1", "missing_tin_reason": "OTHER_REASONS"}],
        [{"country": "DE", "tax_identifier_number": ""}],
        [{"country": "DE", "tax_identifier_number": "1" * 21}],
        [{"country": "DE", "missing_tin_reason": "FORGOTTEN"}],
        [{"country": "Germany", "tax_identifier_number": "12345678901"}],
    ],
    ids=["none", "bare", "both", "empty", "too-long", "unknown-reason", "country"],
)
async def test_what_the_contract_does_not_know_is_refused(client: Api, desk: Desk, items: list[Any]) -> None:
    answer = await client.post(f"/users/{desk.user_id}/tax_residencies", json={"tax_residencies": items})
    assert answer.status == 400
    assert len(desk.world.table(TAX_RESIDENCIES)) == 0
