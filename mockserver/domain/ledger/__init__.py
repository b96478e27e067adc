"""The books: cash balances, positions, cash and securities transactions."""

from mockserver.domain.ledger import (
    cash,
    positions,
    transactions,
)

__all__ = [
    "cash",
    "positions",
    "transactions",
]
