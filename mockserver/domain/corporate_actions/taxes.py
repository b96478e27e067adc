"""The tax on a dividend, withheld from what is paid (payments.md §12)."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from mockserver.domain.accounts.accounts import Account
from mockserver.domain.instruments.instruments import Instrument
from mockserver.kernel.money import ZERO
from mockserver.kernel.world import World
from mockserver.models.transactions import CashTransactionTaxBreakdown


class Withheld(NamedTuple):
    """The tax in whole cents, and the rows that a cash transaction shows of it."""

    amount: Decimal = ZERO
    rows: tuple[CashTransactionTaxBreakdown, ...] = ()


def withheld(world: World, of: Account, instrument: Instrument, gross: Decimal, currency: str) -> Withheld:
    """What is withheld of a dividend of ``gross`` for an account: nothing, as long as no rate is set."""
    return Withheld()
