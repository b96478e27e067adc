"""What happens by the time of day: valuations, returns, automatic rebalancing (portfolios.md §5.5, §6, §8).

Each run makes itself due again; it is a background task, so a world with nothing else due is idle.

A run goes over all accounts, so each is a generator that yields after every ``ACCOUNTS_BETWEEN_PAUSES`` of them: a long
one lets other worlds have their turn. The accounts up to there stay done if a later one fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Final, TypeVar

from mockserver.domain.accounts.accounts import Account
from mockserver.domain.fees import accrual, runs, schedule
from mockserver.domain.fees.configurations import FEE_CONFIGURATIONS
from mockserver.domain.isa import renewal
from mockserver.domain.ledger.positions import of_account
from mockserver.domain.orders.admission import deal_block
from mockserver.domain.portfolios.allocations import allocation
from mockserver.domain.portfolios.configurations import CONFIGURATIONS, Configuration
from mockserver.domain.portfolios.drift import greatest_drift, legs
from mockserver.domain.portfolios.rebalancing import execute
from mockserver.domain.portfolios.strategies import STRATEGIES, drift_of, falls_on
from mockserver.domain.reports import periodic, settlements, treasury
from mockserver.domain.tax_collections import prepayments
from mockserver.domain.tax_exemptions import renewal as exemptions
from mockserver.domain.valuations import returns, valuations
from mockserver.kernel.actions import action
from mockserver.kernel.profile import Profile, ReturnsRun, ValuationRun
from mockserver.kernel.world import World
from mockserver.models.portfolios import PortfoliosRebalancingStrategyCondition, RebalancingConditionType

T = TypeVar("T")
DailyRun = ValuationRun | ReturnsRun

VALUATIONS: Final = "run.valuations"
RETURNS: Final = "run.returns"
INTRADAY: Final = "run.intraday"
STRATEGIES_RUN: Final = "run.strategies"

REASONS: Final = {
    VALUATIONS: "end-of-day valuations of the day before",
    RETURNS: "returns of the day before",
    INTRADAY: "intraday valuations",
    STRATEGIES_RUN: "scheduled rebalancing strategies",
}
"""Why each is due, for people."""

_TICK: Final = timedelta(microseconds=1)

ACCOUNTS_BETWEEN_PAUSES: Final = 50
"""Accounts after which a run may pause. A count and not a time, so that the same run pauses alike on any machine."""


def start(world: World) -> None:
    """Make the world's standing runs due for the first time; called once when a world is made."""
    runs = world.profile.runs
    if runs.valuations is not None:
        _daily(world, runs.valuations.at, VALUATIONS)
    if runs.returns is not None:
        _daily(world, runs.returns.at, RETURNS)
    if runs.intraday is not None:
        _next_intraday(world, world.now)
    if runs.strategies:
        _next_opening(world, world.now)
    prepayments.plan(world)
    settlements.plan(world)
    periodic.plan(world)


def reschedule(world: World, before: Profile) -> None:
    """Make the standing runs due by the settings of now, where those of ``before`` said something else.

    A daily run keeps its day: it comes at the new time of that day, at once where this is past. None is left out, and
    none happens twice.
    """
    old, new, calendar = before.runs, world.profile.runs, before.calendar != world.profile.calendar
    _reschedule_daily(world, VALUATIONS, old.valuations, new.valuations)
    _reschedule_daily(world, RETURNS, old.returns, new.returns)
    if new.intraday != old.intraday or calendar:
        _next_intraday(world, _dropped(world, INTRADAY))
    if new.strategies != old.strategies or calendar:
        after = _dropped(world, STRATEGIES_RUN)
        if new.strategies:
            _next_opening(world, after)
    if world.profile.reports.treasury != before.reports.treasury or calendar:
        settlements.plan(world, _dropped(world, settlements.RUN))
    if len(world.table(FEE_CONFIGURATIONS)):
        schedule.reschedule(world, before)
    prepayments.plan(world)
    periodic.plan(world)


def _reschedule_daily(world: World, name: str, old: DailyRun | None, new: DailyRun | None) -> None:
    if (new and new.at) == (old and old.at):
        return
    due = next((task.due for task in world.clock.pending(name)), None)
    _dropped(world, name)
    if new is None:
        return
    if due is None:
        _daily(world, new.at, name)
    else:
        world.clock.at(datetime.combine(due.date(), new.at, UTC), name, reason=REASONS[name], background=True)


def _dropped(world: World, name: str) -> datetime:
    """Drop what is due of a run; after which instant it is to be due anew: one of this very instant is not lost."""
    after = world.now
    for task in world.clock.pending(name):
        world.clock.drop(task)
        after = min(after, task.due - _TICK)
    return after


