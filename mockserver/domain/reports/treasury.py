"""The treasury run: which files a trading day brings, and how they are fetched (payments.md §13.3, §13.4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.reports.settlements import SETTLEMENTS, Settlement
from mockserver.domain.reports.treasury_files import COLUMNS, TREASURY_REPORTS, TreasuryFile, content, direction, name
from mockserver.kernel.events import emit
from mockserver.kernel.money import LARGEST_AMOUNT, ZERO, plus, total
from mockserver.kernel.operations import Call, Linked, operation
from mockserver.kernel.world import World
from mockserver.models.reports import FileMetadata, TreasuryReportType

FOLDER: Final = "settlement_reports"
CSV: Final = "text/csv"

FORMS: Final = {"DDMMYYYY": "%d%m%Y", "MMDDYYYY": "%m%d%Y"}


def make_files(world: World) -> Iterator[None]:
    """A file per type, currency and day of what is due by now, in the order of the types (§13.3)."""
    today = world.calendar.day_of(world.now)
    due: dict[tuple[TreasuryReportType, date, str], list[Settlement]] = {}
    for row in world.table(SETTLEMENTS):
        due.setdefault((row.type, row.day, row.currency), []).append(row)
    traded = False
    for type_ in COLUMNS:
        for (kind, day, currency), rows in due.items():
            if kind is type_ and _is_due(world, type_, day, rows, today):
                for part in _within_bounds(rows):
                    _make(world, type_, currency, part, today)
                traded = traded or type_ is TreasuryReportType.TRADING
                yield
    if world.profile.reports.treasury == "daily" and not traded:
        _make(world, TreasuryReportType.TRADING, "EUR", (), today)


def _within_bounds(rows: list[Settlement]) -> Iterator[tuple[Settlement, ...]]:
    """The rows in as many files as it takes: the amount of an event has nine digits (payments.md §13.3, inferred)."""
    part: list[Settlement] = []
    amount = ZERO
    for row in rows:
        if plus(amount, row.amount).copy_abs() > LARGEST_AMOUNT:
            yield tuple(part)
            part, amount = [], ZERO
        part.append(row)
        amount = plus(amount, row.amount)
    yield tuple(part)


def _is_due(world: World, type_: TreasuryReportType, day: date, rows: list[Settlement], today: date) -> bool:
    """One trading day after its day, the trades of a day that do not net to a buy after two (§13.3 [D])."""
    after = _next_trading_day(world, day)
    if type_ is TreasuryReportType.TRADING and total(row.amount for row in rows) >= 0:
        after = _next_trading_day(world, after)
    return after <= today


def _next_trading_day(world: World, day: date) -> date:
    return world.calendar.trading_day_on_or_after(day + timedelta(days=1))


def _make(world: World, type_: TreasuryReportType, currency: str, rows: tuple[Settlement, ...], today: date) -> None:
    table = world.table(TREASURY_REPORTS)
    amount = total(row.amount for row in rows)
    form = FORMS[world.profile.reports.file_date]
    file = TreasuryFile(
        id=world.ids.new("treasury_report"),
        created_at=world.now,
        type=type_,
        currency=currency,
        report_date=today,
        direction=direction(type_, amount),
        filename=name(type_, amount, today, form, lambda taken: bool(table.count("filename", taken))),
        rows=rows,
    )
    for row in rows:
        world.table(SETTLEMENTS).remove(row.id)
    table.put(file)
    emit(world, "TREASURY_REPORT.CREATED", file)


@operation("fetching_file_metadata")
def fetching_file_metadata(world: World, call: Call[None]) -> Linked:
    """Length and checksum of the content, and a new link to it at each call; with ``redirect=1`` a redirect there."""
    folder, filename = call.path["folder"], call.path["file_name"]
    found = world.table(TREASURY_REPORTS).by("filename", filename) if folder == FOLDER else []
    if not found:
        raise UNKNOWN.refuse(what="file", id=f"{folder}/{filename}")
    file, body = found[0], content(found[0])

    def show(link: str) -> FileMetadata:
        return FileMetadata(
            id=file.id,
            created_at=file.created_at,
            updated_at=file.created_at,
            signed_url=link,
            file_name=file.filename,
            content_length=len(body),
            checksum=sha256(body).hexdigest(),
        )

    return Linked(file.filename, body, CSV, show, redirect=call.query["redirect"] == "1")
