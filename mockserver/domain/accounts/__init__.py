"""Account groups, accounts, and the roles that users have in them."""

from mockserver.domain.accounts import (
    accounts,
    roles,
)

__all__ = [
    "accounts",
    "roles",
]
