"""portfolios.md §4.2, §4.3 and trading.md §10.3: the limits of a SELL, and what it locks."""

from __future__ import annotations

from decimal import Decimal

from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, Desk
from tests.domain.support.outcomes import amounts, refused

HALF = "XS0000000501"
"""An instrument of the test's own at 50."""


# --- SELL ---


def test_a_sell_without_positions_is_cancelled(desk: Desk) -> None:
    placed = desk.order("SELL", "1")
    assert desk.advance() == ["PORTFOLIO_ORDER.CANCELLED"]
    assert refused(desk, placed.id) == ("ACCOUNT_IS_EMPTY", "Account has no positions.")


def test_a_sell_from_positions_that_are_sold_out_is_cancelled(desk: Desk) -> None:
    desk.hold(AT_100, "0")
    placed = desk.order("SELL", "1")
    desk.advance()
    assert refused(desk, placed.id)[0] == "ACCOUNT_IS_EMPTY"


def hold_1000_and_1000(desk: Desk) -> None:
    """1,000 EUR each in two instruments that cost the same on both sides; target half and half."""
    half = desk.instrument(HALF, "50")
    desk.target(**{AT_100: "0.5", half: "0.5"})
    desk.hold(AT_100, "10")
    desk.hold(half, "20")


def test_a_sell_goes_by_the_allocation(desk: Desk) -> None:
    hold_1000_and_1000(desk)
    desk.target(**{AT_100: "0.7", HALF: "0.3"})
    placed = desk.order("SELL", "1000")
    desk.advance()
    assert amounts(desk, placed.id) == [(AT_100, "700"), (HALF, "300")]
    assert desk.position(AT_100)["quantity"] == "3"
    assert Decimal(desk.position(HALF)["quantity"]) == 14
    assert desk.cash()["balance"] == "11000"


def test_a_sell_leaves_what_is_outside_the_allocation(desk: Desk) -> None:
    hold_1000_and_1000(desk)
    desk.hold(AT_85, "10")
    placed = desk.order("SELL", "1000")
    desk.advance()
    assert amounts(desk, placed.id) == [(AT_100, "500"), (HALF, "500")]
    assert desk.position(AT_85)["quantity"] == "10"


def test_a_sell_of_90_percent_passes_and_a_cent_more_does_not(desk: Desk) -> None:
    # Net asset value 2000, of which 1800 may be sold; each position gives at most 900.
    hold_1000_and_1000(desk)
    too_much = desk.order("SELL", "1800.01")
    assert desk.advance() == ["PORTFOLIO_ORDER.CANCELLED"]
    details = "Sell amount exceeds 90% of the portfolio value."
    assert refused(desk, too_much.id) == ("SELL_LIMIT_EXCEEDED", details)
    most = desk.order("SELL", "1800")
    desk.advance()
    assert amounts(desk, most.id) == [(AT_100, "900"), (HALF, "900")]
    assert desk.portfolio_order(most.id).status == "SETTLED"


def test_the_net_asset_value_takes_the_middle_of_bid_and_offer(desk: Desk) -> None:
    # 100 at (81.77 + 85.22) / 2 = 83.495 are worth 8349.50, and 1000 at 100 are 100,000: 97,514.55 may be sold.
    desk.hold(AT_85, "100")
    desk.hold(AT_100, "1000")
    desk.target(**{AT_100: "1"})
    too_much = desk.order("SELL", "97514.56")
    desk.advance()
    assert refused(desk, too_much.id)[0] == "SELL_LIMIT_EXCEEDED"
    # 97,514.55 passes this check, and fails the next: 90 % of the one position to sell from are 90,000.
    desk.order("SELL", "90000")
    desk.advance()
    assert desk.cash()["balance"] == "100000"


def test_an_unpriced_position_counts_as_zero_for_the_limit(desk: Desk) -> None:
    hold_1000_and_1000(desk)
    desk.hold(desk.instrument("XS0000000519"), "1000")
    too_much = desk.order("SELL", "1800.01")
    desk.advance()
    assert refused(desk, too_much.id)[0] == "SELL_LIMIT_EXCEEDED"


def test_a_share_above_90_percent_of_its_position_is_capped_and_spread(desk: Desk) -> None:
    # 1000 and 9000 held; 2000 in 70:30 would be 1400 and 600, but the first gives 900 at most.
    half = desk.instrument(HALF, "50")
    desk.target(**{AT_100: "0.7", half: "0.3"})
    desk.hold(AT_100, "10")
    desk.hold(half, "180")
    placed = desk.order("SELL", "2000")
    desk.advance()
    assert amounts(desk, placed.id) == [(AT_100, "900"), (HALF, "1100")]


