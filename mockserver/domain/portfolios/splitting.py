"""From an amount to single orders (portfolios.md §4.3): pure arithmetic in cents."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

from mockserver.domain.orders.trades import MOST_PORTIONS
from mockserver.kernel.money import LARGEST_AMOUNT, ZERO, floor_cents, minus, over, split


def portions(amount: Decimal) -> list[Decimal]:
    """``amount`` in as few equal portions as orders can carry (none above 999,999,999.99; inferred); one of most."""
    if amount <= LARGEST_AMOUNT:
        return [amount]
    count = over(amount, LARGEST_AMOUNT, 0, ROUND_CEILING)
    return split(amount, [Decimal(1)] * int(count))


def too_large(amount: Decimal) -> bool:
    """Whether ``amount`` would take more portions than there may be."""
    return amount > LARGEST_AMOUNT * MOST_PORTIONS


def capped(amount: Decimal, weights: Sequence[Decimal], caps: Sequence[Decimal]) -> list[Decimal] | None:
    """``amount`` split by weight, no share above its cap; what a capped share cannot take goes to the others by weight.

    Shares are in cents and sum to ``amount``. None when the caps together are less than the amount (inferred, §4.3).
    """
    shares = [ZERO] * len(weights)
    open_, left = list(range(len(weights))), amount
    while left:
        if not open_:
            return None
        proposed = split(left, [weights[index] for index in open_])
        over = [index for index, share in zip(open_, proposed, strict=True) if share > caps[index]]
        if not over:
            for index, share in zip(open_, proposed, strict=True):
                shares[index] = share
            return shares
        for index in over:
            shares[index] = floor_cents(caps[index])
            left = minus(left, shares[index])
        open_ = [index for index in open_ if index not in over]
    return shares
