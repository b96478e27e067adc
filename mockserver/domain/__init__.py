"""The rules of the API, one package per resource family; importing it attaches them to the contract's operations."""

from mockserver.domain import (
    accounts,
    closing,
    daily_runs,
    followers,
    instruments,
    ledger,
    onboarding,
    orders,
    payments,
    portfolios,
    rules,
    sizes,
    users,
    valuations,
)

__all__ = [
    "accounts",
    "closing",
    "daily_runs",
    "followers",
    "instruments",
    "ledger",
    "onboarding",
    "orders",
    "payments",
    "portfolios",
    "rules",
    "sizes",
    "users",
    "valuations",
]