def valuate_day(world: World) -> Iterator[None]:
    """EOD valuations and returns of the day before (§6: after midnight, at the EOD prices of that day)."""
    day = world.now.date() - timedelta(days=1)
    accrue = accrual.of_day(world, day) if len(world.table(FEE_CONFIGURATIONS)) else None

    def close(valuation: valuations.Valuation) -> None:
        returns.close_of_day(world, day, valuation)
        if accrue is not None:
            accrue(valuation.account_id)

    yield from _parts(valuations.close_of_day(world, day), close)
    if world.profile.runs.strategies:
        yield from fire_drift(world)


def tell_returns(world: World) -> Iterator[None]:
    """``ACCOUNT_RETURNS.CREATED`` for the day before, for the accounts valuated then (§8)."""
    day = world.now.date() - timedelta(days=1)
    table = world.table(returns.RETURNS)

    def tell(account: Account) -> None:
        row = table.get(f"{account.id}/{day}")
        if row is not None and not row.announced:
            returns.announce(world, row)

    return _parts(valuations.held_ever(world), tell)


def fire_drift(world: World) -> Iterator[None]:
    """Rebalance the accounts that are off by the drift of one of their strategies (§5.5, inferred)."""
    due: list[str] = []

    def look(row: Configuration) -> None:
        if _has_drifted(world, row):
            due.append(row.account_id)

    yield from _parts(world.table(CONFIGURATIONS), look)
    yield from _parts(due, lambda account_id: execute(world, [account_id], requested=(account_id,)))


def fire_scheduled(world: World) -> Iterator[None]:
    """Rebalance the accounts with a scheduled condition since the last trading day (§5.5, inferred)."""
    today = world.calendar.day_of(world.now)  # a day of the market, not of UTC
    first = world.calendar.previous_trading_day(today) + timedelta(days=1)

    def fire(row: Configuration) -> None:
        conditions = _conditions(world, row, RebalancingConditionType.SCHEDULED)
        if any(falls_on(condition, first, today) for condition in conditions):
            execute(world, [row.account_id], requested=(row.account_id,))

    return _parts(world.table(CONFIGURATIONS), fire)


def fire_strategies(world: World) -> Iterator[None]:
    """Look at every condition now, as if a trading day began after a valuation."""
    yield from fire_scheduled(world)
    yield from fire_drift(world)


def intraday(world: World) -> Iterator[None]:
    """Intraday valuations of every account that ever held a position."""
    return _parts(valuations.intraday(world))


def collect_fees(world: World) -> Iterator[None]:
    """Collect the fees that accrued on every account (payments.md §10.3)."""
    return _parts(runs.collect_all(world))


def renew_allowances(world: World) -> Iterator[None]:
    """Renew the allowances of tax wrappers as if the tax year ended now (payments.md §12.2)."""
    return _parts(renewal.renew_all(world, renewal.commanded_year(world)))


def renew_exemptions(world: World) -> Iterator[None]:
    """Expire and renew the tax exemptions of earlier years (payments.md §12.1)."""
    return _parts(exemptions.renew_all(world))


def collect_prepayments(world: World) -> Iterator[None]:
    """Collect the Vorabpauschale of the year before, once a year (payments.md §12.3)."""
    return _parts(prepayments.collect_all(world))


def make_statements(world: World) -> Iterator[None]:
    """Make the statements of the last quarter and the last year, where they were not made (payments.md §13.1)."""
    return _parts(periodic.make_all(world))


def close_block(world: World) -> Iterator[None]:
    """Deal the block that is open now."""
    return _parts(deal_block(world))


def _parts(items: Iterable[T], do: Callable[[T], object] = lambda _: None) -> Iterator[None]:
    """Do something for each item, with a pause after every ``ACCOUNTS_BETWEEN_PAUSES`` of them."""
    for number, item in enumerate(items, 1):
        do(item)
        if number % ACCOUNTS_BETWEEN_PAUSES == 0:
            yield


class Run:
    """A run that a command can start, whole at once or part by part."""

    def __init__(self, parts: Callable[[World], Iterator[None]]) -> None:
        self.parts = parts

    def __call__(self, world: World) -> None:
        for _ in self.parts(world):
            pass


RUNS: Final[dict[str, Run]] = {
    "valuations": Run(valuate_day),
    "returns": Run(tell_returns),
    "intraday": Run(intraday),
    "strategies": Run(fire_strategies),
    "blocks": Run(close_block),
    "fees": Run(collect_fees),
    "treasury": Run(treasury.make_files),
    "statements": Run(make_statements),
    "allowances": Run(renew_allowances),
    "tax_exemptions": Run(renew_exemptions),
    "tax_prepayments": Run(collect_prepayments),
}
"""What can be run on command, by the names of the control API and of scenario steps."""


