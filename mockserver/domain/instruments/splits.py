"""Splits: more or fewer units of an instrument, at prices that keep what they are worth (payments.md §15.2).

A 3:1 split makes three units of one and divides every price by three; a 1:10 (reverse) split makes one of ten. The
instrument keeps the product of its splits: its own quote is divided by it, and units of an earlier day are multiplied.
Prices that were set are divided once, with their history.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_DOWN, Decimal
from math import gcd
from typing import Final, NamedTuple

from mockserver.kernel.money import QUANTITY_DECIMALS, over, stripped, times

PRICE_DECIMALS: Final = 10
"""Decimals of a price after a split, or as many as it had before (chosen)."""

_MOST_DECIMALS: Final = 27
_SMALLEST: Final = Decimal((0, (1,), -_MOST_DECIMALS))


class Ratio(NamedTuple):
    """New units for old ones, in lowest terms: ``Ratio(3, 1)`` makes three of one."""

    new: int
    old: int

    def __str__(self) -> str:
        return f"{self.new}:{self.old}"


WHOLE: Final = Ratio(1, 1)
"""No split."""


class Split(NamedTuple):
    """A split that was carried out on a day."""

    day: date
    ratio: Ratio


def ratio(new: int, old: int) -> Ratio:
    """The ratio in lowest terms, so that two of them compare. Raises ``ValueError`` for a part that is not above 0."""
    if new <= 0 or old <= 0:
        raise ValueError(f"a ratio has two whole numbers above 0, not {new}:{old}")
    common = gcd(new, old)
    return Ratio(new // common, old // common)


def product(ratios: Iterable[Ratio]) -> Ratio:
    """One split after the other."""
    both = WHOLE
    for each in ratios:
        both = ratio(both.new * each.new, both.old * each.old)
    return both


def since(before: Ratio, now: Ratio) -> Ratio:
    """The splits from one product to a later one."""
    return ratio(now.new * before.old, now.old * before.new)


def back(of: Ratio) -> Ratio:
    """The split that takes another one back."""
    return Ratio(of.old, of.new)


def units(quantity: Decimal, by: Ratio) -> Decimal:
    """Units after a split: 10 decimals, rounded down towards zero (payments.md §15.2)."""
    if by == WHOLE:
        return quantity
    scaled = over(times(quantity, Decimal(by.new)), Decimal(by.old), QUANTITY_DECIMALS, ROUND_DOWN)
    return stripped(scaled)


def price(value: Decimal, by: Ratio) -> Decimal:
    """A price after a split, so that units x price stays: half-even to 10 decimals, or to those that it had."""
    if by == WHOLE:
        return value
    exponent = value.as_tuple().exponent
    decimals = max(PRICE_DECIMALS, -exponent if isinstance(exponent, int) else 0)
    wanted = times(value, Decimal(by.old)), Decimal(by.new)
    rounded = over(*wanted, min(decimals, _MOST_DECIMALS)) or over(*wanted, _MOST_DECIMALS)
    return stripped(max(rounded, _SMALLEST))
