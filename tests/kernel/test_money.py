"""Amounts, quantities and weights: published examples, and properties at the contract's full length of 63+27 digits."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, Inexact
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kernel import money

D = Decimal
LONGEST = D("9" * 63 + "." + "9" * 27)

numbers = st.builds(
    lambda digits, places: D(digits).scaleb(-places),
    st.integers(-(10**27), 10**27),
    st.integers(0, 27),
)
long_numbers = st.integers(-(10**90) + 1, 10**90 - 1).map(lambda digits: D(f"{digits}E-27"))
whole_cents = st.integers(0, 10**20).map(lambda amount: D(f"{amount}E-2"))
weights = st.lists(st.integers(0, 10**10).map(lambda weight: D(f"{weight}E-10")), min_size=1, max_size=40).filter(any)


class TestDecimal:
    @pytest.mark.parametrize("text", ["0", "1.00", "-12.5", ".5", "-.5", "007", str(LONGEST)])
    def test_keeps_every_digit(self, text: str) -> None:
        assert money.decimal(text) == D(text)
        assert money.decimal(text).as_tuple() == D(text).as_tuple()

    @pytest.mark.parametrize(
        "text", ["", "-", ".", "1.", "1e3", "NaN", "Infinity", " 1", "1\n", "1_000", "1,5", "+1", "١"]
    )
    def test_refuses_what_the_contract_refuses(self, text: str) -> None:
        with pytest.raises(ValueError, match="is not a decimal number"):
            money.decimal(text)

    def test_refuses_more_digits_than_the_contract_allows(self) -> None:
        with pytest.raises(ValueError, match="up to 63 digits"):
            money.decimal("1" * 64)
        with pytest.raises(ValueError, match="up to 27 digits"):
            money.decimal("0." + "1" * 28)


class TestExactness:
    @given(long_numbers, long_numbers)
    def test_sums_differences_and_products_lose_nothing(self, a: Decimal, b: Decimal) -> None:
        assert Fraction(money.plus(a, b)) == Fraction(a) + Fraction(b)
        assert Fraction(money.minus(a, b)) == Fraction(a) - Fraction(b)
        assert Fraction(money.times(a, b)) == Fraction(a) * Fraction(b)

    @given(st.lists(long_numbers, max_size=8))
    def test_a_total_loses_nothing(self, values: list[Decimal]) -> None:
        assert Fraction(money.total(values)) == sum(map(Fraction, values), Fraction(0))

    def test_the_ordinary_operators_would_lose_digits(self) -> None:
        assert Fraction(LONGEST + LONGEST) != Fraction(LONGEST) * 2
        assert Fraction(-LONGEST) != -Fraction(LONGEST)

    def test_a_product_too_long_is_refused_rather_than_rounded(self) -> None:
        square = money.times(LONGEST, LONGEST)
        with pytest.raises(Inexact):
            money.times(money.times(square, square), square)

    def test_a_total_of_nothing_is_zero(self) -> None:
        assert money.total([]) == 0


class TestOver:
    @given(long_numbers, long_numbers.filter(bool), st.integers(0, 27))
    def test_is_the_exact_quotient_rounded_once(self, a: Decimal, b: Decimal, decimals: int) -> None:
        # round() of a Fraction is half-even and exact.
        scaled = round(Fraction(a) / Fraction(b) * 10**decimals)
        assert Fraction(money.over(a, b, decimals)) == Fraction(scaled, 10**decimals)

    @pytest.mark.parametrize(
        ("rounding", "expected"),
        [(ROUND_DOWN, "0.12"), (ROUND_HALF_EVEN, "0.12"), (ROUND_HALF_UP, "0.13"), (ROUND_CEILING, "0.13")],
    )
    def test_rounds_a_tie_as_told(self, rounding: str, expected: str) -> None:
        assert str(money.over(D(1), D(8), 2, rounding)) == expected

    def test_a_quotient_just_above_a_tie_is_no_tie(self) -> None:
        # 0.5 and 450 zeros and a 1: cut to 400 digits it would look like a tie and go to the even 0.
        just_above = D("0.5" + "0" * 450 + "1")
        assert money.over(just_above, D(1), 0) == 1

    def test_refuses_zero(self) -> None:
        with pytest.raises(ValueError, match="cannot divide 5 by zero"):
            money.over(D(5), D("0.00"), 2)


class TestCents:
    @pytest.mark.parametrize(
        ("value", "half_even", "floor"),
        [
            ("1", "1.00", "1.00"),
            ("0.005", "0.00", "0.00"),
            ("0.015", "0.02", "0.01"),
            ("0.0251", "0.03", "0.02"),
            ("-0.015", "-0.02", "-0.02"),
            ("-0.001", "-0.00", "-0.01"),
        ],
    )
    def test_rounding(self, value: str, half_even: str, floor: str) -> None:
        assert str(money.cents(D(value))) == half_even
        assert str(money.floor_cents(D(value))) == floor

    def test_the_longest_amount_can_be_rounded(self) -> None:
        assert money.cents(LONGEST) == D(10) ** 63


class TestUnitsFor:
    @pytest.mark.parametrize(
        ("amount", "price", "units"),
        [
            # trading.md §13: 11.734334663 is published, cut off at nine decimals.
            ("1000", "85.22", "11.7343346632"),
            ("100", "25", "4"),
            ("1000", "10", "100"),
            ("0", "85.22", "0"),
            ("1", "8", "0.125"),
            ("2", "3", "0.6666666666"),
            ("0.01", "1000000000000", "0"),
        ],
    )
    def test_cuts_to_ten_decimals(self, amount: str, price: str, units: str) -> None:
        assert str(money.units_for(D(amount), D(price))) == units

    @given(whole_cents, numbers.filter(lambda price: price > 0))
    def test_never_costs_more_than_the_amount(self, amount: Decimal, price: Decimal) -> None:
        units = Fraction(money.units_for(amount, price))
        assert units * Fraction(price) <= Fraction(amount) < (units + Fraction(1, 10**10)) * Fraction(price)

    @pytest.mark.parametrize(("amount", "price"), [("-1", "10"), ("1", "0"), ("1", "-10")])
    def test_refuses_what_gives_no_quantity(self, amount: str, price: str) -> None:
        with pytest.raises(ValueError, match="a price above 0"):
            money.units_for(D(amount), D(price))


class TestSplit:
    @pytest.mark.parametrize(
        ("amount", "weights", "shares"),
        [
            ("1000", ["0.7", "0.3"], ["700.00", "300.00"]),
            ("100", ["70", "30"], ["70.00", "30.00"]),
            # Thirds of 100.00: 33.33 each, one cent left, the remainders are equal: the first gets it.
            ("100", ["1", "1", "1"], ["33.34", "33.33", "33.33"]),
            # 0.05 by 0.5, 0.3, 0.2: 2.5, 1.5 and 1 cents; one cent left, two equal remainders: the first.
            ("0.05", ["0.5", "0.3", "0.2"], ["0.03", "0.01", "0.01"]),
            # 0.01 by 0.1, 0.6, 0.3: the largest remainder gets the only cent.
            ("0.01", ["0.1", "0.6", "0.3"], ["0.00", "0.01", "0.00"]),
            ("0.02", ["0", "1", "0", "2"], ["0.00", "0.01", "0.00", "0.01"]),
            ("0", ["1", "2"], ["0.00", "0.00"]),
            ("12.34", ["1E+3"], ["12.34"]),
        ],
    )
    def test_shares(self, amount: str, weights: list[str], shares: list[str]) -> None:
        assert [str(share) for share in money.split(D(amount), [D(weight) for weight in weights])] == shares

    @given(whole_cents, weights)
    def test_sums_to_the_amount_and_each_share_is_within_a_cent(self, amount: Decimal, weights: list[Decimal]) -> None:
        shares = money.split(amount, weights)
        assert money.total(shares) == amount
        whole = sum(map(Fraction, weights))
        for share, weight in zip(shares, weights, strict=True):
            exact = Fraction(amount) * Fraction(weight) / whole
            assert abs(Fraction(share) - exact) < Fraction(1, 100)
            assert share == 0 or weight > 0

    @given(whole_cents, weights, st.integers(1, 1000))
    def test_only_the_ratio_of_the_weights_counts(self, amount: Decimal, weights: list[Decimal], factor: int) -> None:
        scaled = [money.times(weight, D(factor)) for weight in weights]
        assert money.split(amount, scaled) == money.split(amount, weights)

    @pytest.mark.parametrize("amount", ["-1", "0.001", "10.005"])
    def test_refuses_an_amount_that_is_not_in_cents(self, amount: str) -> None:
        with pytest.raises(ValueError, match="whole cents"):
            money.split(D(amount), [D(1)])

    @pytest.mark.parametrize("weights", [[], ["0"], ["0", "0"], ["2", "-1"]])
    def test_refuses_weights_that_say_nothing(self, weights: list[str]) -> None:
        with pytest.raises(ValueError, match="one is above 0"):
            money.split(D(1), [D(weight) for weight in weights])


class TestWire:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            # trading.md §14 for the first four; the rest follow from the rule.
            ("0", "0"),
            ("1000.00", "1000"),
            ("828.75", "828.75"),
            ("852.2", "852.20"),
            ("852.2000", "852.20"),
            ("1E+3", "1000"),
            ("-100.5", "-100.50"),
            ("-100", "-100"),
            ("-0.00", "0"),
        ],
    )
    def test_amounts(self, value: str, text: str) -> None:
        assert money.wire_amount(D(value)) == text

    def test_an_amount_of_63_digits_keeps_them(self) -> None:
        assert money.wire_amount(D("9" * 63 + ".99")) == "9" * 63 + ".99"
        assert money.wire_amount(D("9" * 63)) == "9" * 63

    @pytest.mark.parametrize("value", ["0.001", "1.005", "-0.0000001"])
    def test_an_amount_below_the_cent_is_refused(self, value: str) -> None:
        with pytest.raises(ValueError, match="two decimals"):
            money.wire_amount(D(value))

    @pytest.mark.parametrize(
        ("value", "text"),
        [("1.00", "1.00"), ("1E+3", "1000"), ("1E-10", "0.0000000001"), ("-0", "0"), ("-0.0", "0.0"), ("-2.5", "-2.5")],
    )
    def test_numbers(self, value: str, text: str) -> None:
        assert money.wire_number(D(value)) == text

    @pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
    def test_a_number_that_is_none_is_refused(self, value: str) -> None:
        with pytest.raises(ValueError, match="not a number"):
            money.wire_number(D(value))

    @given(long_numbers)
    def test_a_number_comes_back_from_the_wire_unchanged(self, value: Decimal) -> None:
        assert money.decimal(money.wire_number(value)) == value

    @pytest.mark.parametrize(
        ("value", "decimals", "text"),
        [
            # portfolios.md §6: "1" for a single position; 0.736595 and 0.263405 in the published valuation.
            ("1.0000000000", 10, "1"),
            ("0.7365950000", 10, "0.736595"),
            ("0.26340500004", 10, "0.263405"),
            ("0", 10, "0"),
            ("-0.00000000001", 10, "0"),
            ("-0.0125", 3, "-0.012"),
            ("100", 2, "100"),
            ("0.5", 0, "0"),
        ],
    )
    def test_fractions(self, value: str, decimals: int, text: str) -> None:
        assert money.fraction(D(value), decimals) == text
