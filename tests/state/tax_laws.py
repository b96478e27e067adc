"""What holds of tax exemptions, tax collections and the Vorabpauschale, whatever was done to a world (payments.md §18).

Sums are made anew from what was traded and booked, never taken from the rows that they check.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from mockserver.domain.instruments.instruments import INSTRUMENTS
from mockserver.domain.ledger.transactions import CASH_TRANSACTIONS, SECURITY_TRANSACTIONS
from mockserver.domain.orders.trades import EXECUTIONS
from mockserver.domain.tax_collections.collections import TAX_COLLECTIONS
from mockserver.domain.tax_collections.prepayments import PREPAYMENTS
from mockserver.domain.tax_exemptions.exemptions import TAX_EXEMPTIONS
from tests.state.market import ZERO, Market
from tests.state.told_exemptions import ToldExemptions
from tests.state.told_taxes import ToldTaxes

CENT = Decimal("0.01")
MOST = Decimal("999999999.99")
"""The largest amount that the API writes."""
OPEN = ("NEW", "ACTIVE")


def check_taxes(market: Market, told: ToldExemptions) -> None:
    _check_exemptions(market, told)
    _check_collections(market)
    _check_prepayments(market)


def _check_exemptions(market: Market, told: ToldExemptions) -> None:
    """Used and left sum to what was granted; what is used is what trades and prepayments say; one a user (§18, 23)."""
    world = market.world
    used, otherwise = (defaultdict[str, Decimal](Decimal) for _ in range(2))
    for trade in world.table(EXECUTIONS):
        if trade.exempt and trade.status != "CANCELLED":
            used[trade.exemption_id] += trade.exempt
            assert 0 < trade.exempt <= Decimal(trade.cash_amount), trade
    for row in world.table(PREPAYMENTS):
        if row.exempt:
            otherwise[row.tax_exemption_id] += row.exempt
    noted = {identity: amount for identity, amount in told.otherwise.items() if amount}
    assert noted == otherwise, f"{otherwise} was used without a trade"
    holders: Counter[str] = Counter()
    for each in world.table(TAX_EXEMPTIONS):
        shown = each.tax_exemption_details
        parts = [Decimal(part.amount) for part in (shown.utilized_amount, shown.remaining_amount)]
        assert min(parts) >= 0, each
        assert sum(parts, ZERO) == Decimal(shown.tax_exemption_amount.amount), f"{each} does not sum up"
        assert parts[0] == used.pop(each.id, ZERO) + otherwise[each.id], f"{each} is used otherwise"
        holders.update(each.user_ids if each.status in OPEN else ())
    assert not used, f"{used} is of no exemption"
    assert max(holders.values(), default=1) == 1, f"a user has two exemptions: {holders}"


def _check_collections(market: Market) -> None:
    """A FINALISED one has one transaction, of what it took, at most its amount; every other none (§18)."""
    booked: defaultdict[str, list[Decimal]] = defaultdict(list)
    for entry in market.world.table(CASH_TRANSACTIONS):
        if entry.type in ToldTaxes.transactions:
            booked[entry.references[0].id].append(-Decimal(entry.delta.amount))
    for row in market.world.table(TAX_COLLECTIONS):
        parts = row.processed_amount
        taken = Decimal(parts.cash_balance.amount) + Decimal(parts.sell_to_cover.amount)
        assert taken <= Decimal(row.collection_amount.amount), row
        if row.status == "FINALISED":
            assert booked.pop(row.id) == [taken], row
            assert taken > 0, row
        else:
            assert row.status == "PROCESSING" or not taken, row
    assert not booked, f"{booked} of collections that are not FINALISED"


def _check_prepayments(market: Market) -> None:
    """Units of 31 December, times price and rate; a quarter of what is not exempt is collected (§12.3)."""
    world = market.world
    for row in world.table(PREPAYMENTS):
        group_id, instrument_id, year = row.id.split("/")
        isin = world.table(INSTRUMENTS)[instrument_id].isin or ""
        units = _units_before(market, group_id, isin, int(year))
        assert row.units == units, f"{row}: {units} were there on 31 December"
        income = _cents(units * row.price * world.profile.taxes.of_prepayment(isin))
        assert (row.income, row.exempt <= income) == (income, True), row
        assert row.amount == min(_cents((income - row.exempt) / 4), MOST), row
        collected: Any = world.table(TAX_COLLECTIONS).get(row.tax_collection_id)
        assert (collected is None) == (row.amount == 0), row
        if collected is not None:
            assert Decimal(collected.collection_amount.amount) == row.amount, row


def _units_before(market: Market, group_id: str, isin: str, year: int) -> Decimal:
    """What the accounts of a group were given, and what was booked before a year."""
    accounts = {row.id for row in market.world.store.named("accounts") or () if row.account_group_id == group_id}
    had = sum((units for (account, each), units in market.grants.items() if account in accounts and each == isin), ZERO)
    return had + sum(
        (
            Decimal(entry.delta.amount)
            for entry in market.world.table(SECURITY_TRANSACTIONS)
            if entry.account_id in accounts and entry.instrument.isin == isin and entry.created_at.year < year
        ),
        ZERO,
    )


def _cents(number: Decimal) -> Decimal:
    return number.quantize(CENT, ROUND_HALF_EVEN)
