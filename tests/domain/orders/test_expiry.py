"""trading.md §10.2, §11, §21.11: orders end with the day of their expiry date, Frankfurt's day."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, IN_PARTS, Desk
from tests.domain.support.requests import limit, now, ordered


def test_an_order_that_waits_for_its_price_ends_at_midnight_by_the_partner(desk: Desk) -> None:
    order = limit(desk, "BUY", "90", AT_100, expiry_date="2023-01-11")
    desk.advance("1d13h59m")  # to 22:59 UTC on the 11th
    assert now(desk, order).status == "PROCESSING"
    assert desk.advance("1m") == ["ORDER.CANCELLED", "CASH_BALANCE.UPDATED"]
    ended = now(desk, order)
    assert (ended.cancellation_reason, ended.updated_at.isoformat()) == (
        "CANCELLED_BY_TRADING_PARTNER",
        "2023-01-11T23:00:00+00:00",
    )
    assert desk.cash()["available_for_trading"] == "10000"


def test_in_summer_the_day_ends_an_hour_earlier_by_utc(open_desk: OpenDesk) -> None:
    desk = open_desk(now=datetime(2023, 7, 10, 9, tzinfo=UTC))
    order = limit(desk, "BUY", "90", AT_100, expiry_date="2023-07-10")
    desk.advance("1d")
    assert now(desk, order).updated_at == datetime(2023, 7, 10, 22, tzinfo=UTC)


def test_an_order_that_waits_for_cash_ends_by_the_platform(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    order = ordered(desk, cash_amount="100", expiry_date="2023-01-10")
    desk.advance("1d")
    assert now(desk, order).cancellation_reason == "CANCELLED_BY_UPVEST_PLATFORM"
    desk.fund("1000")
    assert desk.advance("1d") == []


def test_an_order_that_is_filled_before_ends_no_more(desk: Desk) -> None:
    order = ordered(desk, cash_amount="100", expiry_date="2023-01-10")
    desk.advance()
    assert "order.expire" not in {task.action for task in desk.world.clock.upcoming()}
    assert desk.advance("2d") == []
    assert now(desk, order).status == "FILLED"


def test_what_is_executed_by_then_stays(open_desk: OpenDesk) -> None:
    # Three parts; the first is dealt just before midnight, the second would be after it.
    desk = open_desk(now=datetime(2023, 1, 10, 22, 59, 59, 750_000, tzinfo=UTC))
    order = ordered(desk, instrument_id=IN_PARTS, cash_amount="300", expiry_date="2023-01-10")
    desk.advance()
    ended = now(desk, order)
    assert (ended.status, [each.status for each in ended.executions]) == ("CANCELLED", ["SETTLED"])
    assert desk.cash()["balance"] == desk.cash()["available_for_trading"] == "9900"


def test_an_expiry_keeps_no_world_from_being_idle(desk: Desk) -> None:
    limit(desk, "BUY", "90", AT_100, expiry_date="2023-01-11")
    desk.advance()
    assert desk.world.clock.idle


@pytest.mark.parametrize("expiry", [None, "2199-12-31", "2200-01-01", "9999-12-31"])
def test_an_order_without_a_near_end_waits_on(desk: Desk, expiry: str | None) -> None:
    order = limit(desk, "BUY", "90", AT_100, expiry_date=expiry)
    desk.advance("3650d")
    assert now(desk, order).status == "PROCESSING"


def test_a_restored_world_still_ends_its_orders(desk: Desk) -> None:
    order = limit(desk, "BUY", "90", AT_100, expiry_date="2023-01-10")
    desk.advance()
    snapshot = desk.world.snapshot()
    desk.move("orders", order.id, "CANCELLED")
    desk.world.restore(snapshot)
    desk.advance("1d")
    assert now(desk, order).cancellation_reason == "CANCELLED_BY_TRADING_PARTNER"
