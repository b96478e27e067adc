"""Money that comes in: bank transfers and credit fundings."""

from mockserver.domain.payments import (
    bank_transfers,
    credit_fundings,
    refusals,
)

__all__ = [
    "bank_transfers",
    "credit_fundings",
    "refusals",
]
