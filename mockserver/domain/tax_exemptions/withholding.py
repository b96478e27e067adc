"""The tax that is withheld of a sell or a dividend: the one place that knows (payments.md §12, §12.1).

::

    withheld = withhold(world, of=account, instrument=instrument, income=Income.DIVIDEND, amount=Decimal("12.40"))
    ...book amount less withheld.tax: events of the balance and the transaction...
    use(world, withheld)        # after the booking: counts what was exempt, TAX_EXEMPTION.UPDATED
    give_back(world, withheld)  # where the booking is taken back

:func:`withhold` changes nothing. The tax is ``rate x (amount - exempt)`` in cents, half-even; the rate is the
instrument's own, else the profile's for holders who are taxed in Germany. Nothing is withheld by default.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from mockserver.domain.accounts.accounts import Account, AccountGroup
from mockserver.domain.accounts.holders import holder_ids
from mockserver.domain.instruments.instruments import Instrument
from mockserver.domain.tax_exemptions.exemptions import release, usable, utilise
from mockserver.domain.users.tax_residencies import GERMANY, countries
from mockserver.kernel.money import ZERO, cents, minus, plus, times
from mockserver.kernel.world import World


class Income(StrEnum):
    """What is taxed."""

    SELL = "SELL"
    DIVIDEND = "DIVIDEND"


class Withheld(NamedTuple):
    """The tax of an income, and how much of the income an exemption kept free of it."""

    tax: Decimal = ZERO
    exempt: Decimal = ZERO
    exemption_id: str = ""
    exact: Decimal = ZERO
    """The tax before it was rounded."""


NOTHING: Final = Withheld()


def withhold(
    world: World,
    *,
    of: Account,
    instrument: Instrument,
    income: Income,
    amount: Decimal,
    currency: str = "",
    exact: Decimal = ZERO,
    taken: Decimal = ZERO,
) -> Withheld:
    """The tax on an income of ``amount`` gross in ``currency`` (without: that of the instrument).

    An exemption keeps euros free of tax only.

    Of an order in parts, the tax on all parts is rounded, and not each part's: ``exact`` is the tax on the parts before
    as it was before rounding, ``taken`` as it was withheld.
    """
    rate = instrument.sell_tax if income == Income.SELL else None
    if rate is None:
        taxes = world.profile.taxes
        rate = taxes.of_sells(instrument.isin) if income == Income.SELL else taxes.of_dividends(instrument.isin)
        if not rate or not taxed_in_germany(world, of):
            return NOTHING
    if not rate:
        return NOTHING
    exempt, exemption_id = exemption_for(world, of, currency or instrument.currency, amount)
    own = times(minus(amount, exempt), rate)
    return Withheld(max(minus(cents(plus(exact, own)), taken), ZERO), exempt, exemption_id, own)


def taxed_in_germany(world: World, of: Account | AccountGroup) -> bool:
    """Whether one of its holders has a German tax residency (trading.md §10.5, inferred)."""
    return any(GERMANY in countries(world, each) for each in holder_ids(of))


def exemption_for(world: World, of: Account | AccountGroup, currency: str, amount: Decimal) -> tuple[Decimal, str]:
    """How much of an income the exemption of its holders covers, and the exemption's id."""
    found = usable(world, holder_ids(of)) if currency == "EUR" else None
    if found is None or not (exempt := min(amount, found.remaining)):
        return ZERO, ""
    return exempt, found.id


def use(world: World, withheld: Withheld) -> None:
    """Count what was exempt, after the booking (payments.md §12.1, inferred)."""
    if withheld.exempt:
        utilise(world, withheld.exemption_id, withheld.exempt)


def give_back(world: World, withheld: Withheld) -> None:
    """Take back what was counted: the booking is taken back, as a mistrade is (payments.md §12.1, inferred)."""
    if withheld.exempt:
        release(world, withheld.exemption_id, withheld.exempt)
