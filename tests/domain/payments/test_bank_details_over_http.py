"""Reference accounts and mandates as a client meets them: statuses, empty answers, repeated keys."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.domain import seeding
from mockserver.kernel.world import World
from tests.conftest import Api

DETAILS = {"iban": "DE02100500000054540402", "bic": "BELADEBE", "confirmed_at": "2023-01-09T14:15:22Z"}
REFERENCE_ACCOUNTS, MANDATES = "/payments/reference_accounts", "/payments/mandates"


@pytest.fixture
def details(world: World) -> dict[str, Any]:
    """The body for either; only reference accounts have an owner."""
    return {**DETAILS, "user_id": seeding.user(world).id}


async def test_a_mandate_is_deleted_once(client: Api, details: dict[str, Any]) -> None:
    made = (await client.post(MANDATES, json=details)).json
    path = f"{MANDATES}/{made['id']}"
    assert (await client.get(path)).json == made
    gone = await client.request("DELETE", path)
    assert (gone.status, gone.body) == (204, b"")
    assert [(await client.request(method, path)).status for method in ("DELETE", "GET")] == [404, 404]


async def test_the_last_reference_account_is_kept(client: Api, details: dict[str, Any]) -> None:
    body = {**details, "account_owner": "Erika"}
    first = (await client.post(REFERENCE_ACCOUNTS, json=body)).json["id"]
    kept = await client.request("DELETE", f"{REFERENCE_ACCOUNTS}/{first}")
    assert (kept.status, "is the only one" in kept.detail) == (403, True)
    second = (await client.post(REFERENCE_ACCOUNTS, json=body)).json["id"]
    assert (await client.request("DELETE", f"{REFERENCE_ACCOUNTS}/{first}")).status == 204
    found = (await client.get(f"/users/{details['user_id']}{REFERENCE_ACCOUNTS}")).json
    assert ([each["id"] for each in found["data"]], found["meta"]["total_count"]) == ([second], 1)


async def test_a_key_gets_its_answer_again_when_the_mandate_is_gone(client: Api, details: dict[str, Any]) -> None:
    """A stored answer stays (concepts.md §3): nothing is made anew."""
    key = {"idempotency-key": "0f8c9a6e-5d1b-4c3a-9e2f-1a2b3c4d5e6f"}
    first = await client.post(MANDATES, json=details, headers=key)
    await client.request("DELETE", f"{MANDATES}/{first.json['id']}")
    again = await client.post(MANDATES, json=details, headers=key)
    assert (again.status, again.body) == (200, first.body)
    assert (await client.get(f"/users/{details['user_id']}{MANDATES}")).json["data"] == []


@pytest.mark.parametrize("path", [REFERENCE_ACCOUNTS, MANDATES])
async def test_businesses_are_unknown(client: Api, path: str) -> None:
    """None can be onboarded yet."""
    unknown = "404b170a-9042-41ed-9a51-2eabd0c03f8a"
    assert (await client.get(f"/businesses/{unknown}{path}")).status == 404
    owner = {"account_owner": "Ltd"} if path == REFERENCE_ACCOUNTS else {}
    answer = await client.post(path, json={**DETAILS, **owner, "business_id": unknown})
    assert (answer.status, answer.detail) == (404, f"There is no business {unknown}.")
