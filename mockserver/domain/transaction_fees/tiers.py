"""The fee that the tiers of a model set for an amount (payments.md §10.6). Pure arithmetic: no world."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

from mockserver.kernel.money import ZERO, cents_half_up, decimal, times
from mockserver.models.fees import TransactionFeeAbsoluteTier, TransactionFeeRelativeTier

_BASIS_POINT: Final = Decimal("0.0001")


class Tier(NamedTuple):
    """One step of a model: an absolute ``fee``, or ``bps`` of the amount within a floor and a cap."""

    start: Decimal
    """The smallest amount of the tier."""
    fee: Decimal = ZERO
    bps: Decimal | None = None
    least: Decimal = ZERO
    most: Decimal | None = None

    def of(self, amount: Decimal) -> Decimal:
        """The fee on ``amount`` in this tier, half up to cents (rounding inferred)."""
        if self.bps is None:
            return cents_half_up(self.fee)
        share = max(times(times(amount, self.bps), _BASIS_POINT), self.least)
        return cents_half_up(share if self.most is None else min(share, self.most))


def tiers(rows: Sequence[TransactionFeeAbsoluteTier | TransactionFeeRelativeTier]) -> tuple[Tier, ...]:
    """The rows of a model as numbers, in their order. Raises ``ValueError`` for an empty text."""
    return tuple(_tier(row) for row in rows)


def _tier(row: TransactionFeeAbsoluteTier | TransactionFeeRelativeTier) -> Tier:
    start = decimal(row.base_amount_from)
    if isinstance(row, TransactionFeeAbsoluteTier):
        return Tier(start, fee=decimal(row.fee_amount))
    return Tier(
        start,
        bps=decimal(row.fee_bps),
        least=ZERO if row.min_fee_amount is None else decimal(row.min_fee_amount),
        most=None if row.max_fee_amount is None else decimal(row.max_fee_amount),
    )


def fee_on(amount: Decimal, of: Sequence[Tier]) -> Decimal:
    """The fee on ``amount``: by the last tier whose start it "meets or exceeds" (§10.6 [D]); 0 below the first."""
    reached = [tier for tier in of if tier.start <= amount]
    return reached[-1].of(amount) if reached else ZERO


def largest_fee(amount: Decimal, of: Sequence[Tier]) -> Decimal:
    """The largest fee on any sum up to ``amount``, which is not that on ``amount`` where a later tier is cheaper.

    A tier that ends before ``amount`` counts with its end, so the result is a bound that no fee exceeds.
    """
    ends = [min(amount, after.start) for _, after in pairwise(of)]
    return max(
        (tier.of(end) for tier, end in zip(of, [*ends, amount], strict=True) if tier.start <= amount), default=ZERO
    )
