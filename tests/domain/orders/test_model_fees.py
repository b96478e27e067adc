"""payments.md §10.7: orders that name a transaction fee model."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, IN_PARTS, NOBODY, PARTS_ONLY, Desk
from tests.domain.support.fee_models import (
    CLIENT,
    LADDER,
    PERCENT,
    UPVEST,
    by,
    created,
    ladder,
    model_request,
    relative,
)
from tests.domain.support.requests import now, order_request, ordered, waits_for

CHEAPER = relative({"fee_bps": "100"}, {"base_amount_from": "300", "fee_bps": "10"})
"""1 %, from 300 on 0.1 %."""


def moved(desk: Desk) -> list[str]:
    """What the cash transactions of executions moved."""
    return [each["delta"]["amount"] for each in desk.told("CASH_TRANSACTION.EXECUTED")]


def fees(desk: Desk) -> list[str | None]:
    """The fee that each cash transaction shows."""
    rows = [each.get("fees") for each in desk.told("CASH_TRANSACTION.EXECUTED")]
    return [row[0]["amount"] if row else None for row in rows]


@pytest.mark.parametrize(
    ("amount", "fee"),
    [("499.99", "1"), ("500.00", "2"), ("1999.99", "2"), ("2000", "5"), ("9999.99", "5"), ("10000", "10")],
)
def test_a_nominal_buy_costs_its_amount_and_the_fee_of_the_ladder(open_desk: OpenDesk, amount: str, fee: str) -> None:
    desk = open_desk(cash="10010")
    order = ordered(desk, instrument_id=AT_100, cash_amount=amount, **by(created(desk, ladder(LADDER))))
    cost = Decimal(amount) + Decimal(fee)
    assert (order.fee, Decimal(desk.cash()["locked_for_trading"])) == ("0.0", cost)
    desk.advance()
    assert [Decimal(each) for each in moved(desk)] == [-cost]
    assert (fees(desk), now(desk, order).fee) == ([fee], fee)
    (transaction,) = desk.told("CASH_TRANSACTION.EXECUTED")
    assert transaction["fees"] == [{"amount": fee, "currency": "EUR", "type": "TOTAL", "charge_method": UPVEST}]
    assert desk.cash()["locked_for_trading"] == "0"


@pytest.mark.parametrize(("amount", "fee"), [("50", "1"), ("250", "2.50"), ("20000", "100")])
def test_a_nominal_buy_costs_the_percentage_within_floor_and_cap(open_desk: OpenDesk, amount: str, fee: str) -> None:
    desk = open_desk(cash="20100")
    order = ordered(desk, instrument_id=AT_100, cash_amount=amount, **by(created(desk, relative(PERCENT))))
    desk.advance()
    assert (fees(desk), now(desk, order).fee) == ([fee], fee)


def test_a_sell_brings_its_amount_less_the_fee(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    desk.hold(AT_100, "10")
    order = ordered(desk, side="SELL", instrument_id=AT_100, quantity="5", **by(created(desk, ladder(LADDER)), "SELL"))
    desk.advance()
    assert (moved(desk), desk.cash()["balance"], now(desk, order).fee) == (["498"], "498", "2")


def test_a_model_of_the_client_moves_no_cash(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="100")
    model_id = created(desk, ladder(LADDER), charge_method=CLIENT)
    order = ordered(desk, instrument_id=AT_100, cash_amount="100", **by(model_id))
    desk.advance()
    assert (moved(desk), fees(desk), now(desk, order).fee) == (["-100"], [None], "0.0")
    assert desk.cash()["balance"] == "0"


def test_a_model_for_the_other_side_takes_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="100")
    order = ordered(desk, instrument_id=AT_100, cash_amount="100", **by(created(desk, ladder(LADDER)), "SELL"))
    desk.advance()
    assert (moved(desk), now(desk, order).fee) == (["-100"], "0.0")


def test_the_scope_of_the_base_amount_makes_no_difference(desk: Desk) -> None:
    for scope in ("ORDER", "GROSS_AMOUNT"):
        model_id = created(desk, ladder(LADDER), base_amount_scope=scope)
        ordered(desk, instrument_id=IN_PARTS, quantity="5", **by(model_id))
        desk.advance()
    assert fees(desk) == 2 * ["1", None, None, None, "1"]  # 100, 200, 300, 400: 1; 500: 2


# --- Buffers ---


@pytest.mark.parametrize(
    ("size", "lock"),
    [
        ({"cash_amount": "480"}, "481"),
        ({"quantity": "4"}, "441"),  # 110 % of 400 costs 1
        ({"quantity": "4.8"}, "530"),  # 110 % of 480 is 528, which costs 2
    ],
)
def test_a_buy_waits_for_the_cash_of_its_fee(open_desk: OpenDesk, size: dict[str, str], lock: str) -> None:
    desk = open_desk(cash=str(Decimal(lock) - Decimal("0.01")))
    order = ordered(desk, instrument_id=AT_100, **size, **by(created(desk, ladder(LADDER))))
    desk.advance("1d")
    assert now(desk, order).status == "NEW"
    short = Decimal(lock) - Decimal("0.01")
    assert waits_for(desk, order) == f"not enough cash: {short} of {lock} EUR is available for trading"
    desk.fund("0.01")
    desk.advance()
    assert now(desk, order).status == "FILLED"
    assert desk.cash()["locked_for_trading"] == "0"


def test_the_buffer_of_units_holds_the_largest_fee_on_the_way(open_desk: OpenDesk) -> None:
    """A later tier may be cheaper; parts may still be charged by the dearer one: at most 1 % of 300."""
    desk = open_desk(cash="10000")
    ordered(desk, instrument_id=IN_PARTS, quantity="5", **by(created(desk, CHEAPER)))
    assert desk.cash()["locked_for_trading"] == "553"  # 110 % of 500, and 3


# --- Parts ---


def test_a_nominal_order_pays_the_fee_of_its_amount_with_the_first_execution(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="502")
    order = ordered(desk, instrument_id=IN_PARTS, cash_amount="500", **by(created(desk, ladder(LADDER))))
    desk.advance("250ms")
    assert (now(desk, order).fee, moved(desk)) == ("2", ["-102"])
    desk.advance()
    assert moved(desk) == ["-102", "-100", "-100", "-100", "-100"]
    assert (now(desk, order).fee, desk.cash()["balance"]) == ("2", "0")


def test_a_nominal_order_that_is_cancelled_on_the_way_has_paid_for_its_amount(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="1000")
    order = ordered(desk, instrument_id=PARTS_ONLY, cash_amount="500", **by(created(desk, ladder(LADDER))))
    desk.advance()
    done = now(desk, order)
    assert (done.status, done.fee, sum(Decimal(each.cash_amount) for each in done.executions)) == (
        "CANCELLED",
        "2",
        400,
    )
    assert (desk.cash()["balance"], desk.cash()["available_for_trading"]) == ("598", "598")


def test_an_order_by_units_pays_with_each_execution_what_the_sum_so_far_costs(desk: Desk) -> None:
    order = ordered(desk, instrument_id=IN_PARTS, quantity="4.5", **by(created(desk, relative(PERCENT))))
    shown = []
    for _ in range(5):
        desk.advance("100ms")
        shown.append(now(desk, order).fee)
    desk.advance()
    # 90, 180, 270, 360, 450: 1 (the floor), 1.80, 2.70, 3.60, 4.50
    assert fees(desk) == ["1", "0.80", "0.90", "0.90", "0.90"]
    assert now(desk, order).fee == "4.50"
    assert [each for each in dict.fromkeys(shown) if each != "0.0"] == ["1", "1.80", "2.70", "3.60"]


def test_an_order_by_units_that_is_cancelled_on_the_way_pays_for_what_was_dealt(desk: Desk) -> None:
    order = ordered(desk, instrument_id=PARTS_ONLY, quantity="6", **by(created(desk, ladder(LADDER))))
    desk.advance()
    done = now(desk, order)
    assert (done.status, len(done.executions), done.fee) == ("CANCELLED", 4, "1")  # 480


def test_nothing_is_paid_back_when_a_later_tier_is_cheaper(desk: Desk) -> None:
    order = ordered(desk, instrument_id=IN_PARTS, quantity="5", **by(created(desk, CHEAPER)))
    desk.advance()
    assert fees(desk) == ["1", "1", None, None, None]  # 1 % of 100 and of 200; from 300 on 0.30 and more
    assert now(desk, order).fee == "2"


def test_what_a_part_of_a_sell_does_not_bring_is_taken_from_the_next(desk: Desk) -> None:
    """A floor of 130 on parts of 100."""
    desk.hold(IN_PARTS, "3")
    model_id = created(desk, relative({"fee_bps": "0", "min_fee_amount": "130"}))
    ordered(desk, side="SELL", instrument_id=IN_PARTS, quantity="3", **by(model_id, "SELL"))
    desk.advance()
    assert (moved(desk), fees(desk)) == (["0", "70", "100"], ["100", "30", None])


def test_models_and_absolute_fees_of_one_order_add_up(desk: Desk) -> None:
    absolute = {
        "type": "TRANSACTION_FEE_BUY",
        "value_type": "ABSOLUTE",
        "charge_method": UPVEST,
        "cash_amount": "3",
        "currency": "EUR",
    }
    both = [absolute, *by(created(desk, ladder(LADDER)))["fee_configuration"]]
    ordered(desk, instrument_id=IN_PARTS, quantity="5", fee_configuration=both)
    desk.advance()
    assert fees(desk) == ["4", None, None, None, "1"]


# --- What is given back ---


def test_an_order_cancelled_before_it_is_executed_costs_nothing(desk: Desk) -> None:
    order = ordered(desk, instrument_id=AT_100, cash_amount="500", **by(created(desk, ladder(LADDER))))
    desk.move("orders", order.id, "CANCELLED")
    assert (now(desk, order).fee, desk.cash()["available_for_trading"]) == ("0.0", "10000")


def test_a_mistrade_gives_back_the_fee_of_its_execution(desk: Desk) -> None:
    order = ordered(desk, instrument_id=IN_PARTS, quantity="5", **by(created(desk, ladder(LADDER))))
    desk.advance()
    last = now(desk, order).executions[-1]
    desk.move("executions", last.id, "CANCELLED")
    assert (fees(desk)[-1], moved(desk)[-1]) == ("-1", "101")
    assert desk.cash()["balance"] == "9599"  # four parts of 100, and the fee of the first


def test_a_fee_that_a_mistrade_gave_back_is_not_taken_again(desk: Desk) -> None:
    order = ordered(desk, instrument_id=IN_PARTS, cash_amount="500", **by(created(desk, ladder(LADDER))))
    desk.advance("250ms")
    desk.move("executions", now(desk, order).executions[0].id, "CANCELLED")
    desk.advance()
    assert fees(desk) == ["2", "-2", None, None, None, None]
    assert (now(desk, order).status, desk.cash()["balance"]) == ("FILLED", "9600")


# --- Refused ---


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_model_that_does_not_exist_is_refused_for_either_side(desk: Desk, side: str) -> None:
    body = order_request(desk, instrument_id=AT_100, cash_amount="100", **by(NOBODY, side))
    refusal = desk.refused("place_order", body=body)
    assert (refusal.rule.status, refusal.detail) == (
        400,
        f"(root).fee_configuration.0.transaction_fee_model_id: transaction fee model {NOBODY} does not exist.",
    )


def test_the_refusal_names_the_place_in_the_list(desk: Desk) -> None:
    good: list[Any] = by(created(desk, ladder(LADDER)))["fee_configuration"]
    listed = {"fee_configuration": good + by(NOBODY)["fee_configuration"]}
    refusal = desk.refused("place_order", body=order_request(desk, cash_amount="100", **listed))
    assert refusal.detail.startswith("(root).fee_configuration.1.transaction_fee_model_id: ")


def test_a_model_of_another_currency_is_refused(desk: Desk) -> None:
    model_id = created(desk, ladder(LADDER), currency="GBP")
    body = order_request(desk, instrument_id=AT_100, cash_amount="100", **by(model_id))
    refusal = desk.refused("place_order", body=body)
    assert (refusal.rule.status, refusal.detail) == (
        400,
        f"(root).fee_configuration.0.transaction_fee_model_id: expected a model in EUR; {model_id} is in GBP.",
    )


async def test_an_unknown_model_is_refused_over_http_and_no_order_is_there(desk: Desk, client: Api) -> None:
    body = order_request(desk, instrument_id=AT_100, cash_amount="100", **by(NOBODY))
    refused = await client.post("/orders", json=body)
    assert (refused.status, refused.json["status"]) == (400, 400)
    listed = await client.get(f"/accounts/{desk.account_id}/orders")
    assert listed.json["data"] == []


async def test_a_portfolio_order_cannot_name_a_fee(desk: Desk, client: Api) -> None:
    """The contract has no such member (payments.md §10.7 [A])."""
    body = {
        "user_id": desk.user_id,
        "account_id": desk.account_id,
        "side": "BUY",
        "cash_amount": "10",
        "currency": "EUR",
    }
    model = await client.post("/transaction_fees/models", json=model_request(ladder(LADDER)))
    refused = await client.post("/portfolios/orders", json={**body, **by(model.json["id"])})
    assert refused.status == 400
    assert "fee_configuration" in refused.json["detail"]