@action(VALUATIONS)
def _run_valuations(world: World) -> Iterator[None]:
    run = world.profile.runs.valuations
    if run is not None:
        _daily(world, run.at, VALUATIONS)
        world.keep()  # the next run stays due even if this one fails and is taken back
        yield from valuate_day(world)


@action(RETURNS)
def _run_returns(world: World) -> Iterator[None]:
    run = world.profile.runs.returns
    if run is not None:
        _daily(world, run.at, RETURNS)
        world.keep()  # the next run stays due even if this one fails and is taken back
        yield from tell_returns(world)


@action(INTRADAY)
def _run_intraday(world: World) -> Iterator[None]:
    _next_intraday(world, world.now)
    world.keep()  # the next run stays due even if this one fails and is taken back
    yield from intraday(world)


@action(STRATEGIES_RUN)
def _run_strategies(world: World) -> Iterator[None]:
    _next_opening(world, world.now)
    world.keep()  # the next run stays due even if this one fails and is taken back
    yield from fire_scheduled(world)


@action(schedule.COLLECT)
def _collect_fees(world: World) -> Iterator[None]:
    return collect_fees(world)


@action(renewal.RUN)
def _renew_allowances(world: World) -> Iterator[None]:
    renewal.plan(world)
    world.keep()  # the next run stays due even if this one fails and is taken back
    yield from _parts(renewal.renew_all(world, renewal.due_year(world)))


@action(exemptions.RUN)
def _run_exemptions(world: World) -> Iterator[None]:
    exemptions.plan(world)
    world.keep()  # the next run stays due even if this one fails and is taken back
    yield from renew_exemptions(world)


@action(prepayments.RUN)
def _run_prepayments(world: World) -> Iterator[None]:
    prepayments.plan(world)
    world.keep()  # the next run stays due even if this one fails and is taken back
    yield from collect_prepayments(world)


@action(periodic.RUN)
def _run_statements(world: World) -> Iterator[None]:
    periodic.plan(world)
    world.keep()  # the next run stays due even if this one fails and is taken back
    yield from make_statements(world)


@action(settlements.RUN)
def _run_treasury(world: World) -> Iterator[None]:
    settlements.plan(world)
    world.keep()  # the next run stays due even if this one fails and is taken back
    yield from treasury.make_files(world)
    _dropped(world, settlements.RUN)
    settlements.plan(world)  # no more where all is reported


def _daily(world: World, at: time, name: str) -> None:
    """Due at the next ``at`` UTC, calendar days (§6, inferred)."""
    due = datetime.combine(world.now.date(), at, UTC)
    world.clock.at(due if due > world.now else due + timedelta(days=1), name, reason=REASONS[name], background=True)


def _next_intraday(world: World, after: datetime) -> None:
    """Due at the next step of the interval inside the hours of a trading day (local time), after an instant."""
    run = world.profile.runs.intraday
    if run is None:
        return
    local = world.calendar.zone
    now = after.astimezone(local)
    opening = datetime.combine(now.date(), run.start, local)
    steps = max((now - opening) // run.every + 1, 0) if now >= opening else 0
    due = opening + steps * run.every
    if due.time() > run.end or due.date() != now.date() or not world.calendar.is_trading_day(now.date()):
        due = world.calendar.next_time_of_day(after, run.start, local, trading_days_only=True)
    world.clock.at(due.astimezone(UTC), INTRADAY, reason=REASONS[INTRADAY], background=True)


def _next_opening(world: World, after: datetime) -> None:
    """Due when the next trading day begins, after an instant."""
    hours = world.profile.calendar.hours
    local = world.calendar.zone
    opening = hours.open if hours is not None else time(9)
    due = world.calendar.next_time_of_day(after, opening, local, trading_days_only=True)
    world.clock.at(due, STRATEGIES_RUN, reason=REASONS[STRATEGIES_RUN], background=True)


def _has_drifted(world: World, row: Configuration) -> bool:
    conditions = _conditions(world, row, RebalancingConditionType.DRIFT)
    if not conditions or not of_account(world, row.account_id):
        return False
    off = greatest_drift(legs(world, row.account_id, allocation(world, row.allocation_id)))
    return any(off >= drift_of(condition) for condition in conditions)


def _conditions(
    world: World, row: Configuration, kind: RebalancingConditionType
) -> list[PortfoliosRebalancingStrategyCondition]:
    table = world.table(STRATEGIES)
    strategies = (table.get(strategy_id) for strategy_id in row.rebalancing_strategy_ids or ())
    return [condition for found in strategies if found for condition in found.conditions if condition.type == kind]
