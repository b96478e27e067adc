"""Users and what is known of them: identifiers, tax residencies, changes of their data."""

from mockserver.domain.users import (
    identifier_standards,
    identifiers,
    tax_residencies,
    user_data,
    users,
)

__all__ = [
    "identifier_standards",
    "identifiers",
    "tax_residencies",
    "user_data",
    "users",
]
