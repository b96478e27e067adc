"""Reports as they are kept: few references, rendered when they are read (payments.md §13.1)."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from mockserver.domain.accounts.holders import Holder
from mockserver.domain.reports.bookings import Bookings
from mockserver.domain.reports.statements import Statement
from mockserver.kernel.events import emit
from mockserver.kernel.frozen import frozen
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.reports import (
    Report,
    ReportAccount,
    ReportData,
    ReportReference,
    ReportReferenceType,
    ReportType,
)


@frozen
class ReportRecord:
    """One report of one holder. ``subject`` is the version that it reports on, which never changes."""

    id: str
    created_at: datetime
    type: ReportType
    holder: Holder
    """As it was at that time."""
    subject: Any
    account_id: str | None = None
    instrument_id: str | None = None
    reference: tuple[str, ReportReferenceType] | None = None
    substitutes: str | None = None
    """The report that this one replaces."""
    text: str = ""
    """What a command lets it say."""

    @property
    def holder_id(self) -> str:
        return self.holder.id

    @property
    def about(self) -> str | None:
        """The order that it reports on; of a statement the account or holder and the days, after its type."""
        if self.reference is not None and self.reference[1] is ReportReferenceType.ORDER_ID:
            return self.reference[0]
        if isinstance(self.subject, Statement | Bookings):
            return f"{self.type}/{self.account_id or self.holder_id}/{self.subject.period}"
        return None

    @property
    def wire(self) -> bytes:
        """The metadata, as events, lists and answers show them; made anew each time, since it is rarely read."""
        data: dict[str, Any] = {}
        if self.account_id is not None:
            data["account"] = ReportAccount(id=self.account_id)
        if self.reference is not None:
            data["references"] = (ReportReference(id=self.reference[0], type=self.reference[1]),)
        optional: dict[str, Any] = {**self.holder.member, **({"data": ReportData(**data)} if data else {})}
        return Report(
            id=self.id,
            created_at=self.created_at,
            type=self.type,
            substituted_report_id=self.substitutes,
            **optional,
        ).wire


REPORTS: Final[Kind[ReportRecord]] = Kind(
    "reports", indexes={"holder": attrgetter("holder.id"), "about": attrgetter("about")}
)


def add(world: World, record: ReportRecord) -> ReportRecord:
    """Keep a report, and send its event."""
    world.table(REPORTS).put(record)
    emit(world, "REPORT.CREATED", record)
    return record
