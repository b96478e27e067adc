"""Accrued fees are paid from what a liquidation brings (payments.md §10.4).

The guide: https://docs.upvest.co/products/byol/guides/liquidations/liquidations_fees
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest

from mockserver.control.wait_reasons import explain
from mockserver.domain.fees import accrual
from mockserver.domain.fees.collections import COLLECTION_LIFE, COLLECTIONS
from mockserver.domain.orders.orders import ORDERS
from mockserver.domain.orders.trades import EXECUTIONS
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import Desk
from tests.domain.support.holdings import A, B, close_at, families, list_instruments, quote

MODEL = "1df86975-06f4-484d-935e-46b54bab2f6c"
FEES: dict[str, Any] = {"fees": {"models": {MODEL: {"service": "36.5"}}}}
START = datetime(2023, 1, 9, 8, tzinfo=UTC)


def open_holder(open_desk: OpenDesk, name: str, days: int, **others: Any) -> Desk:
    """10 ``A`` at 100 cost 0.01 a day, for ``days`` days since a Monday."""
    desk = open_desk(name, FEES, now=START, running=True, **others)
    list_instruments(desk, A)
    desk.hold(A, "10")
    close_at(desk, A, "2023-01-09", "100")
    desk.call("create_fee_configuration", body={"account_id": desk.account_id, "fee_model_id": MODEL})
    desk.advance(f"{days}d")
    return desk


@pytest.fixture
def holder(open_desk: OpenDesk) -> Desk:
    """0.07 are unpaid, in a sandbox with 50 EUR of cash."""
    return open_holder(open_desk, "sandbox", 7, cash="50")


@pytest.fixture
def waiting(open_desk: OpenDesk) -> Desk:
    """The same where every move waits for a command."""
    return open_holder(open_desk, "manual", 7, cash="50")


def liquidate(desk: Desk) -> Any:
    path = {"account_id": desk.account_id}
    return desk.call("create_account_liquidation", path, body={"user_id": desk.user_id})


def fee(desk: Desk, liquidation: Any) -> dict[str, Any]:
    path = {"fee_collection_id": liquidation.fee_collection_id}
    found: dict[str, Any] = orjson.loads(desk.call("retrieve_fee_collection", path).wire)
    return found


def execution_of(desk: Desk) -> str:
    execution = next(iter(desk.world.table(EXECUTIONS)))
    return execution.id


def test_the_collection_is_created_before_the_liquidation_and_named_in_it(holder: Desk) -> None:
    position = holder.world.events.end
    liquidation = liquidate(holder)
    assert holder.types_since(position) == ["FEE_COLLECTION.CREATED", "ACCOUNT_LIQUIDATION.NEW"]
    shown = fee(holder, liquidation)
    assert (shown["type"], shown["collection_amount"], shown["status"]) == (
        "SERVICE_FEE_LIQUIDATION",
        "0.07",
        "PROCESSING",
    )
    assert (shown["period_start"], shown["period_end"]) == ("2023-01-09", "2023-01-15")
    assert [entry["subtotal_amount"] for entry in shown["calculation_breakdown"]] == ["0.07"]


def test_it_takes_no_cash_of_before_and_sells_nothing_of_its_own(holder: Desk) -> None:
    liquidation = liquidate(holder)
    assert holder.cash()["available_for_trading"] == "50"
    holder.advance("1s")
    assert len(holder.world.table(ORDERS)) == 1
    assert "sell_to_cover_orders" not in fee(holder, liquidation)


def test_the_proceeds_pay_it_with_the_last_settlement(holder: Desk) -> None:
    """10 units at 100 bring 1000; 50 + 1000 - 0.07."""
    liquidation = liquidate(holder)
    told = holder.advance("1s")
    assert families(told, "ACCOUNT_LIQUIDATION", "FEE_COLLECTION") == [
        "ACCOUNT_LIQUIDATION.PROCESSING",
        "ACCOUNT_LIQUIDATION.FILLED",
        "ACCOUNT_LIQUIDATION.SETTLED",
        "FEE_COLLECTION.FINALISED",
    ]
    shown = fee(holder, liquidation)
    assert shown["processed_amount"] == {"cash_balance": "0.07", "sell_to_cover": "0.00"}
    assert holder.cash()["balance"] == "1049.93"
    assert accrual.accrual(holder.world, holder.account_id).billed == ()


def test_the_proceeds_are_reserved_until_they_settle(waiting: Desk) -> None:
    liquidation = liquidate(waiting)
    waiting.move("liquidations", liquidation.id, "PROCESSING")
    waiting.move("liquidations", liquidation.id, "FILLED")
    balance = waiting.cash()
    assert (balance["balance"], balance["available_for_trading"]) == ("1050", "1049.93")
    waiting.move("liquidations", liquidation.id, "SETTLED")
    assert fee(waiting, liquidation)["status"] == "FINALISED"
    assert waiting.cash()["available_for_withdrawal"] == "1049.93"


def test_a_cancelled_liquidation_cancels_it_and_its_days_stay_unpaid(waiting: Desk) -> None:
    liquidation = liquidate(waiting)
    path = {"account_id": waiting.account_id, "account_liquidation_id": liquidation.id}
    waiting.call("cancel_account_liquidation", path)
    assert fee(waiting, liquidation)["status"] == "CANCELLED"
    row = accrual.accrual(waiting.world, waiting.account_id)
    assert [(each.start, each.end) for each in row.stretches] == [(date(2023, 1, 9), date(2023, 1, 15))]
    again = liquidate(waiting)
    assert fee(waiting, again)["collection_amount"] == "0.07"


def test_a_liquidation_of_nothing_collects_nothing(open_desk: OpenDesk) -> None:
    """All was sold before: what accrued until then is unpaid, and no proceeds come."""
    desk = open_holder(open_desk, "sandbox", 7, cash="50")
    desk.place("SELL", A, quantity="10")
    desk.advance("1s")
    liquidation = liquidate(desk)
    desk.advance("1s")
    assert fee(desk, liquidation)["status"] == "CANCELLED"
    assert desk.cash()["balance"] == "1050"


def test_no_more_than_one_cent_starts_no_collection(open_desk: OpenDesk) -> None:
    desk = open_holder(open_desk, "sandbox", 1)
    liquidation = liquidate(desk)
    assert liquidation.fee_collection_id is None
    desk.advance("1s")
    assert families(desk.types_since(), "FEE_COLLECTION") == []


def test_an_account_without_a_configuration_pays_none(desk: Desk) -> None:
    list_instruments(desk, A)
    desk.hold(A, "1")
    assert liquidate(desk).fee_collection_id is None


def test_what_the_proceeds_do_not_cover_stays_residual(open_desk: OpenDesk) -> None:
    """20 days at 0.01, and then 10 units at a cent: 0.10 for 0.20."""
    desk = open_holder(open_desk, "sandbox", 20, cash="50")
    quote(desk, A, "0.01")
    liquidation = liquidate(desk)
    desk.advance("1s")
    shown = fee(desk, liquidation)
    assert (shown["collection_amount"], shown["status"]) == ("0.20", "FINALISED")
    assert shown["processed_amount"] == {
        "cash_balance": "0.10",
        "sell_to_cover": "0.00",
        "total_residual_amount": "0.10",
    }
    assert desk.cash()["balance"] == "50"


def test_several_sells_pay_together(open_desk: OpenDesk) -> None:
    desk = open_holder(open_desk, "sandbox", 7, cash="0")
    list_instruments(desk, B, price="0.01")
    desk.hold(B, "3")
    liquidation = liquidate(desk)
    desk.advance("1s")
    assert fee(desk, liquidation)["processed_amount"]["cash_balance"] == "0.07"
    assert desk.cash()["balance"] == "999.96"  # 1000 + 0.03 - 0.07


def test_a_mistrade_before_the_settlement_gives_back_what_was_reserved(waiting: Desk) -> None:
    liquidation = liquidate(waiting)
    waiting.move("liquidations", liquidation.id, "PROCESSING")
    waiting.move("liquidations", liquidation.id, "FILLED")
    waiting.move("executions", execution_of(waiting), "CANCELLED")
    assert waiting.cash()["available_for_trading"] == "50"
    waiting.advance("1s")
    assert fee(waiting, liquidation)["status"] == "CANCELLED"  # nothing came in
    assert accrual.accrual(waiting.world, waiting.account_id).stretches


def test_a_mistrade_after_a_forced_cancellation_gives_nothing_back_twice(waiting: Desk) -> None:
    liquidation = liquidate(waiting)
    waiting.move("liquidations", liquidation.id, "PROCESSING")
    waiting.move("liquidations", liquidation.id, "FILLED")
    waiting.move("fee_collections", str(liquidation.fee_collection_id), "CANCELLED")
    assert waiting.cash()["available_for_trading"] == "1050"
    waiting.move("executions", execution_of(waiting), "CANCELLED")
    assert waiting.cash()["available_for_trading"] == "50"


def test_days_after_the_request_go_on_accruing(waiting: Desk) -> None:
    liquidate(waiting)
    waiting.advance("3d")
    row = accrual.accrual(waiting.world, waiting.account_id)
    assert [(each.start, each.end) for each in row.stretches] == [(date(2023, 1, 16), date(2023, 1, 18))]


def test_what_it_pays_and_waits_for_is_explained(waiting: Desk) -> None:
    liquidation = liquidate(waiting)
    row = waiting.world.table(COLLECTIONS)[str(liquidation.fee_collection_id)]
    assert explain(waiting.world, COLLECTION_LIFE, row).sentence == (
        f"waits: liquidation {liquidation.id} pays it, with its last settlement"
    )
