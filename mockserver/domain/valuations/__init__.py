"""Valuations of accounts, and the returns computed from them."""

from mockserver.domain.valuations import (
    returns,
    valuations,
    valuing,
)

__all__ = [
    "returns",
    "valuations",
    "valuing",
]
