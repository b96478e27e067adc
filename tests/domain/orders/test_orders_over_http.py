"""trading.md §10 to §12: the operations of orders through the whole chain; the client checks every answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from mockserver.hosting.registry import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET
from mockserver.protocol.clients import Auth
from tests.conftest import Answer, Api
from tests.domain.support.desk import AT_85, NOBODY, Desk, fingerprint
from tests.domain.support.requests import order_request


def run(desk: Desk) -> None:
    desk.world.run(desk.world.now + timedelta(seconds=1))


async def placed(client: Api, desk: Desk, **members: Any) -> Answer:
    return await client.post("/orders", json=order_request(desk, **members))


async def test_an_order_is_placed_executed_and_read(client: Api, desk: Desk) -> None:
    answer = await placed(client, desk, cash_amount="1000", client_reference="mine")
    assert answer.status == 202
    assert (answer.json["status"], answer.json["client_reference"]) == ("NEW", "mine")
    run(desk)

    read = await client.get(f"/orders/{answer.json['id']}")
    assert (read.status, read.json["status"]) == (200, "FILLED")
    (execution,) = read.json["executions"]
    assert (execution["price"], execution["share_quantity"]) == ("85.22", "11.7343346632")

    alone = await client.get(f"/orders/{answer.json['id']}/executions/{execution['id']}")
    assert (alone.status, alone.json) == (200, execution)

    listed = await client.get(f"/accounts/{desk.account_id}/orders")
    assert listed.json["data"] == [read.json]
    assert listed.json["meta"]["sort"] == "id"


async def test_an_execution_of_another_order_is_404(client: Api, desk: Desk) -> None:
    orders = [(await placed(client, desk, cash_amount="10")).json["id"] for _ in range(2)]
    run(desk)
    (execution,) = (await client.get(f"/orders/{orders[0]}")).json["executions"]
    assert (await client.get(f"/orders/{orders[1]}/executions/{execution['id']}")).status == 404


async def test_an_order_is_cancelled(client: Api, desk: Desk) -> None:
    order_id = (await placed(client, desk, cash_amount="1000")).json["id"]
    answer = await client.delete(f"/orders/{order_id}")
    assert (answer.status, answer.json) == (202, {"id": order_id})
    run(desk)
    read = (await client.get(f"/orders/{order_id}")).json
    assert (read["status"], read["cancellation_reason"]) == ("CANCELLED", "CANCELLED_BY_CLIENT")
    assert (await client.delete(f"/orders/{NOBODY}")).status == 404


@pytest.mark.parametrize(
    "members",
    [
        {"cash_amount": "10", "note": "unknown member"},
        {"cash_amount": ""},
        {"cash_amount": "10.5"},
        {"cash_amount": "1000000000"},
        {"cash_amount": 10},
        {"quantity": "1e3"},
        {"quantity": 64 * "9"},
        {"quantity": "0." + 28 * "1"},
        {"cash_amount": "10", "side": "HOLD"},
        {"cash_amount": "10", "order_type": "ICEBERG"},
        {"cash_amount": "10", "instrument_id": "DE000593393X"},
        {"cash_amount": "10", "instrument_id_type": "WKN"},
        {"cash_amount": "10", "currency": "JPY"},
        {"cash_amount": "10", "expiry_date": "10.01.2023"},
        {"cash_amount": "10", "client_reference": 101 * "x"},
        {"cash_amount": "10", "fee_configuration": [{"type": "TRANSACTION_FEE_BUY"}]},
        {"cash_amount": "10", "account_id": "mine"},
        # …and what the contract lets through
        {"cash_amount": "10", "quantity": "1"},
        {"quantity": ""},
        {"quantity": "0"},
    ],
)
async def test_a_malformed_order_is_400_and_changes_nothing(client: Api, desk: Desk, members: dict[str, Any]) -> None:
    before = fingerprint(desk.world)
    assert (await placed(client, desk, **members)).status == 400
    assert fingerprint(desk.world) == before


async def test_an_order_without_an_idempotency_key_is_400(client: Api, desk: Desk) -> None:
    answer = await client.post("/orders", json=order_request(desk, cash_amount="10"), key=None)
    assert (answer.status, answer.json["type"].rpartition("/")[2]) == (400, "missing_idempotency_key")


async def test_the_same_key_places_one_order(client: Api, desk: Desk) -> None:
    body = order_request(desk, cash_amount="10")
    key = "0b9ecb51-48d1-4b3b-9a56-04b5fd0a2c8f"
    answers = [(await client.post("/orders", json=body, key=key)).body for _ in range(2)]
    assert answers[0] == answers[1]
    assert desk.types_since().count("ORDER.NEW") == 1


@pytest.mark.parametrize("auth", [Auth.TOKEN])
@pytest.mark.parametrize(("scope", "status"), [("orders:read", 403), ("orders:admin", 202)])
async def test_placing_and_cancelling_need_the_admin_scope(client: Api, desk: Desk, scope: str, status: int) -> None:
    own = {"upvest-client-id": DEFAULT_CLIENT_ID}
    form = {"client_id": DEFAULT_CLIENT_ID, "client_secret": DEFAULT_CLIENT_SECRET, "scope": scope}
    issued = await client.post(
        "/auth/token",
        data=urlencode({**form, "grant_type": "client_credentials"}),
        headers={**own, "content-type": "application/x-www-form-urlencoded"},
    )
    client.headers.update(own, authorization=f"Bearer {issued.json['access_token']}")
    order = desk.place("BUY", AT_85, amount="10")
    assert (await placed(client, desk, cash_amount="10")).status == status
    assert (await client.delete(f"/orders/{order.id}")).status == status
    assert (await client.get(f"/orders/{order.id}")).status == 200
