"""Instruments and their prices: onboarding, changes, quotes, end-of-day prices, price data."""
