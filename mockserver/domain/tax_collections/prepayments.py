"""The Vorabpauschale: once a year a tax on funds and ETFs that were held on 31 December (payments.md §12.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS, AccountGroup
from mockserver.domain.instruments import splits
from mockserver.domain.instruments.instruments import INSTRUMENTS, AssetClass, Instrument
from mockserver.domain.instruments.prices import dealing, unadjusted
from mockserver.domain.ledger import positions
from mockserver.domain.ledger.past_positions import quantity_at
from mockserver.domain.tax_collections.collections import NOT_COLLECTED_FROM, collect
from mockserver.domain.tax_exemptions.withholding import Withheld, exemption_for, taxed_in_germany, use
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import LARGEST_AMOUNT, ZERO, cents, minus, plus, times
from mockserver.kernel.profile import Profile
from mockserver.kernel.record import Record
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.orders import OrderSide
from mockserver.models.taxes import TaxCollectionType

RUN: Final = "run.tax_prepayments"
RATE: Final = Decimal("0.25")
"""The tax on the income (payments.md §12.3, inferred)."""
CONCERNED: Final = frozenset({AssetClass.ETF, AssetClass.FUND})


@frozen(slots=False)
class Prepayment(Record):
    """What came of one instrument of an account group in one year; the API shows none of it."""

    id: str
    """``{account group}/{instrument}/{year}``."""
    account_group_id: str
    units: Decimal
    """Held on 31 December of the year before."""
    price: Decimal
    income: Decimal
    exempt: Decimal
    amount: Decimal
    tax_exemption_id: str = ""
    """The exemption that kept ``exempt`` of the income free of tax."""
    tax_collection_id: str = ""
    """Empty where nothing was left to collect."""


PREPAYMENTS: Kind[Prepayment] = Kind("tax_prepayments", indexes={"group": lambda row: row.account_group_id})


def wanted(profile: Profile) -> bool:
    """Whether the settings tax any instrument."""
    taxes = profile.taxes
    return bool(taxes.prepayment) or any(own.prepayment for own in taxes.instruments.values())


def plan(world: World) -> None:
    """Make the next run due, unless it is, or no instrument is taxed: 20 January, 09:00Z (hour off the example)."""
    if not wanted(world.profile) or world.clock.pending(RUN):
        return
    due = datetime(world.now.year, 1, 20, 9, tzinfo=UTC)
    if due <= world.now:
        due = due.replace(year=due.year + 1)
    world.clock.at(due, RUN, reason="Vorabpauschale of the year before", background=True)


def collect_all(world: World) -> Iterator[None]:
    """Collect from every account group of a holder who is taxed in Germany, once a year and instrument."""
    if not wanted(world.profile):
        return
    day = date(world.now.year - 1, 12, 31)
    for group in list(world.table(ACCOUNT_GROUPS)):
        if group.status not in NOT_COLLECTED_FROM and taxed_in_germany(world, group):
            for instrument, units in _held(world, group, day):
                _collect(world, group, instrument, units, day)
        yield


def _held(world: World, group: AccountGroup, day: date) -> list[tuple[Instrument, Decimal]]:
    """The funds and ETFs that a group held at the end of ``day``, in units of that day."""
    units: dict[str, Decimal] = {}
    after = datetime.combine(day + timedelta(days=1), time(), UTC)
    for account in world.table(ACCOUNTS).by("group", group.id):
        for held in positions.of_account(world, account.id):
            units[held.instrument_id] = plus(units.get(held.instrument_id, ZERO), quantity_at(world, held, after))
    known = world.table(INSTRUMENTS)
    return [(known[each], count) for each, count in units.items() if count > 0 and each in known]


def _collect(world: World, group: AccountGroup, instrument: Instrument, units: Decimal, day: date) -> None:
    """Income is rate x units x price; what no exemption covers of it is taxed (payments.md §12.3, inferred).

    The price of now counts for a unit of ``day``: splits since then are taken out of it.
    """
    rate = world.profile.taxes.of_prepayment(instrument.isin)
    price = dealing(world, instrument, OrderSide.SELL)
    identity = f"{group.id}/{instrument.id}/{world.now.year}"
    if not rate or not price or instrument.asset_class not in CONCERNED or instrument.currency != group.currency:
        return
    if identity in world.table(PREPAYMENTS):
        return
    price = splits.price(price, unadjusted(world, instrument, day))
    income = cents(times(times(units, price), rate))
    exempt, exemption_id = exemption_for(world, group, group.currency, income)
    amount = min(cents(times(minus(income, exempt), RATE)), LARGEST_AMOUNT)
    use(world, Withheld(amount, exempt, exemption_id))
    made = (
        collect(
            world,
            group,
            amount,
            type_=TaxCollectionType.TAX_PREPAYMENT_DE,
            instrument=instrument,
            offset=exempt,
            cause="Vorabpauschale",
        )
        if amount
        else None
    )
    world.table(PREPAYMENTS).put(
        Prepayment(
            identity,
            group.id,
            units,
            price,
            income,
            exempt,
            amount,
            tax_exemption_id=exemption_id,
            tax_collection_id="" if made is None else made.id,
        )
    )
