"""payments.md §8: virtual cash and cash balance transfers through the whole chain; the client checks every answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mockserver.kernel.world import World
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.pairs import Pair, paired

TRANSFERS = "/payments/cash_balance_transfers"
VIRTUAL = "/virtual_cash_balances"


@pytest.fixture
def cash_model() -> str:
    return "any"


@pytest.fixture
def both(open_desk: OpenDesk, cash_model: str) -> Pair:
    return paired(open_desk(overrides={"payments": {"cash_model": cash_model}}, cash="100"))


@pytest.fixture
def world(both: Pair) -> World:
    return both.desk.world


def run(desk: Desk) -> None:
    desk.world.run(desk.world.now + timedelta(seconds=1))


async def test_a_transfer_is_made_read_listed_and_not_cancelled_afterwards(client: Api, both: Pair) -> None:
    made = await client.post(TRANSFERS, json=both.body())
    assert (made.status, made.json["status"], made.json["cancellation_reason"]) == (200, "ISSUED", None)
    run(both.desk)
    read = await client.get(f"{TRANSFERS}/{made.json['id']}")
    assert (read.status, read.json["status"]) == (200, "CONFIRMED")
    for path in (TRANSFERS, f"/users/{both.desk.user_id}{TRANSFERS}"):
        listed = (await client.get(path)).json
        assert (listed["data"], listed["meta"]["sort"]) == ([read.json], "created_at")
    late = await client.delete(f"{TRANSFERS}/{made.json['id']}")
    assert late.status == 422
    assert "is CONFIRMED; one that is ISSUED can be cancelled" in late.detail


async def test_a_transfer_that_is_issued_is_cancelled_without_a_body(client: Api, both: Pair) -> None:
    made = (await client.post(TRANSFERS, json=both.body())).json
    cancelled = await client.delete(f"{TRANSFERS}/{made['id']}")
    assert (cancelled.status, cancelled.body) == (204, b"")
    read = (await client.get(f"{TRANSFERS}/{made['id']}")).json
    assert (read["status"], read["cancellation_reason"]) == ("CANCELLED", "CANCELLED_BY_CLIENT")


async def test_a_repeated_request_moves_the_cash_once(client: Api, both: Pair) -> None:
    first, again = [await client.post(TRANSFERS, json=both.body(), key=NOBODY) for _ in range(2)]
    assert first.body == again.body
    run(both.desk)
    assert both.books(both.other)[0] == "80"


async def test_virtual_cash_is_accepted_and_a_decrease_cancelled_without_a_body(client: Api, both: Pair) -> None:
    body = {"account_group_id": both.desk.group_id, "amount": "200", "currency": "EUR"}
    for kind in ("increases", "decreases"):
        made = await client.post(f"{VIRTUAL}/{kind}", json=body)
        assert (made.status, made.json["status"], made.json["amount"]) == (202, "ISSUED", "200.00")
    cancelled = await client.delete(f"{VIRTUAL}/decreases/{made.json['id']}")
    assert (cancelled.status, cancelled.body) == (202, b"")
    assert (await client.delete(f"{VIRTUAL}/decreases/{made.json['id']}")).status == 422
    run(both.desk)
    assert both.books() == ("300", "300", "300")


@pytest.mark.parametrize("amount", ["-1", "1.5", "1.234", "1234567890.00", "", "1e2"])
async def test_an_amount_has_nine_digits_and_no_or_two_decimals(client: Api, both: Pair, amount: str) -> None:
    answer = await client.post(TRANSFERS, json=both.body(amount=amount))
    assert (answer.status, "amount" in answer.detail) == (400, True)
    body = {"account_group_id": both.desk.group_id, "amount": amount, "currency": "EUR"}
    assert (await client.post(f"{VIRTUAL}/increases", json=body)).status == 400


@pytest.mark.parametrize(
    ("cash_model", "paths"),
    [
        ("prefunded", [f"{VIRTUAL}/increases", f"{VIRTUAL}/decreases"]),
        ("post_trade", [TRANSFERS]),
    ],
)
@pytest.mark.parametrize("body", ["{}", "no JSON", '{"amount": "0"}'])
async def test_the_other_model_is_refused_before_the_body_is_read(
    client: Api, cash_model: str, paths: list[str], body: Any
) -> None:
    for path in paths:
        answer = await client.post(path, data=body)
        assert (answer.status, "payments.cash_model" in answer.detail) == (403, True)
