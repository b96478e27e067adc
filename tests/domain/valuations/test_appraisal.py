"""What positions are worth, in exact sums (portfolios.md §4.2, §6)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from mockserver.domain.ledger.positions import of_account
from mockserver.domain.valuations.appraisal import Appraiser, Valued, worth
from tests.domain.support.desk import AT_85, Desk
from tests.domain.support.holdings import A, B, close_at, list_instruments, quote


def valued(desk: Desk, day: date | None = None) -> dict[str, Valued]:
    rows = Appraiser(desk.world, day).values(of_account(desk.world, desk.account_id))
    return {row.position.isin: row for row in rows}


def test_a_value_is_quantity_times_price_without_rounding(desk: Desk) -> None:
    list_instruments(desk, A, price=None)
    close_at(desk, A, "2023-01-09", "161.2406455")
    desk.hold(A, "0.65")
    row = valued(desk, date(2023, 1, 9))[A]
    assert row.exact == Decimal("104.806419575")
    assert (row.time, row.quality) == (datetime(2023, 1, 9, tzinfo=UTC), "EOD")


def test_of_a_day_the_price_of_that_day_counts_and_not_a_later_one(desk: Desk) -> None:
    list_instruments(desk, A, price=None)
    close_at(desk, A, "2023-01-05", "10")
    close_at(desk, A, "2023-01-09", "20")
    quote(desk, A, "30")
    desk.hold(A, "2")
    assert [valued(desk, day)[A].exact for day in (date(2023, 1, 6), date(2023, 1, 9), None)] == [20, 40, 60]


def test_an_unpriced_position_has_no_value_and_counts_as_zero(desk: Desk) -> None:
    list_instruments(desk, A, price=None)
    list_instruments(desk, B, price="100")
    desk.hold(A, "5")
    desk.hold(B, "1.5")
    rows = valued(desk)
    assert rows[A][1:] == (None, None, None, "NA")
    assert worth(rows.values()) == Decimal(150)


def test_nothing_is_worth_nothing() -> None:
    assert worth([]) == 0


def test_units_locked_for_a_sale_and_units_not_settled_count(desk: Desk) -> None:
    list_instruments(desk, A)
    desk.hold(A, "3")
    desk.call("create_account_liquidation", {"account_id": desk.account_id}, body={"user_id": desk.user_id})
    desk.advance("150ms")  # the sell exists and locks all, but is not executed
    assert desk.position(A)["available_for_trading"] == "0"
    assert valued(desk)[A].exact == Decimal(300)


def test_an_appraiser_keeps_the_prices_of_its_moment(desk: Desk) -> None:
    list_instruments(desk, A)
    appraiser = Appraiser(desk.world)
    (instrument,) = desk.world.store.named("instruments").by("isin", A)  # type: ignore[union-attr]
    assert appraiser.price(instrument.id) == 100
    quote(desk, A, "50")
    assert appraiser.price(instrument.id) == 100
    assert Appraiser(desk.world).price(instrument.id) == 50


@pytest.mark.parametrize("quantity", ["0.0000000001", "123456789.0123456789"])
def test_no_digit_is_lost_on_the_way(desk: Desk, quantity: str) -> None:
    desk.hold(AT_85, quantity)
    exact = valued(desk)[AT_85].exact
    assert exact is not None
    # 83.495 * quantity in integers: both scaled to whole numbers
    assert exact * 10**13 == int(Decimal(quantity) * 10**10) * 83_495
