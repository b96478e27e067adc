"""Closing accounts and account groups, offboarding users."""

from mockserver.domain.closing import (
    accounts,
    refusals,
    users,
)

__all__ = [
    "accounts",
    "refusals",
    "users",
]
