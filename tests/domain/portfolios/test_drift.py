"""How far an account is from its target, and what would bring it there (portfolios.md §5.2, §5.3)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mockserver.domain.portfolios.allocations import Allocation, allocation
from mockserver.domain.portfolios.configurations import CONFIGURATIONS
from mockserver.domain.portfolios.drift import deltas, greatest_drift, is_balanced, legs, net_asset_value
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import Desk
from tests.domain.support.holdings import A, B, C, aim, list_instruments, portfolio

HALVES = {A: "0.5", B: "0.5"}


def target(desk: Desk) -> Allocation:
    return allocation(desk.world, desk.world.table(CONFIGURATIONS)[desk.account_id].allocation_id)


def drift(desk: Desk) -> Decimal:
    return greatest_drift(legs(desk.world, desk.account_id, target(desk)))


# --- The threshold ---


@pytest.mark.parametrize(
    ("a", "b", "balanced"),
    [
        ("50", "50", True),
        ("50.9999999", "49.0000001", True),
        ("51", "49", False),  # off by exactly 0.01
        ("51.0000001", "48.9999999", False),
        ("49", "51", False),
        ("49.0000001", "50.9999999", True),
    ],
)
def test_a_portfolio_is_balanced_while_every_weight_is_off_by_less_than_a_hundredth(
    desk: Desk, a: str, b: str, balanced: bool
) -> None:
    portfolio(desk, {A: a, B: b}, HALVES)
    assert is_balanced(desk.world, desk.account_id, target(desk)) is balanced


def test_the_threshold_is_a_setting(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", {"behaviour": {"balanced_below": "0.05"}})
    portfolio(desk, {A: "54", B: "46"}, HALVES)
    assert is_balanced(desk.world, desk.account_id, target(desk))


def test_a_drift_a_hair_below_the_threshold_is_not_rounded_up_to_it(open_desk: OpenDesk) -> None:
    """0.049999999999999999999999999999 has 29 digits; Python's own operators keep 28, and would make it 0.05."""
    desk = open_desk("sandbox", {"behaviour": {"balanced_below": "0.05"}})
    list_instruments(desk, A, B, price="1")
    desk.hold(A, "549999999999999999999999999999")
    desk.hold(B, "450000000000000000000000000001")
    aim(desk, HALVES)
    assert is_balanced(desk.world, desk.account_id, target(desk))


# --- The greatest drift ---


def test_the_greatest_drift_of_all_instruments_counts(desk: Desk) -> None:
    portfolio(desk, {A: "55", B: "25", C: "20"}, {A: "0.5", B: "0.3", C: "0.2"})
    assert drift(desk) == Decimal("0.05")


def test_an_instrument_outside_the_allocation_has_the_target_zero(desk: Desk) -> None:
    portfolio(desk, {A: "48", B: "48", C: "4"}, HALVES)
    assert drift(desk) == Decimal("0.04")


def test_an_instrument_of_the_allocation_that_is_not_held_weighs_nothing(desk: Desk) -> None:
    portfolio(desk, {A: "10"}, {A: "0.9", B: "0.1"})
    assert drift(desk) == Decimal("0.1")


def test_weights_are_of_values_and_not_of_units(desk: Desk) -> None:
    list_instruments(desk, A, price="300")
    list_instruments(desk, B, price="100")
    desk.hold(A, "1")
    desk.hold(B, "3")
    aim(desk, HALVES)
    assert drift(desk) == 0


def test_an_unpriced_instrument_held_is_left_out(desk: Desk) -> None:
    list_instruments(desk, C, price=None)
    desk.hold(C, "1000")
    portfolio(desk, {A: "50", B: "50"}, HALVES)
    list_instruments(desk, C, price=None)
    assert drift(desk) == 0


def test_an_unpriced_instrument_wanted_is_left_out_and_the_others_share_its_target(desk: Desk) -> None:
    portfolio(desk, {A: "30", B: "20"}, {A: "0.3", B: "0.2", C: "0.5"})
    list_instruments(desk, C, price=None)
    (first, second) = legs(desk.world, desk.account_id, target(desk))
    assert [first.target, second.target] == [Decimal("0.6"), Decimal("0.4")]
    assert drift(desk) == 0


def test_an_account_without_value_has_no_drift(desk: Desk) -> None:
    list_instruments(desk, A, price=None)
    aim(desk, {A: "1"})
    desk.hold(A, "1")
    assert drift(desk) == 0


# --- What is missing, and too much ---


def test_a_delta_is_the_target_of_the_priced_value_less_what_is_held(desk: Desk) -> None:
    portfolio(desk, {A: "70", B: "20", C: "10"}, {A: "0.25", B: "0.75"})
    found = {leg.instrument.isin: delta for leg, delta in deltas(legs(desk.world, desk.account_id, target(desk)))}
    assert found == {A: Decimal(-4500), B: Decimal(5500), C: Decimal(-1000)}


def test_the_instruments_of_the_allocation_come_in_its_order_then_the_others(desk: Desk) -> None:
    portfolio(desk, {C: "1", A: "1", B: "1"}, {B: "0.9", A: "0.1"})
    order = [leg.instrument.isin for leg in legs(desk.world, desk.account_id, target(desk))]
    assert order == [B, A, C]


def test_the_net_asset_value_counts_what_has_a_price(desk: Desk) -> None:
    portfolio(desk, {A: "1.5", B: "2"}, HALVES)
    list_instruments(desk, B, price=None)
    assert net_asset_value(desk.world, desk.account_id) == Decimal(150)
