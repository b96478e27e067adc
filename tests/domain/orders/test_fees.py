"""trading.md §10.4: the fee that Upvest collects, and what it does to cash."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.domain.orders.fees import collected
from mockserver.domain.orders.orders import ORDERS, Order
from mockserver.models.orders import OrderAbsoluteFee
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, IN_PARTS, Desk

UPVEST, CLIENT = "COLLECTED_BY_UPVEST", "CHARGED_BY_CLIENT"


def fee(amount: str, charge_method: str = UPVEST, side: str = "BUY", currency: str = "EUR") -> OrderAbsoluteFee:
    return OrderAbsoluteFee.model_validate(
        {
            "type": f"TRANSACTION_FEE_{side}",
            "value_type": "ABSOLUTE",
            "charge_method": charge_method,
            "cash_amount": amount,
            "currency": currency,
        }
    )


def ordered(desk: Desk, side: str, *fees: Any, isin: str = AT_100, amount: str = "100", **by: str) -> Order:
    """A market order with fees, not dealt yet."""
    order = desk.place(side, isin, amount=None if by else amount, **by)
    return desk.world.table(ORDERS).put(order.evolve(fee_configuration=fees))


def taken(desk: Desk, order: Order) -> Decimal:
    """What the first execution of 100 takes."""
    return collected(desk.world, order, Decimal(100))


def booked(desk: Desk) -> list[dict[str, Any]]:
    return [orjson.loads(row.wire) for row in desk.rows("list_cash_transactions")]


@pytest.mark.parametrize(
    ("fees", "expected"),
    [
        ((), "0"),
        ((fee("10"),), "10"),
        ((fee("10"), fee("2.50")), "12.50"),
        ((fee("10", CLIENT),), "0"),
        ((fee("10", CLIENT), fee("3")), "3"),
        ((fee("10", side="SELL"),), "0"),  # a list may name the fee of either side
        ((fee("10", side="SELL"), fee("4")), "4"),
        ((fee("10", currency="USD"),), "0"),
        ((fee("999999999.99"), fee("999999999.99")), "1999999999.98"),
    ],
)
def test_upvest_collects_the_absolute_fees_of_the_order_s_side(desk: Desk, fees: Any, expected: str) -> None:
    assert taken(desk, ordered(desk, "BUY", *fees)) == Decimal(expected)


def test_the_fee_of_a_sell_is_collected_from_a_sell(desk: Desk) -> None:
    desk.hold(AT_100, "5")
    assert taken(desk, ordered(desk, "SELL", fee("10", side="SELL"), quantity="1")) == 10


def test_an_order_without_a_fee_configuration_has_no_fee(desk: Desk) -> None:
    assert taken(desk, desk.place("BUY", AT_100, amount="100")) == 0


def test_a_buy_of_100_with_a_fee_of_10_costs_110(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="500")
    ordered(desk, "BUY", fee("10"))
    desk.advance("1m")
    (row,) = booked(desk)
    assert row["delta"] == {"amount": "-110", "currency": "EUR"}
    assert row["fees"] == [{"amount": "10", "currency": "EUR", "type": "TOTAL", "charge_method": UPVEST}]
    assert desk.cash()["balance"] == "390"
    (execution,) = desk.told("EXECUTION.FILLED")
    assert (execution["cash_amount"], execution["share_quantity"]) == ("100", "1")  # gross


def test_a_sell_of_100_with_a_fee_of_10_brings_90(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="0")
    desk.hold(AT_100, "1")
    ordered(desk, "SELL", fee("10", side="SELL"), quantity="1")
    desk.advance("1m")
    (row,) = booked(desk)
    assert (row["delta"]["amount"], row["fees"][0]["amount"]) == ("90", "10")
    assert (desk.cash()["balance"], desk.cash()["pending_settlement"]) == ("90", "90")
    desk.advance("7d")
    assert (desk.cash()["pending_settlement"], desk.cash()["available_for_withdrawal"]) == ("0", "90")


def test_the_fee_of_the_client_moves_no_cash(desk: Desk) -> None:
    ordered(desk, "BUY", fee("10", CLIENT))
    desk.advance()
    (row,) = booked(desk)
    assert (row["delta"]["amount"], "fees" in row) == ("-100", False)
    assert desk.cash()["balance"] == "9900"


def test_the_fee_goes_with_the_first_of_several_executions(desk: Desk) -> None:
    ordered(desk, "BUY", fee("10"), isin=IN_PARTS, amount="300")
    desk.advance()
    rows = sorted(booked(desk), key=lambda row: row["created_at"])
    assert [row["delta"]["amount"] for row in rows] == ["-110", "-100", "-100"]
    assert ["fees" in row for row in rows] == [True, False, False]


def test_what_the_first_part_of_a_sell_does_not_bring_is_taken_from_the_next(desk: Desk) -> None:
    """Inferred. 300 in three parts of 100, with a fee of 130: 100, then 30, then none."""
    desk.hold(IN_PARTS, "3")
    ordered(desk, "SELL", fee("130", side="SELL"), isin=IN_PARTS, quantity="3")
    desk.advance()
    rows = sorted(booked(desk), key=lambda row: row["created_at"])
    assert [row["delta"]["amount"] for row in rows] == ["0", "70", "100"]
    assert [row["fees"][0]["amount"] for row in rows[:2]] == ["100", "30"]


def test_the_order_shows_what_was_collected_once_it_is_executed(desk: Desk) -> None:
    order = ordered(desk, "BUY", fee("10"), fee("5", CLIENT))
    assert order.fee == "0.0"
    desk.advance()
    assert Decimal(desk.call("retrieve_order", {"order_id": order.id}).fee) == 10


def test_a_fee_takes_no_more_than_a_sell_brings(desk: Desk) -> None:
    """Inferred: nothing is owed afterwards."""
    desk.hold(AT_100, "1")
    order = ordered(desk, "SELL", fee("30", side="SELL"), quantity="0.2")
    desk.advance()
    (row,) = booked(desk)
    assert (row["delta"]["amount"], row["fees"][0]["amount"]) == ("0", "20")
    assert Decimal(desk.call("retrieve_order", {"order_id": order.id}).fee) == 20


# --- Over HTTP ---


async def test_an_order_names_its_fee(desk: Desk, client: Api) -> None:
    charged = fee("10").model_dump(mode="json")
    body = {
        "user_id": desk.user_id,
        "account_id": desk.account_id,
        "side": "BUY",
        "instrument_id": AT_100,
        "instrument_id_type": "ISIN",
        "cash_amount": "100",
        "fee_configuration": [charged],
    }
    placed = await client.post("/orders", json=body)
    assert (placed.status, placed.json["fee_configuration"]) == (202, [charged])
    await client.post("/_mock/worlds/default/clock/advance", json={"by": "1s"})
    rows = await client.get("/transactions/cash")
    assert [row["delta"]["amount"] for row in rows.json["data"]] == ["-110"]
    shown = await client.get(f"/orders/{placed.json['id']}")
    assert (shown.json["status"], Decimal(shown.json["fee"])) == ("FILLED", Decimal(10))
