"""Decimal arithmetic of the house: amounts, quantities, prices and weights, none of which ever loses a digit.

The contract allows numbers of 63 digits before and 27 after the point. Python's own operators round silently to 28
digits (``+``, ``-``, ``*``, ``/``, ``sum``, ``round`` and even ``-x`` and ``abs(x)`` do), so code about money uses
the functions of this module instead:

=================================  ==========================================================
``plus``, ``minus``, ``total``     exact sums
``times``                          exact products
``over``                           a quotient, correctly rounded to the decimals asked for
``cents``, ``cents_half_up``,      rounding to the smallest unit of every currency here
``floor_cents``
``units_for``                      the quantity an amount buys
``split``                          an amount divided by weights without losing a cent
``decimal``                        wire text to number
``wire_amount``, ``wire_number``   number to wire text
``fraction``                       weights and returns to wire text
=================================  ==========================================================

Comparing, hashing, ``max``, ``min``, ``copy_abs()`` and ``copy_negate()`` are exact as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import (
    ROUND_05UP,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    Inexact,
    InvalidOperation,
)
from functools import reduce
from typing import Final

ZERO: Final = Decimal(0)
CENT: Final = Decimal("0.01")
QUANTITY_DECIMALS: Final = 10
"""Most decimals of a quantity (portfolios.md §4.3: "up to 10 decimals"; trading.md §13, inferred from an example)."""

LARGEST_AMOUNT: Final = Decimal("999999999.99")
"""The largest amount of an order, an execution and a cash transaction: nine digits (concepts.md §8 [S])."""
PRICES_BELOW: Final = 10**15
HOLDINGS_BELOW: Final = 10**18
"""Bounds of the prices, and of the cash and the units, that come into a world from outside; the mock's own.

