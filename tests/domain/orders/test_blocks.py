"""trading.md §10.6: block orders stay NEW until their block closes, five minutes before it is dealt."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mockserver.domain import daily_runs
from mockserver.domain.orders.orders import Order
from mockserver.kernel.lifecycle import Hold
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, MORNING, Desk
from tests.domain.support.requests import now, ordered, waits_for

# The sandbox deals a block at every full quarter of an hour, so the first after 9:00 UTC closes at 9:10.


def block(desk: Desk, **members: Any) -> Order:
    return ordered(desk, **{"instrument_id": AT_100, "execution_flow": "BLOCK", "cash_amount": "1000", **members})


def test_a_block_order_is_new_until_its_block_closes_and_then_dealt_with_it(desk: Desk) -> None:
    order = block(desk)
    assert desk.advance("9m59s") == []
    assert desk.advance("1s") == ["CASH_BALANCE.UPDATED", "ORDER.PROCESSING"]
    assert desk.advance("4m59s") == []
    desk.advance("1s")
    (told,) = desk.told("EXECUTION.FILLED")
    assert told["transaction_time"] == "2023-01-10T09:15:00Z"
    assert now(desk, order).status == "FILLED"


def test_a_block_order_locks_nothing_before_its_block_closes(desk: Desk) -> None:
    block(desk)
    desk.advance("9m")
    assert desk.cash()["locked_for_trading"] == "0"


def test_a_block_order_says_what_it_waits_for(desk: Desk) -> None:
    order = block(desk)
    desk.advance("1m")
    assert waits_for(desk, order) == "its block closes at 2023-01-10T09:10:00Z"


def test_who_comes_after_the_close_goes_with_the_next_block(open_desk: OpenDesk) -> None:
    desk = open_desk(now=datetime(2023, 1, 10, 9, 10, 1, tzinfo=UTC))
    block(desk)
    desk.advance("30m")
    (told,) = desk.told("EXECUTION.FILLED")
    assert told["transaction_time"] == "2023-01-10T09:30:00Z"


def test_what_does_not_fit_goes_on_to_the_next_block(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="1500")
    orders = [block(desk), block(desk), block(desk, cash_amount="500")]
    desk.advance("20m")
    assert [now(desk, order).status for order in orders] == ["FILLED", "NEW", "FILLED"]
    desk.fund("1000")
    desk.advance("4m")  # to 9:24
    assert now(desk, orders[1]).status == "NEW"
    desk.advance("6m")
    assert now(desk, orders[1]).status == "FILLED"
    assert desk.told("EXECUTION.FILLED")[-1]["transaction_time"] == "2023-01-10T09:30:00Z"


def test_who_waits_for_cash_between_blocks_leaves_the_world_idle(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    block(desk)
    desk.advance("1h")
    assert desk.world.clock.idle


def test_units_are_looked_at_when_the_block_closes_too(desk: Desk) -> None:
    order = block(desk, side="SELL", quantity="1", cash_amount=None)
    desk.advance("5m")
    desk.hold(AT_100, "1")
    desk.advance("10m")
    assert now(desk, order).status == "FILLED"


def test_a_block_order_is_cancelled_by_the_client_before_it_closes(desk: Desk) -> None:
    order = block(desk)
    desk.advance("1m")
    desk.call("cancel_order", {"order_id": order.id})
    assert desk.advance("1h") == ["ORDER.CANCELLED"]
    assert now(desk, order).cancellation_reason == "CANCELLED_BY_CLIENT"


def test_blocks_are_dealt_while_the_market_is_open(open_desk: OpenDesk) -> None:
    # 17:30 in Frankfurt is 16:30 UTC; the first block of Wednesday is at 9:00, 8:00 UTC.
    desk = open_desk("live", now=datetime(2023, 1, 10, 16, 15, tzinfo=UTC))
    block(desk)
    desk.advance("1d")
    (processing,), (told,) = desk.told("ORDER.PROCESSING"), desk.told("EXECUTION.FILLED")
    assert (processing["updated_at"], told["transaction_time"]) == ("2023-01-11T07:55:00Z", "2023-01-11T08:00:00Z")


def test_the_beat_is_a_setting(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"runs": {"blocks": {"every": "1h", "closes": "10m"}}})
    block(desk)
    desk.advance("2h")
    (processing,), (told,) = desk.told("ORDER.PROCESSING"), desk.told("EXECUTION.FILLED")
    assert (processing["updated_at"], told["transaction_time"]) == ("2023-01-10T09:50:00Z", "2023-01-10T10:00:00Z")


@pytest.mark.parametrize(
    ("placed", "dealt"),
    [
        (MORNING, "2023-01-10T10:00:00Z"),
        (datetime(2023, 1, 10, 10, tzinfo=UTC), "2023-01-10T14:30:00Z"),
        (datetime(2023, 1, 13, 15, tzinfo=UTC), "2023-01-16T10:00:00Z"),  # Friday afternoon
    ],
)
def test_blocks_may_have_times_of_the_day(open_desk: OpenDesk, placed: datetime, dealt: str) -> None:
    desk = open_desk(overrides={"runs": {"blocks": {"at": ["15:30", "11:00"]}}}, now=placed)
    block(desk)
    desk.advance("4d")
    (told,) = desk.told("EXECUTION.FILLED")
    assert told["transaction_time"] == dealt


# --- By command ---


@pytest.mark.parametrize("overrides", [{}, {"runs": {"blocks": None}}])
def test_a_run_deals_a_block_at_once(open_desk: OpenDesk, overrides: dict[str, Any]) -> None:
    desk = open_desk(overrides=overrides)
    order = block(desk)
    desk.advance("1m")
    daily_runs.RUNS["blocks"](desk.world)
    desk.advance("1s")
    assert now(desk, order).status == "FILLED"


def test_a_run_leaves_what_does_not_fit_and_what_goes_straight_through(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="1000")
    orders = [block(desk), block(desk), ordered(desk, side="SELL", quantity="1")]
    daily_runs.RUNS["blocks"](desk.world)
    desk.advance("1s")
    assert [now(desk, order).status for order in orders] == ["PROCESSING", "NEW", "NEW"]
    assert waits_for(desk, orders[1]).startswith("not enough cash: ")


def test_without_blocks_of_its_own_a_profile_waits_for_the_run(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"runs": {"blocks": None}})
    order = block(desk)
    assert desk.advance("30d") == []
    assert waits_for(desk, order) == "it goes with the next block"


def test_a_move_by_command_does_not_overtake_the_block(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    order = block(desk)
    with pytest.raises(Hold, match="its block closes at 2023-01-10T09:10:00Z"):
        desk.move("orders", order.id, "PROCESSING")
