"""Reports by command: statements of any period, and the types that nothing else makes (payments.md §13.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, Account, currency_of
from mockserver.domain.accounts.holders import Holder, owned_by
from mockserver.domain.reports import periods
from mockserver.domain.reports.bookings import bookings
from mockserver.domain.reports.making import make
from mockserver.domain.reports.periods import Period
from mockserver.domain.reports.records import ReportRecord, add
from mockserver.domain.reports.statements import statement
from mockserver.kernel.world import World
from mockserver.models.reports import ReportReferenceType, ReportType


class Commanded(NamedTuple):
    """One type that a command can make: of an account or of a holder, and its period where none is named."""

    of_account: bool
    period: Callable[[date], Period] | None = None
    """Without: the report has no figures, and says what the command lets it say."""


COMMANDED: Final[dict[ReportType, Commanded]] = {
    ReportType.QUARTERLY_ACCOUNT_STATEMENT: Commanded(True, periods.quarter_before),
    ReportType.AD_HOC_ACCOUNT_STATEMENT: Commanded(True, periods.quarter_to_date),
    ReportType.LOSS_THRESHOLD: Commanded(True, periods.quarter_to_date),
    ReportType.EX_POST_COST: Commanded(False, periods.year_before),
    ReportType.ANNUAL_TAX_STATEMENT: Commanded(False, periods.year_before),
    ReportType.ANNUAL_INCOME_STATEMENT: Commanded(False, periods.year_before),
    ReportType.FRENCH_IFU: Commanded(False, periods.year_before),
    ReportType.TAX_CONSOLIDATED_CERTIFICATE_UK: Commanded(False, periods.british_tax_year_before),
    ReportType.MONTHLY_BILLING_STATEMENT: Commanded(False, periods.month_before),
    ReportType.INCOME_DISTRIBUTION: Commanded(False, periods.year_to_date),
    ReportType.GENERIC_COMMUNICATION: Commanded(False),
}
"""What commands make, whatever the profile says, with the usual period of each (inferred)."""


def report_account(
    world: World, type_: ReportType, of: Account, period: Period | None = None, text: str = ""
) -> list[ReportRecord]:
    """Make a report of an account, one for each holder. ``period`` begins today at the latest."""
    usual = COMMANDED[type_].period
    assert usual is not None
    shown = statement(world, of, currency_of(world, of), period or usual(world.now.date()))
    reference = (of.id, ReportReferenceType.ACCOUNT_ID)
    return make(world, type_, of, shown, reference=reference, account_id=of.id, text=text)


def report_holder(
    world: World, type_: ReportType, of: Holder, period: Period | None = None, text: str = ""
) -> list[ReportRecord]:
    """Make a report of a user or a business, over all of its account groups."""
    usual, subject = COMMANDED[type_].period, None
    if usual is not None:
        groups = [group for group in world.table(ACCOUNT_GROUPS) if owned_by(group, of.id)]
        subject = bookings(world, groups, period or usual(world.now.date()))
    return [add(world, ReportRecord(world.ids.new("report"), world.now, type_, of, subject, text=text))]
