"""Reports that were made before the scenario begins."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from mockserver.domain.accounts.accounts import account
from mockserver.domain.accounts.holders import holder, owned_by
from mockserver.domain.reports.records import REPORTS, ReportRecord
from mockserver.kernel.world import World
from mockserver.models.reports import ReportReferenceType, ReportType
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Instant, Named
from mockserver.scenario.references import ToAccount, ToBusiness, ToUser

_REQUESTED = (ReportType.ORDER_EX_ANTE_COST, ReportType.ORDER_EX_ANTE_COST_SAVINGS_PLAN)


class SeededReport(Named):
    """A report of a user or a business that can be fetched; its document says type, holder, account and text."""

    type: ReportType
    user_id: ToUser | None = None
    business_id: ToBusiness | None = None
    account_id: ToAccount | None = Field(None, description="the account that it is of, if it is of one")
    created_at: Instant | None = Field(None, description="now or earlier; without: now")
    text: Annotated[str, StringConstraints(max_length=4_000)] = ""


def _check(_: object, path: Path, entry: Any) -> Found:
    """One holder, and a type that is no answer to a request."""
    if (entry.user_id is None) is (entry.business_id is None):
        yield path, "needs either user_id or business_id"
    if entry.type in _REQUESTED:
        yield (*path, "type"), f"{entry.type} has figures of a request: make it by POST /reports"


def report(
    world: World,
    *,
    type: str,
    id: str | None = None,
    user_id: str | None = None,
    business_id: str | None = None,
    account_id: str | None = None,
    created_at: datetime | None = None,
    text: str = "",
) -> ReportRecord:
    """A report without figures, of which nothing is told."""
    if created_at is not None and created_at > world.now:
        raise ValueError(f"created_at, {created_at:%Y-%m-%d %H:%M}, is later than the beginning of the scenario")
    of = holder(world, user_id, business_id)
    if account_id is not None and not owned_by(account(world, account_id), of.id):
        raise ValueError(f"{of} does not own account {account_id}")
    row = ReportRecord(
        id=id or world.ids.new("report"),
        created_at=created_at or world.now,
        type=ReportType(type),
        holder=of,
        subject=None,
        account_id=account_id,
        reference=None if account_id is None else (account_id, ReportReferenceType.ACCOUNT_ID),
        text=text,
    )
    return world.table(REPORTS).put(row)


SEEDED_REPORTS = SeedFamily(
    name="reports",
    entry=SeededReport,
    put=report,
    check=_check,
    without="made now, of no account, without figures",
)
"""The row of the family."""