Whatever is traded with these, no value comes near the 63 digits of the contract's balances, quantities and valuations.
"""

_PRECISION: Final = 400
"""Digits of every calculation: the product of four numbers of full length (4 * 90) still fits."""
_EXACT: Final = Context(prec=_PRECISION, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, Inexact])
_ROUNDING: Final = Context(prec=_PRECISION, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])
# Rounding twice (to 400 digits, then to the decimals asked for) can go wrong at a tie; ROUND_05UP is made so that it
# cannot: it keeps the last digit from looking like a tie.
_QUOTIENT: Final = Context(prec=_PRECISION, rounding=ROUND_05UP, traps=[InvalidOperation])
_PLAIN_NUMBER: Final = re.compile(r"-?[0-9]{0,63}(\.[0-9]{1,27})?")


def decimal(text: str) -> Decimal:
    """The number a text of the wire stands for, digit for digit (``"1.00"`` keeps its two zeros).

    At most 63 digits before and 27 after the point, as in the contract's pattern for amounts and quantities; ``".5"``
    passes, as it does there. Raises ``ValueError`` for anything else: exponents, ``NaN``, spaces, and the empty text
    (which the contract's pattern lets through).
    """
    if not _PLAIN_NUMBER.fullmatch(text) or text in ("", "-"):
        raise ValueError(
            f"{text[:100]!r} is not a decimal number: up to 63 digits, then optionally a point and up to 27 digits"
        )
    return Decimal(text)


def plus(a: Decimal, b: Decimal) -> Decimal:
    """``a + b``, exact."""
    return _EXACT.add(a, b)


def minus(a: Decimal, b: Decimal) -> Decimal:
    """``a - b``, exact."""
    return _EXACT.subtract(a, b)


def total(numbers: Iterable[Decimal]) -> Decimal:
    """The sum of all ``numbers``, exact; 0 for none."""
    return reduce(_EXACT.add, numbers, ZERO)


def times(a: Decimal, b: Decimal) -> Decimal:
    """``a * b``, exact. Raises ``decimal.Inexact`` above 400 digits, which no product of two wire numbers reaches."""
    return _EXACT.multiply(a, b)


def over(a: Decimal, b: Decimal, decimals: int, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """``a / b`` with exactly ``decimals`` decimals, rounded once by ``rounding`` (a constant of ``decimal``).

    Raises ``ValueError`` when ``b`` is zero.
    """
    if not b:
        raise ValueError(f"cannot divide {a} by zero")
    return _QUOTIENT.divide(a, b).quantize(_step(decimals), rounding, _ROUNDING)


def cents(value: Decimal) -> Decimal:
    """``value`` with two decimals, half-even: valuations (portfolios.md §6, inferred)."""
    return value.quantize(CENT, ROUND_HALF_EVEN, _ROUNDING)


def cents_half_up(value: Decimal) -> Decimal:
    """``value`` with two decimals, half up: transaction fees (payments.md §10.6, inferred)."""
    return value.quantize(CENT, ROUND_HALF_UP, _ROUNDING)


def floor_cents(value: Decimal) -> Decimal:
    """``value`` with two decimals, never above it (-0.001 becomes -0.01)."""
    return value.quantize(CENT, ROUND_FLOOR, _ROUNDING)


def units_for(amount: Decimal, price: Decimal) -> Decimal:
    """The quantity that ``amount`` buys at ``price``, cut to 10 decimals, without trailing zeros.

    Source: trading.md §13: 1000 / 85.22 is published as 11.734334663, cut off; the mock cuts to 10 decimals
    (inferred). Both in one currency. Raises ``ValueError`` for a negative amount or a price that is not above zero.
    """
    if amount < 0 or price <= 0:
        raise ValueError(f"an amount of at least 0 and a price above 0 give a quantity, not {amount} at {price}")
    return stripped(over(amount, price, QUANTITY_DECIMALS, ROUND_DOWN))


def split(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """``amount`` divided in the ratio of ``weights``, in whole cents that sum to ``amount`` exactly.

    Every share is rounded down; the cents left over go one by one to the largest remainders, of equal ones to the
    first (portfolios.md §4.3, inferred). Weights need not sum to 1; a weight of zero gets nothing.

    Raises ``ValueError`` when ``amount`` is negative or no whole number of cents, when a weight is negative, or when
    no weight is above zero.
    """
    if amount < 0 or cents(amount) != amount:
        raise ValueError(f"only an amount of whole cents, at least 0, can be split, not {amount}")
    if not any(weights) or min(weights) < 0:
        raise ValueError(f"weights are at least 0 and one is above 0, not {[str(weight) for weight in weights]}")
    # Integers from here: Python's are exact at any length.
    to_share = int(amount.scaleb(2, _EXACT))
    decimals = max(_decimals(weight) for weight in weights)
    parts = [int(weight.scaleb(decimals, _EXACT)) for weight in weights]
    whole = sum(parts)
    shares, remainders = map(list, zip(*(divmod(to_share * part, whole) for part in parts), strict=True))
    left = to_share - sum(shares)
    for index in sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)[:left]:
        shares[index] += 1
    return [Decimal(share).scaleb(-2, _EXACT) for share in shares]


def wire_amount(value: Decimal) -> str:
    """An amount of cash as the API writes it: ``"0"``, ``"1000"``, ``"828.75"``, ``"852.20"`` (trading.md §14).

    A whole number has no decimals, every other exactly two. Raises ``ValueError`` when a third decimal would be lost:
    round first (``cents``).
    """
    if cents(value) != value:
        raise ValueError(f"an amount on the wire has two decimals, {value} has more; round it with cents() first")
    digits = 0 if value == value.to_integral_value() else 2
    return wire_number(value.quantize(_step(digits), ROUND_HALF_EVEN, _ROUNDING))


def wire_number(value: Decimal) -> str:
    """``value`` in digits, never with an exponent; its decimals stay (``"1.00"``), and there is no ``"-0"``."""
    if not value.is_finite():
        raise ValueError(f"{value} is not a number for the wire")
    return f"{value or value.copy_abs():f}"


def fraction(value: Decimal, decimals: int) -> str:
    """A weight or a return: half-even to ``decimals``, without trailing zeros (``"1"``, ``"0"``, ``"0.263405"``).

    Source: portfolios.md §6 (a single position has weight ``"1"``; half-even inferred).
    """
    return wire_number(stripped(value.quantize(_step(decimals), ROUND_HALF_EVEN, _ROUNDING)))


def _step(decimals: int) -> Decimal:
    """The smallest number with ``decimals`` decimals: 0.01 for 2."""
    return Decimal((0, (1,), -decimals))


def _decimals(value: Decimal) -> int:
    """How many digits ``value`` has after the point; 0 when its exponent is positive."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"{value} is not a finite number")
    return max(-exponent, 0)


def stripped(value: Decimal) -> Decimal:
    """``value`` without trailing zeros after the point (100 stays 100, not 1E+2)."""
    if value == value.to_integral_value():
        return value.quantize(Decimal(1), ROUND_HALF_EVEN, _ROUNDING)
    return value.normalize(_ROUNDING)
