"""Statements of a quarter and reports of a year: the run at 06:00Z of the day after (payments.md §13.1, §16.1).

A run makes what is due of the last quarter, and in the new year of the last year. What was made of a period is not
made again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Final

from mockserver.domain.accounts.accounts import ACCOUNTS, AccountGroup, currency_of
from mockserver.domain.accounts.holders import business_of, holder
from mockserver.domain.reports.bookings import Bookings, bookings, groups_by_holder
from mockserver.domain.reports.making import make
from mockserver.domain.reports.periods import Period, next_quarter, quarter_before, quarter_of, year_before
from mockserver.domain.reports.records import REPORTS, ReportRecord, add
from mockserver.domain.reports.statement_contents import SECTIONS, SHOWN
from mockserver.domain.reports.statements import statement
from mockserver.kernel.report_settings import ANNUAL, Reports
from mockserver.kernel.world import World
from mockserver.models.reports import ReportReferenceType, ReportType

RUN: Final = "run.statements"
AT: Final = time(6, tzinfo=UTC)
"""payments.md §13.1, inferred."""

QUARTERLY: Final = ReportType.QUARTERLY_ACCOUNT_STATEMENT


def wanted(settings: Reports) -> bool:
    """Whether the settings have any of these reports made."""
    return any(settings.makes(type_) for type_ in (QUARTERLY, *ANNUAL))


def plan(world: World) -> None:
    """Make the next run due, unless it is, or makes nothing."""
    if not wanted(world.profile.reports) or world.clock.pending(RUN):
        return
    today = world.now.date()
    due = datetime.combine(quarter_of(today), AT)
    if due <= world.now:
        due = datetime.combine(next_quarter(today), AT)
    world.clock.at(due, RUN, reason="statements of the quarter before", background=True)


def make_all(world: World) -> Iterator[None]:
    """Make what is due of the last quarter and the last year; pauses after each account and each holder."""
    settings, today = world.profile.reports, world.now.date()
    if settings.makes(QUARTERLY):
        yield from _quarter(world, quarter_before(today))
    annual = [ReportType(type_) for type_ in ANNUAL if settings.makes(type_)]
    if annual:
        yield from _year(world, year_before(today), annual)


def _quarter(world: World, period: Period) -> Iterator[None]:
    """A statement for each account that held anything: units, or cash in its group (what counts is inferred)."""
    made = world.table(REPORTS)
    for of in world.table(ACCOUNTS):
        if not made.count("about", f"{QUARTERLY}/{of.id}/{period}"):
            found = statement(world, of, currency_of(world, of), period)
            if found.holds_anything:
                reference = (of.id, ReportReferenceType.ACCOUNT_ID)
                make(world, QUARTERLY, of, found, reference=reference, account_id=of.id)
        yield


def _year(world: World, period: Period, types: list[ReportType]) -> Iterator[None]:
    """The reports of each holder who has anything to see in them (inferred)."""
    made = world.table(REPORTS)
    for holder_id, groups in groups_by_holder(world).items():
        due = [type_ for type_ in types if not made.count("about", f"{type_}/{holder_id}/{period}")]
        found = bookings(world, groups, period) if due else None
        for type_ in due:
            if found is not None and any(SECTIONS[title](found) for title in SHOWN[type_]):
                add(world, _record(world, type_, holder_id, groups[0], found))
        yield


def _record(world: World, type_: ReportType, holder_id: str, group: AccountGroup, subject: Bookings) -> ReportRecord:
    ids = (holder_id, None) if business_of(group) is None else (None, holder_id)
    return ReportRecord(world.ids.new("report"), world.now, type_, holder(world, *ids), subject)
