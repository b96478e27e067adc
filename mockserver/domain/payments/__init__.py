"""Money that comes in and goes out: bank details, direct debits, bank transfers and credit fundings."""

from mockserver.domain.payments import (
    admission,
    bank_details,
    bank_transfers,
    cash_transfers,
    credit_fundings,
    cut_offs,
    direct_debit_returns,
    direct_debits,
    ibans,
    mandates,
    outcomes,
    reference_accounts,
    refusals,
    under_way,
    virtual_cash,
)

__all__ = [
    "admission",
    "bank_details",
    "bank_transfers",
    "cash_transfers",
    "credit_fundings",
    "cut_offs",
    "direct_debit_returns",
    "direct_debits",
    "ibans",
    "mandates",
    "outcomes",
    "reference_accounts",
    "refusals",
    "under_way",
    "virtual_cash",
]
