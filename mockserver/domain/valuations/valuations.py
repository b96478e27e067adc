"""Valuations: what an account's securities are worth, now or at the end of a day (portfolios.md §6, seed document)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from mockserver.domain.accounts.accounts import ACCOUNTS, Account, account, currency_of
from mockserver.domain.ledger.positions import POSITIONS, of_account
from mockserver.domain.refusals import DATES_REVERSED
from mockserver.domain.valuations.appraisal import Appraiser, Valued, worth
from mockserver.kernel.actions import action
from mockserver.kernel.events import emit
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import cents, fraction, over, total, wire_amount, wire_number
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.common import PortfolioCurrency
from mockserver.models.valuations import (
    AccountValuation,
    AccountValuationInstrument,
    AccountValuationPositionValue,
    AccountValuationSecurityPosition,
    AccountValuationTotal,
    PriceQuality,
)

WEIGHT_DECIMALS: Final = 10
_PRECISION: Final = 30


@frozen(slots=False)
class Valuation:
    """A valuation as the sums it is made of; its JSON is made when somebody reads it.

    ``detailed``: shows the price quality of each position, as the current valuation does and history and events do not.
    """

    shown_as = AccountValuation

    id: str
    account_id: str
    at: datetime
    quality: PriceQuality
    currency: str
    rows: tuple[Valued, ...]
    detailed: bool

    @property
    def total(self) -> Decimal:
        """The sum of the rounded amounts (portfolios.md §6, inferred); unpriced positions do not count."""
        return total(cents(row.exact) for row in self.rows if row.exact is not None)

    @property
    def wire(self) -> bytes:
        return self.shown().wire

    def shown(self) -> AccountValuation:
        """The valuation as the contract has it."""
        currency = PortfolioCurrency(self.currency)
        whole = worth(self.rows)
        return AccountValuation(
            id=self.id,
            created_at=self.at,
            updated_at=self.at,
            valuation_time=self.at,
            account_id=self.account_id,
            price_quality=self.quality,
            total_security_value=AccountValuationTotal(amount=wire_amount(self.total), currency=currency),
            security_positions=tuple(self._position(row, whole, currency) for row in self.rows),
        )

    def _position(self, row: Valued, whole: Decimal, currency: PortfolioCurrency) -> AccountValuationSecurityPosition:
        instrument = AccountValuationInstrument(uuid=row.position.instrument_id, isin=row.position.isin)
        quantity = wire_number(row.position.quantity)
        value, weight = None, None
        if row.exact is not None and row.time is not None:
            value = AccountValuationPositionValue(
                amount=wire_amount(cents(row.exact)), currency=currency, price_time=row.time
            )
            # Weights come from the exact values: the published 0.736595 cannot come from the rounded ones (§6)
            share = over(row.exact, whole, _PRECISION) if whole else Decimal(0)
            weight = fraction(share, WEIGHT_DECIMALS)
        shown = AccountValuationSecurityPosition(instrument=instrument, value=value, quantity=quantity, weight=weight)
        return shown.evolve(price_quality=row.quality) if self.detailed else shown


VALUATIONS: Kind[Valuation] = Kind("valuations", indexes={"account": lambda row: row.account_id})

INTRADAY: Kind[Valuation] = Kind("intraday_valuations")
"""Those that are still to be told; they are no part of the history."""

EVENT: Final = "ACCOUNT_VALUATION.CREATED"
INTRADAY_EVENT: Final = "INTRADAY_ACCOUNT_VALUATION.CREATED"


def valuate(
    world: World, of: Account, quality: PriceQuality, appraiser: Appraiser, *, detailed: bool = False
) -> Valuation:
    """The value of the account's positions as they are; a closed account has none (portfolios.md §6, inferred)."""
    held = [] if of.status == AccountStatus.CLOSED else of_account(world, of.id)
    return Valuation(
        id=world.ids.new("valuation"),
        account_id=of.id,
        at=world.now,
        quality=quality,
        currency=currency_of(world, of),
        rows=tuple(appraiser.values(held)),
        detailed=detailed,
    )


