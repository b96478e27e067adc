"""A report as PDF, made when it is read: its bytes depend on the record only (payments.md §13.1, inferred).

Standard fonts, no compression, the time of the record: so the bytes are the same on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockserver.domain.reports.contents import contents
from mockserver.domain.reports.records import ReportRecord

if TYPE_CHECKING:
    from fpdf import FPDF

LABEL: Final = 55
"""Width of the labels in millimetres."""
LINE: Final = 7


def file_name(record: ReportRecord) -> str:
    """``BuyOrder-20230110T090000Z-<id>.pdf``: type, time of the report in UTC, id (§13.1 [E])."""
    kind = "".join(word.capitalize() for word in record.type.split("_"))
    return f"{kind}-{record.created_at:%Y%m%dT%H%M%SZ}-{record.id}.pdf"


def document(record: ReportRecord) -> bytes:
    """The PDF: one or more pages A4."""
    from fpdf import FPDF  # lazy: 1.9 s with its fonts and images, which every start would pay for

    pdf = FPDF(format="A4")
    pdf.set_compression(False)
    pdf.set_creation_date(record.created_at)
    pdf.set_producer("mockserver")
    pdf.set_title(record.type.value)
    pdf.set_lang("en")
    pdf.add_page()
    pdf.set_font("helvetica", "B", 16)
    _write(pdf, record.type.replace("_", " ").capitalize(), 0)
    pdf.ln(LINE)
    for label, value in contents(record):
        pdf.set_font("helvetica", "" if value else "B", 10)
        if value:
            _write(pdf, label, LABEL, ends=False)
        _write(pdf, value or label, 0)
    return bytes(pdf.output())


def _write(pdf: FPDF, text: str, width: int, *, ends: bool = True) -> None:
    """A cell; letters that the standard fonts do not have become question marks."""
    from fpdf.enums import XPos, YPos  # lazy: part of those 1.9 s

    known = text.encode("latin-1", "replace").decode("latin-1")
    to = (XPos.LMARGIN, YPos.NEXT) if ends else (XPos.RIGHT, YPos.TOP)
    pdf.cell(width, LINE, known, new_x=to[0], new_y=to[1])
