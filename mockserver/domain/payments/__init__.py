"""Money that comes in: bank transfers and credit fundings."""

from mockserver.domain.payments import (
    admission,
    bank_transfers,
    cash_transfers,
    credit_fundings,
    cut_offs,
    refusals,
    under_way,
    virtual_cash,
)

__all__ = [
    "admission",
    "bank_transfers",
    "cash_transfers",
    "credit_fundings",
    "cut_offs",
    "refusals",
    "under_way",
    "virtual_cash",
]