def test_an_instrument_of_the_allocation_that_is_not_held_leaves_its_share_to_the_others(desk: Desk) -> None:
    hold_1000_and_1000(desk)
    desk.target(**{AT_85: "0.5", AT_100: "0.25", HALF: "0.25"})
    placed = desk.order("SELL", "1000")
    desk.advance()
    assert amounts(desk, placed.id) == [(AT_100, "500"), (HALF, "500")]


def test_an_unpriced_instrument_leaves_its_share_to_the_others(desk: Desk) -> None:
    hold_1000_and_1000(desk)
    unpriced = desk.instrument("XS0000000519")
    desk.hold(unpriced, "10")
    desk.target(**{unpriced: "0.5", AT_100: "0.25", HALF: "0.25"})
    placed = desk.order("SELL", "1000")
    desk.advance()
    assert amounts(desk, placed.id) == [(AT_100, "500"), (HALF, "500")]


def test_a_sell_that_cannot_be_spread_exceeds_the_limit(desk: Desk) -> None:
    # 10,000 net asset value allow 9000, but the allocation names only the position of 1000, which gives 900.
    desk.hold(AT_100, "10")
    desk.hold(desk.instrument(HALF, "50"), "180")
    desk.target(**{AT_100: "1"})
    placed = desk.order("SELL", "900.01")
    desk.advance()
    assert refused(desk, placed.id)[0] == "SELL_LIMIT_EXCEEDED"


def test_units_locked_by_another_order_are_not_sold_again(desk: Desk) -> None:
    # 10 units of 1000, of which 5 are locked: 500 is left to sell from the first, the rest comes from the second.
    hold_1000_and_1000(desk)
    desk.place("SELL", AT_100, quantity="5")
    placed = desk.order("SELL", "1200")
    desk.advance("100ms")
    assert amounts(desk, placed.id) == [(AT_100, "500"), (HALF, "700")]


def test_another_sell_limit_is_one_setting(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"behaviour": {"sell_limit": "0.5"}})
    hold_1000_and_1000(desk)
    too_much = desk.order("SELL", "1000.01")
    desk.advance()
    assert refused(desk, too_much.id)[0] == "SELL_LIMIT_EXCEEDED"


def test_after_tax_changes_nothing_without_tax(desk: Desk) -> None:
    hold_1000_and_1000(desk)
    placed = desk.order("SELL", "1000", post_tax=True)
    desk.advance()
    assert amounts(desk, placed.id) == [(AT_100, "500"), (HALF, "500")]


def test_the_amount_is_kept_to_the_end(desk: Desk) -> None:
    placed = desk.order("BUY", "1000")
    desk.advance()
    order = desk.portfolio_order(placed.id)
    assert (order.status, order.cash_amount, order.allocation_id) == ("SETTLED", "1000", desk.allocation_id)


# --- Locks of the single orders (trading.md §10.3) ---


def test_a_nominal_sell_locks_110_percent_of_its_estimate(desk: Desk) -> None:
    # 500 at 100 are 5 units; 5.5 are locked. 500 at 50 are 10; 11 are locked.
    hold_1000_and_1000(desk)
    desk.order("SELL", "1000")
    desk.advance("100ms")
    first, second = desk.position(AT_100), desk.position(HALF)
    assert Decimal(first["locked_for_trading"]) == Decimal("5.5")
    assert Decimal(first["available_for_trading"]) == Decimal("4.5")
    assert Decimal(second["locked_for_trading"]) == 11


def test_a_lock_is_never_more_than_what_is_there(desk: Desk) -> None:
    # 900 at 100 are 9 units; 110 % would be 9.9 of the 9.5 that are there.
    hold_1000_and_1000(desk)
    desk.place("SELL", AT_100, quantity="0.5")
    desk.place("SELL", AT_100, amount="900")
    assert Decimal(desk.position(AT_100)["available_for_trading"]) == 0


def test_locked_units_have_no_more_decimals_than_quantities_have(desk: Desk) -> None:
    # 770 at 81.77 are 9.41665647548, cut after ten decimals
    desk.hold(AT_85, "20")
    desk.place("SELL", AT_85, amount="700")
    assert desk.position(AT_85)["locked_for_trading"] == "9.4166564754"


def test_what_a_nominal_sell_locked_beyond_need_is_released(desk: Desk) -> None:
    hold_1000_and_1000(desk)
    desk.order("SELL", "1000")
    desk.advance()
    assert desk.position(AT_100)["locked_for_trading"] == "0"
    assert Decimal(desk.position(AT_100)["available_for_trading"]) == 5
