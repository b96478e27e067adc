"""Instruments and their prices: onboarding, changes, quotes, end-of-day prices, price data."""

from mockserver.domain.instruments import (
    instruments,
    listings,
    price_bars,
    price_data,
    price_series,
    prices,
)

__all__ = [
    "instruments",
    "listings",
    "price_bars",
    "price_data",
    "price_series",
    "prices",
]
