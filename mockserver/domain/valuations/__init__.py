"""Valuations of accounts, and the returns computed from them."""

from mockserver.domain.valuations import (
    appraisal,
    returns,
    valuations,
)

__all__ = [
    "appraisal",
    "returns",
    "valuations",
]
