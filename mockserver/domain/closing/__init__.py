"""Closing accounts and account groups, offboarding users."""

from mockserver.domain.closing import (
    closing,
    offboarding,
)

__all__ = [
    "closing",
    "offboarding",
]
