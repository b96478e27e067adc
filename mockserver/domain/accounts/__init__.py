"""Account groups, accounts, and the roles that users have in them."""

from mockserver.domain.accounts import (
    accounts,
    refusals,
    roles,
)

__all__ = [
    "accounts",
    "refusals",
    "roles",
]
