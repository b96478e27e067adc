"""How reports are read: lists by holder, metadata as JSON, the document as PDF (payments.md §13.1)."""

from __future__ import annotations

from functools import partial
from typing import Final

from mockserver.domain.accounts.holders import in_path
from mockserver.domain.instruments.instruments import find
from mockserver.domain.listing import created_between
from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.reports.document import document, file_name
from mockserver.domain.reports.records import REPORTS
from mockserver.domain.reports.refusals import NO_PDF
from mockserver.kernel.operations import Call, Listing, Rendered, operation
from mockserver.kernel.store import Version
from mockserver.kernel.world import World
from mockserver.models.reports import ExAnteReport

PDF: Final = "application/pdf"


@operation("list_user_reports")
@operation("list_business_reports")
def list_reports(world: World, call: Call[None]) -> Listing:
    """Days are of UTC and both inclusive; ``instrument`` is that of the order (§13.1 [A, I])."""
    owner, query = in_path(world, call), call.query
    sort, type_, named = query["sort"], query.get("type"), query.get("instrument")
    rows = world.table(REPORTS).sorted_under("holder", owner.id, sort, "id")
    if type_ is not None:
        rows = [row for row in rows if row.type == type_]
    if named is not None:
        instrument = find(world, named)
        rows = [row for row in rows if instrument is not None and row.instrument_id == instrument.id]
    return Listing(created_between(rows, query.get("start_date"), query.get("end_date")), sort)


@operation("retrieve_report")
def retrieve_report(world: World, call: Call[None]) -> Version | Rendered:
    """The metadata, or the PDF where the header ``accept`` wants it; an ex-ante report as JSON in full, and no PDF."""
    identity = call.path["report_id"]
    found = world.table(REPORTS).get(identity)
    if found is None:
        raise UNKNOWN.refuse(what="report", id=identity)
    if isinstance(found.subject, ExAnteReport):
        if call.accept == PDF:
            raise NO_PDF.refuse(id=found.id, type=found.type)
        return found.subject
    if call.accept != PDF:
        return found
    return Rendered(
        partial(document, found), PDF, {"content-disposition": f'attachment; filename="{file_name(found)}"'}
    )
