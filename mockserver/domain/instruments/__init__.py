"""Instruments and their prices: onboarding, changes, quotes, end-of-day prices, price data."""

from mockserver.domain.instruments import (
    instruments,
    onboarding,
    price_bars,
    price_data,
    price_series,
    prices,
    refusals,
)

__all__ = [
    "instruments",
    "onboarding",
    "price_bars",
    "price_data",
    "price_series",
    "prices",
    "refusals",
]
