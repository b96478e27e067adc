"""The PDF of a report: readable, and the same bytes at every read (payments.md §13.1)."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO

import pytest
from pypdf import PdfReader

from mockserver.domain.users.users import USERS
from mockserver.kernel.operations import Content, Rendered
from tests.domain.conftest import OpenDesk
from tests.domain.reports.test_making import ON, reports
from tests.domain.support.desk import AT_100, Desk

PDF = "application/pdf"


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    return open_desk(overrides=ON)


def read(desk: Desk, report_id: str) -> Content:
    content = desk.call("retrieve_report", {"report_id": report_id}, accept=PDF)
    assert isinstance(content, Rendered)
    return Content(content.make(), content.media_type, content.headers)


def text(content: Content) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content.body)).pages)


def test_a_confirmation_shows_the_figures_of_its_order(desk: Desk) -> None:
    order = desk.place("BUY", AT_100, quantity="2")
    desk.advance("1m")
    (report,) = reports(desk)
    content = read(desk, report.id)
    assert content.media_type == PDF
    shown = text(content)
    # 2 units at 100: 200, without tax or fee
    for expected in (report.id, order.id, desk.user_id, AT_100, "100.00 EUR", "200 EUR", "Settled", "Buy order"):
        assert expected in shown


def test_the_name_of_the_file_has_type_time_and_id(desk: Desk) -> None:
    desk.place("BUY", AT_100, quantity="2")
    desk.advance("1m")
    (report,) = reports(desk)
    name = f"BuyOrder-{report.created_at:%Y%m%dT%H%M%SZ}-{report.id}.pdf"
    assert read(desk, report.id).headers == {"content-disposition": f'attachment; filename="{name}"'}


def test_a_later_change_of_what_it_reports_on_changes_no_byte(desk: Desk) -> None:
    order = desk.place("BUY", AT_100, quantity="2")
    desk.advance("1m")
    (report,) = reports(desk)
    before = read(desk, report.id).body
    (execution,) = desk.call("retrieve_order", {"order_id": order.id}).executions
    desk.move("executions", execution.id, "CANCELLED")
    desk.advance("400d")
    assert read(desk, report.id).body == before


def test_the_same_world_gives_the_same_bytes(open_desk: OpenDesk) -> None:
    bodies = []
    for _ in range(2):
        desk = open_desk(overrides=ON)
        desk.place("BUY", AT_100, quantity="2")
        desk.advance("1m")
        bodies.append(read(desk, reports(desk)[0].id).body)
    assert bodies[0] == bodies[1]


def test_names_beyond_the_standard_fonts_are_readable_nevertheless(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=ON)
    users = desk.world.table(USERS)
    users.put(users[desk.user_id].evolve(first_name="Łukasz", last_name="Müller"))
    desk.place("BUY", AT_100, quantity="2")
    desk.advance("1m")
    assert "?ukasz Müller" in text(read(desk, reports(desk)[0].id))


def test_the_metadata_is_what_json_shows(desk: Desk) -> None:
    desk.place("BUY", AT_100, quantity="2")
    desk.advance("1m")
    (report,) = reports(desk)
    assert desk.call("retrieve_report", {"report_id": report.id}).wire == report.wire


def test_a_start_does_not_load_the_library() -> None:
    program = "import sys, mockserver.server; print('fpdf' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "False"
