"""payments.md §10.6: the fee of an amount by the tiers of a model."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain.transaction_fees.tiers import Tier, fee_on, largest_fee, tiers
from mockserver.models.fees import TransactionFeeAbsoluteTier, TransactionFeeRelativeTier
from tests.lanes import examples

LADDER = tuple(Tier(Decimal(start), fee=Decimal(fee)) for start, fee in ((0, 1), (500, 2), (2000, 5), (10000, 10)))
"""Published (§10.6 [E])."""
PERCENT = (Tier(Decimal(0), bps=Decimal(100), least=Decimal(1), most=Decimal(100)),)
"""Published: 1 %, at least 1, at most 100."""
CHEAPER = (Tier(Decimal(0), bps=Decimal(100)), Tier(Decimal(1000), bps=Decimal(10)))
"""1 %, from 1000 on 0.1 %."""


@pytest.mark.parametrize(
    ("amount", "fee"),
    [
        ("0", "1"),
        ("0.01", "1"),
        ("499.99", "1.00"),
        ("500.00", "2.00"),  # "meets or exceeds"
        ("1999.99", "2"),
        ("2000", "5"),
        ("9999.99", "5"),
        ("10000", "10.00"),
        ("999999999.99", "10"),
    ],
)
def test_the_published_ladder_at_its_boundaries(amount: str, fee: str) -> None:
    assert fee_on(Decimal(amount), LADDER) == Decimal(fee)


@pytest.mark.parametrize(
    ("amount", "fee"),
    [
        ("50", "1.00"),  # 0.50, below the floor
        ("100", "1.00"),
        ("100.50", "1.01"),  # 1.005, half up
        ("100.49", "1.00"),  # 1.0049
        ("250", "2.50"),
        ("10000", "100"),
        ("20000", "100.00"),  # 200, above the cap
    ],
)
def test_the_published_percentage_with_floor_and_cap(amount: str, fee: str) -> None:
    assert fee_on(Decimal(amount), PERCENT) == Decimal(fee)


def test_an_absolute_fee_is_rounded_to_cents() -> None:
    assert fee_on(Decimal(1), [Tier(Decimal(0), fee=Decimal("1.005"))]) == Decimal("1.01")


def test_the_largest_fee_of_a_sum_may_be_that_of_a_smaller_one() -> None:
    assert fee_on(Decimal(1100), CHEAPER) == Decimal("1.10")
    assert largest_fee(Decimal(1100), CHEAPER) == 10  # of 999.99: 9.9999
    assert largest_fee(Decimal(900), CHEAPER) == 9
    assert largest_fee(Decimal(2000), LADDER) == 5


def test_rows_of_the_wire_are_read_in_their_order() -> None:
    absolute = TransactionFeeAbsoluteTier(tier_id="0", base_amount_from="0.00", fee_amount="1.00")
    relative = TransactionFeeRelativeTier(
        tier_id="1", base_amount_from="500", fee_bps="12.5", min_fee_amount="1", max_fee_amount="9"
    )
    bare = TransactionFeeRelativeTier(tier_id="2", base_amount_from="600", fee_bps="3")
    assert tiers([absolute, relative, bare]) == (
        Tier(Decimal(0), fee=Decimal(1)),
        Tier(Decimal(500), bps=Decimal("12.5"), least=Decimal(1), most=Decimal(9)),
        Tier(Decimal(600), bps=Decimal(3)),
    )


CENTS = st.integers(0, 3_000_000).map(lambda number: Decimal(number) / 100)


@st.composite
def models(draw: st.DrawFn) -> tuple[Tier, ...]:
    """Tiers from 0 on, ascending, of one form, with floors and caps in whole cents."""
    starts = sorted(draw(st.sets(st.integers(1, 20_000), max_size=4)))
    absolute = draw(st.booleans())
    return tuple(_tier(draw, Decimal(start), absolute) for start in (0, *starts))


def _tier(draw: Any, start: Decimal, absolute: bool) -> Tier:
    if absolute:
        return Tier(start, fee=draw(CENTS))
    least, most = sorted((draw(CENTS), draw(CENTS)))
    return Tier(start, bps=Decimal(draw(st.integers(0, 20_000))) / 100, least=least, most=most)


@settings(max_examples=examples(100, heavy=5_000), deadline=None)
@given(models(), st.lists(CENTS, min_size=2, max_size=6))
def test_fees_keep_their_bounds_grow_inside_a_tier_and_never_exceed_the_largest(
    model: tuple[Tier, ...], sums: list[Decimal]
) -> None:
    placed = [(amount, max(tier for tier in model if tier.start <= amount)) for amount in sorted(sums)]
    for amount, tier in placed:
        fee = fee_on(amount, model)
        assert fee == fee.quantize(Decimal("0.01"))
        if tier.bps is None:
            assert fee == tier.fee
        else:
            assert tier.most is not None
            assert tier.least <= fee <= tier.most
    for (amount, tier), (more, same) in pairwise(placed):
        if tier == same:
            assert fee_on(amount, model) <= fee_on(more, model)
    assert max(fee_on(amount, model) for amount in sums) <= largest_fee(max(sums), model)
