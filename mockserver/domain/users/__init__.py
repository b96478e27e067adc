"""Users and what is known of them: identifiers, tax residencies, changes of their data."""

from mockserver.domain.users import (
    data_changes,
    identifier_standards,
    identifiers,
    refusals,
    tax_residencies,
    users,
)

__all__ = [
    "data_changes",
    "identifier_standards",
    "identifiers",
    "refusals",
    "tax_residencies",
    "users",
]