def held_ever(world: World) -> list[Account]:
    """Every account that ever held a position, in order of creation: those that are valuated daily (§6, inferred)."""
    table = world.table(POSITIONS)
    return [row for row in world.table(ACCOUNTS) if table.count("account", row.id)]


def close_of_day(world: World, day: date) -> Iterator[Valuation]:
    """The EOD valuations of ``day``, one account after the other, each stored and told; at the day's EOD prices."""
    appraiser = Appraiser(world, day)
    for of in held_ever(world):
        if of.status == AccountStatus.CLOSED:
            continue
        row = world.table(VALUATIONS).put(valuate(world, of, PriceQuality.EOD, appraiser))
        _tell(world, VALUATIONS, row)
        yield row


def _tell(world: World, kind: Kind[Valuation], row: Valuation) -> None:
    """Announce a valuation: at once, or as long after it as the profile says (the published events: 10 s)."""
    run = world.profile.runs.valuations
    if run is not None and run.announce_after:
        reason = "a valuation is announced"
        world.clock.after(run.announce_after, "valuation.announce", kind.name, row.id, reason=reason)
    else:
        announce(world, kind.name, row.id)


@action("valuation.announce")
def announce(world: World, kind: str, valuation_id: str) -> None:
    """The event shows all positions, as the history does; by setting the priced ones only, as the published example.

    portfolios.md §6: what is in the payloads of webhooks is what the endpoints show [G].
    """
    of = INTRADAY if kind == INTRADAY.name else VALUATIONS
    row = world.table(of)[valuation_id]
    if of is INTRADAY:
        world.table(INTRADAY).remove(row.id)
    run = world.profile.runs.valuations
    if run is not None and run.unpriced == "left_out":
        row = replace(row, rows=tuple(held for held in row.rows if held.exact is not None))
    emit(world, INTRADAY_EVENT if of is INTRADAY else EVENT, row)


def intraday(world: World) -> Iterator[Valuation]:
    """Valuations in the middle of a day, one account after the other: told, not kept in the history (§6).

    At the highest available quality where any position has such a price, else EOD (inferred).
    """
    best, yesterday = Appraiser(world), Appraiser(world, _yesterday(world))
    for of in held_ever(world):
        if of.status == AccountStatus.CLOSED:
            continue
        priced = any(row.quality in ("REALTIME", "DELAYED") for row in best.values(of_account(world, of.id)))
        quality, appraiser = (PriceQuality.HIGHEST_AVAILABLE, best) if priced else (PriceQuality.EOD, yesterday)
        row = world.table(INTRADAY).put(valuate(world, of, quality, appraiser))
        _tell(world, INTRADAY, row)
        yield row


@operation("get_account_valuation")
def get_account_valuation(world: World, call: Call[None]) -> Valuation:
    """Computed at each call and not kept: current positions at yesterday's EOD prices, or at the best ones (§6)."""
    of = account(world, call.path["account_id"])
    quality = PriceQuality(call.query["price_quality"])
    day = _yesterday(world) if quality == PriceQuality.EOD else None
    return valuate(world, of, quality, Appraiser(world, day), detailed=True)


@operation("list_account_valuation_history")
def list_account_valuation_history(world: World, call: Call[None]) -> Listing:
    """The EOD valuations; both dates inclusive, on the valuation time (§6, end inferred)."""
    of = account(world, call.path["account_id"])
    start, end = call.query.get("start_date"), call.query.get("end_date")
    if start and end and start > end:
        raise DATES_REVERSED.refuse(start=start, end=end)
    rows = [
        row
        for row in world.table(VALUATIONS).by("account", of.id)
        if (start is None or row.at.date() >= start) and (end is None or row.at.date() <= end)
    ]
    return Listing(rows, "valuation_time")


def _yesterday(world: World) -> date:
    return date.fromordinal(world.now.date().toordinal() - 1)
