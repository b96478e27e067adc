"""portfolios.md §4.3, arithmetic only: shares by weight, in cents, none above its cap."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.portfolios.splitting import capped

BOUNDLESS = "1000000"


def split(amount: str, weights: list[str], caps: list[str]) -> list[str] | None:
    shares = capped(Decimal(amount), [Decimal(each) for each in weights], [Decimal(each) for each in caps])
    return None if shares is None else [str(share) for share in shares]


def test_without_a_cap_in_the_way_the_weights_decide() -> None:
    assert split("1000", ["0.7", "0.3"], [BOUNDLESS, BOUNDLESS]) == ["700.00", "300.00"]


def test_the_cents_left_over_go_to_the_largest_remainders() -> None:
    # 33.333, 33.333, 33.334 rounded down leave one cent; the third has the largest remainder.
    assert split("100", ["0.33333", "0.33333", "0.33334"], [BOUNDLESS] * 3) == ["33.33", "33.33", "33.34"]
    # 0.10 in three: 3.33 cents each, equal remainders: the first gets the cent.
    assert split("0.10", ["1", "1", "1"], [BOUNDLESS] * 3) == ["0.04", "0.03", "0.03"]


def test_what_is_above_a_cap_goes_to_the_others_by_weight() -> None:
    # 500 to the first, of which 200 fit; the 300 over and the 500 of the others, in the ratio 30:20.
    assert split("1000", ["0.5", "0.3", "0.2"], ["200", "1000", "1000"]) == ["200.00", "480.00", "320.00"]


def test_spreading_may_reach_another_cap() -> None:
    # First round: 500, 300, 200; second: 800 in 30:20 = 480, 320; the second takes 400, the last the rest.
    assert split("1000", ["0.5", "0.3", "0.2"], ["200", "400", "1000"]) == ["200.00", "400.00", "400.00"]


def test_a_cap_counts_in_whole_cents() -> None:
    assert split("10", ["0.5", "0.5"], ["3.339", "100"]) == ["3.33", "6.67"]


def test_what_cannot_be_sold_gets_nothing() -> None:
    assert split("10", ["0.5", "0.5"], ["0", "10"]) == ["0.00", "10.00"]


def test_exactly_the_caps_is_possible_and_a_cent_more_is_not() -> None:
    assert split("300", ["0.5", "0.5"], ["100", "200"]) == ["100.00", "200.00"]
    assert split("300.01", ["0.5", "0.5"], ["100", "200"]) is None


cents = st.integers(0, 10**11).map(lambda number: Decimal(number) / 100)
weights = st.integers(1, 9_999_999).map(lambda number: Decimal(number) / 10**5)


@given(st.lists(st.tuples(weights, cents), min_size=1, max_size=8), cents)
def test_shares_are_whole_cents_within_their_caps_that_sum_to_the_amount(
    rows: list[tuple[Decimal, Decimal]], amount: Decimal
) -> None:
    caps = [cap for _, cap in rows]
    shares = capped(amount, [weight for weight, _ in rows], caps)
    if shares is None:
        assert sum(caps) < amount
    else:
        assert sum(shares) == amount
        assert all(0 <= share <= cap and share * 100 % 1 == 0 for share, cap in zip(shares, caps, strict=True))
