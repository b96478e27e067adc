"""trading.md §10.4, §10.5, §21.13: fees that Upvest collects and taxes, in the gate, the locks and the books."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, IN_PARTS, Desk
from tests.domain.support.requests import now, ordered

OWN = "XS0000000709"
"""An instrument of the test's own, at 100."""


def fee(amount: str, side: str = "BUY", charge_method: str = "COLLECTED_BY_UPVEST") -> dict[str, Any]:
    """An absolute fee, as the only one of an order."""
    row = {
        "cash_amount": amount,
        "currency": "EUR",
        "type": f"TRANSACTION_FEE_{side}",
        "charge_method": charge_method,
        "value_type": "ABSOLUTE",
    }
    return {"fee_configuration": [row]}


def moved(desk: Desk) -> list[str]:
    """What the cash transactions moved."""
    return [each["delta"]["amount"] for each in desk.told("CASH_TRANSACTION.EXECUTED")]


# --- Fees ---


def test_the_published_buy_of_100_with_a_fee_of_10_costs_110(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="110")
    order = ordered(desk, instrument_id=AT_100, cash_amount="100", **fee("10"))
    assert (order.fee, desk.cash()["locked_for_trading"]) == ("0.0", "110")
    desk.advance()
    assert (moved(desk), desk.cash()["balance"]) == (["-110"], "0")
    done = now(desk, order)
    assert (done.fee, done.executions[0].cash_amount) == ("10", "100")


def test_the_published_sell_of_100_with_a_fee_of_10_brings_90(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    desk.hold(AT_100, "1")
    order = ordered(desk, side="SELL", instrument_id=AT_100, quantity="1", **fee("10", "SELL"))
    desk.advance()
    assert (moved(desk), desk.cash()["balance"], now(desk, order).fee) == (["90"], "90", "10")


@pytest.mark.parametrize(
    ("size", "cash"),
    [({"cash_amount": "100"}, "100.90"), ({"quantity": "1"}, "110.90")],  # 110 % of 100, and the fee
)
def test_the_gate_counts_the_fee(open_desk: OpenDesk, size: dict[str, str], cash: str) -> None:
    desk = open_desk(cash=str(Decimal(cash) - Decimal("0.01")))
    order = ordered(desk, instrument_id=AT_100, **size, **fee("0.90"))
    assert desk.advance("1d") == []
    desk.fund("0.01")
    desk.advance()
    assert (now(desk, order).status, now(desk, order).fee) == ("FILLED", "0.90")
    assert moved(desk) == ["-100.90"]
    assert desk.cash()["locked_for_trading"] == "0"


def test_a_fee_that_the_client_charges_moves_no_cash(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="100")
    order = ordered(desk, instrument_id=AT_100, cash_amount="100", **fee("10", charge_method="CHARGED_BY_CLIENT"))
    desk.advance()
    assert (moved(desk), now(desk, order).fee) == (["-100"], "0.0")


def test_the_first_of_several_executions_takes_the_fee(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="310")
    order = ordered(desk, instrument_id=IN_PARTS, cash_amount="300", **fee("10"))
    desk.advance("250ms")
    assert (now(desk, order).fee, desk.cash()["balance"], desk.cash()["locked_for_trading"]) == ("10", "200", "200")
    desk.advance()
    assert moved(desk) == ["-110", "-100", "-100"]
    assert (now(desk, order).fee, desk.cash()["balance"]) == ("10", "0")


def test_a_cancelled_order_gives_the_fee_back_that_was_not_taken(desk: Desk) -> None:
    order = ordered(desk, instrument_id=AT_100, cash_amount="100", **fee("10"))
    desk.move("orders", order.id, "CANCELLED")
    assert desk.cash()["available_for_trading"] == "10000"


# --- Taxes ---


def test_the_published_buy_of_300_with_a_transaction_tax_of_5_costs_305(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="305")
    desk.instrument(OWN, "100", buy_tax=Decimal(5) / 300)
    order = ordered(desk, instrument_id=OWN, cash_amount="300")
    assert desk.cash()["locked_for_trading"] == "305"
    desk.advance()
    assert (moved(desk), desk.cash()["balance"]) == (["-305"], "0")
    assert [each.taxes[0].amount for each in now(desk, order).executions] == ["5"]


def test_parts_are_taxed_no_more_than_the_whole(open_desk: OpenDesk) -> None:
    # 0.15 % of 300 are 0.45; of each third 0.15. At 0.005 % the whole is 0.015, half-even 0.02; each third 0.005.
    desk = open_desk(cash="300.02")
    desk.instrument(OWN, "100", story="parts-by-amount", buy_tax=Decimal("0.00005"))
    order = ordered(desk, instrument_id=OWN, cash_amount="300")
    desk.advance()
    assert now(desk, order).status == "FILLED"
    assert sum(Decimal(each.taxes[0].amount) for each in now(desk, order).executions) == Decimal("0.02")
    assert desk.cash()["balance"] == "0"


def test_a_unit_buy_whose_cash_does_not_pay_the_tax_is_cancelled(open_desk: OpenDesk) -> None:
    # The buffer of 10 % is 10; a tax of a fifth is 20.
    desk = open_desk(cash="110")
    desk.instrument(OWN, "100", buy_tax=Decimal("0.2"))
    order = ordered(desk, instrument_id=OWN, quantity="1")
    desk.advance()
    assert now(desk, order).cancellation_reason == "CANCELLED_BY_UPVEST_PLATFORM"
    assert desk.cash()["available_for_trading"] == "110"
