"""Daily time-weighted returns on an account's securities (portfolios.md §8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final

from mockserver.domain.accounts.accounts import account
from mockserver.domain.instruments.instruments import INSTRUMENTS
from mockserver.domain.instruments.prices import last_eod, midnight
from mockserver.domain.orders.trades import Execution
from mockserver.domain.refusals import DATES_REVERSED
from mockserver.domain.transfers.securities import SecuritiesTransfer
from mockserver.domain.valuations.valuations import Valuation
from mockserver.kernel.events import emit
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import ZERO, cents, decimal, fraction, minus, over, plus, times
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.record import Record
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.orders import OrderSide
from mockserver.models.positions import AccountReturn, AccountReturnTwr

DAILY_DECIMALS: Final = 12
CUMULATIVE_DECIMALS: Final = 10
"""Decimals of the published examples (portfolios.md §8 [E])."""

_PRECISION: Final = 40
LARGEST_GROWTH: Final = Decimal(10**60)
"""The contract writes 63 digits before the point."""
DEFAULT_RANGE: Final = timedelta(days=30)
"""Without dates: the last month (portfolios.md §8 [G])."""

EVENT: Final = "ACCOUNT_RETURNS.CREATED"


@frozen(slots=False)
class Performance(Record):
    """Where an account's series stands: the value and growth at its last valuation, and what has flowed in since."""

    account_id: str
    value: Decimal | None = None
    """Value at the last EOD valuation; None before the first."""
    growth: Decimal = Decimal(1)
    """Product of the daily factors since the start."""
    start: date | None = None
    flow: Decimal = ZERO
    """Net value of the securities that came in since then."""
    day: date | None = None
    """The day that was valued last. A second valuation of it (by command) stands in place of the first."""
    opening: Decimal | None = None
    opening_growth: Decimal = Decimal(1)
    """Value and growth at the last valuation before that day."""
    counted: Decimal = ZERO
    """The flow taken out of that day's return."""


@frozen(slots=False)
class Return:
    """One day of an account; its JSON is made when somebody reads it."""

    shown_as = AccountReturn

    id: str
    account_id: str
    day: date
    daily: Decimal | None
    cumulative: Decimal | None
    start: date
    announced: bool = False

    @cached_property
    def wire(self) -> bytes:
        members: dict[str, object] = {}
        if self.daily is not None:
            members["daily"] = fraction(self.daily, DAILY_DECIMALS)
        if self.cumulative is not None:
            members["cumulative"] = fraction(self.cumulative, CUMULATIVE_DECIMALS)
        members["cumulative_start_date"] = midnight(self.start)
        twr = AccountReturnTwr.model_validate(members)
        return AccountReturn(account_id=self.account_id, date=midnight(self.day), twr=twr).wire


PERFORMANCES: Kind[Performance] = Kind("performances", identify=lambda row: str(row.account_id))
"""By account; ``value``: what it was worth at its last EOD valuation, unpriced positions at their last prices (§8)."""
RETURNS: Kind[Return] = Kind("returns", indexes={"account": lambda row: row.account_id})


def note_flow(world: World, execution: Execution, moved: Moved) -> None:
    """A trade brings value in (buy) or takes it out (sell), a mistrade turns that round: no return (§8 [G])."""
    amount = decimal(execution.cash_amount)
    comes = (execution.side == OrderSide.BUY) is not (moved.to == "CANCELLED")
    add_flow(world, execution.account_id, amount if comes else amount.copy_negate())


def note_transfer(world: World, transfer: SecuritiesTransfer, moved: Moved) -> None:
    """A transfer brings its units in or takes them out at the last EOD price, 0 without one (payments.md §11.1 [I])."""
    instrument = world.table(INSTRUMENTS)[transfer.instrument_uuid]
    price = last_eod(world, instrument, world.now.date() - timedelta(days=1)) or ZERO
    value = times(transfer.units, price)
    add_flow(world, transfer.account_id, value if transfer.incoming else value.copy_negate())


def add_flow(world: World, account_id: str, amount: Decimal) -> None:
    """Securities worth ``amount`` came in (negative: went out)."""
    row = _performance(world, account_id)
    world.table(PERFORMANCES).put(row.evolve(flow=plus(row.flow, amount)))


def close_of_day(world: World, day: date, valuation: Valuation) -> Return:
    """The return of ``day`` from its EOD valuation: (V - F) / V of the day before, less one (§8, formula inferred).

    Day 0 has neither value; after a day worth nothing ``daily`` is left out and the growth goes on.
    """
    before = _opening(_performance(world, valuation.account_id), day)
    value = plus(valuation.total, _carried(world, day, valuation))
    start = before.start or day
    daily, growth = None, before.growth
    if before.value:
        daily = minus(over(minus(value, before.flow), before.value, _PRECISION), Decimal(1))
        growth = _bounded(over(times(growth, plus(daily, Decimal(1))), Decimal(1), _PRECISION))
    first = before.value is None
    world.table(PERFORMANCES).put(
        before.evolve(
            value=value,
            growth=growth,
            start=start,
            flow=ZERO,
            day=day,
            opening=before.value,
            opening_growth=before.growth,
            counted=before.flow,
        )
    )
    identity = f"{valuation.account_id}/{day}"
    told = world.table(RETURNS).get(identity)
    row = Return(
        id=identity,
        account_id=valuation.account_id,
        day=day,
        daily=daily,
        cumulative=None if first else minus(growth, Decimal(1)),
        start=start,
        announced=told is not None and told.announced,
    )
    return world.table(RETURNS).put(row)


def _bounded(growth: Decimal) -> Decimal:
    """A growth that a series of absurd prices brought beyond what the API can write stays at the bound (inferred)."""
    return max(min(growth, LARGEST_GROWTH), LARGEST_GROWTH.copy_negate())


def _carried(world: World, day: date, valuation: Valuation) -> Decimal:
    """What the unpriced positions were last worth: a missing price is no loss (§8, inferred)."""
    carried = ZERO
    for row in valuation.rows:
        if row.exact is None:
            price = last_eod(world, world.table(INSTRUMENTS)[row.position.instrument_id], day)
            if price is not None:
                carried = plus(carried, cents(times(row.position.quantity, price)))
    return carried


def _opening(row: Performance, day: date) -> Performance:
    """The series as it stood before ``day``, with all that has flowed in since."""
    if row.day != day:
        return row
    flow = plus(row.counted, row.flow)
    before: Performance = row.evolve(value=row.opening, growth=row.opening_growth, flow=flow)
    return before


def announce(world: World, row: Return) -> None:
    """Tell a return, the morning after; from then on the list shows it (§8 [O, E])."""
    emit(world, EVENT, world.table(RETURNS).put(replace(row, announced=True)))


def _performance(world: World, account_id: str) -> Performance:
    return world.table(PERFORMANCES).get(account_id) or Performance(account_id)


@operation("list_account_returns")
def list_account_returns(world: World, call: Call[None]) -> Listing:
    """Inclusive dates; without any the last month (§8 [G]). Shown from the morning on which they are told."""
    of = account(world, call.path["account_id"])
    start, end = call.query.get("start_date"), call.query.get("end_date")
    if start and end and start > end:
        raise DATES_REVERSED.refuse(start=start, end=end)
    if start is None and end is None:
        start = world.now.date() - DEFAULT_RANGE
    rows = [
        row
        for row in world.table(RETURNS).by("account", of.id)
        if row.announced and (start is None or row.day >= start) and (end is None or row.day <= end)
    ]
    return Listing(rows, "date")
