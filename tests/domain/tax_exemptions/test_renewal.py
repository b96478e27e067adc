"""payments.md §12.1: on 1 January at 00:00 in Berlin every exemption expires, and is renewed."""

from __future__ import annotations

from datetime import UTC, datetime

from mockserver.domain.daily_runs import RUNS
from mockserver.domain.orders.trades import EXECUTIONS
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, Desk
from tests.domain.support.exemptions import RATES, active, amounts, delete, ordered, settle_in_germany, shown

SILVESTER = datetime(2023, 12, 31, 22, 59, 50, tzinfo=UTC)
"""Ten seconds before midnight in Berlin, where it is winter: an hour before UTC."""


def rows(desk: Desk) -> list[tuple[str, str, str]]:
    """Status, first day and what is used of each, in order of creation."""
    found = desk.rows("retrieve_tax_exemptions_for_user", {"user_id": desk.user_id})
    return [(row.status, str(row.valid_from_date), amounts(shown(desk, row.id))[1]) for row in found]


def test_a_new_year_begins_with_nothing_used(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=RATES, now=SILVESTER)
    active(desk)
    desk.hold(AT_100, "1")
    desk.place("SELL", AT_100, quantity="1")
    desk.advance("5s")
    assert rows(desk) == [("ACTIVE", "2023-01-01", "100.00")]
    position = desk.world.events.end
    assert desk.advance("5s") == ["TAX_EXEMPTION.UPDATED", "TAX_EXEMPTION.CREATED"]
    assert {event.created_at for event in desk.events_since(position)} == {datetime(2023, 12, 31, 23, tzinfo=UTC)}
    assert desk.told("TAX_EXEMPTION.UPDATED")[-1]["status"] == "EXPIRED"
    new = desk.told("TAX_EXEMPTION.CREATED")[-1]
    assert (new["status"], new["valid_to_date"]) == ("ACTIVE", None)
    assert rows(desk) == [("EXPIRED", "2023-01-01", "100.00"), ("ACTIVE", "2024-01-01", "0.00")]


def test_a_mistrade_after_new_year_gives_back_to_the_year_of_the_trade(open_desk: OpenDesk) -> None:
    """100 used in 2023, 200 in 2024; the first sell is taken back, then the second."""
    desk = open_desk(overrides=RATES, now=SILVESTER)
    active(desk)
    for wait, quantity in (("1m", "1"), ("1s", "2")):
        desk.hold(AT_100, quantity)
        desk.place("SELL", AT_100, quantity=quantity)
        desk.advance(wait)
    assert rows(desk) == [("EXPIRED", "2023-01-01", "100.00"), ("ACTIVE", "2024-01-01", "200.00")]
    trades = list(desk.world.table(EXECUTIONS))
    assert desk.move("executions", trades[0].id, "CANCELLED").count("TAX_EXEMPTION.UPDATED") == 1
    told = desk.told("TAX_EXEMPTION.UPDATED")[-1]
    assert (told["status"], amounts(told)) == ("EXPIRED", ("1000.00", "0.00", "1000.00"))
    assert rows(desk) == [("EXPIRED", "2023-01-01", "0.00"), ("ACTIVE", "2024-01-01", "200.00")]
    desk.move("executions", trades[1].id, "CANCELLED")
    assert rows(desk) == [("EXPIRED", "2023-01-01", "0.00"), ("ACTIVE", "2024-01-01", "0.00")]


def test_every_year_has_its_own(open_desk: OpenDesk) -> None:
    desk = open_desk(now=SILVESTER)
    active(desk)
    assert desk.advance("732d").count("TAX_EXEMPTION.CREATED") == 3  # 1 day to 2024, which has 366, 365 to 2026
    assert [row[0] for row in rows(desk)] == ["EXPIRED", "EXPIRED", "EXPIRED", "ACTIVE"]


def test_one_that_ends_is_not_renewed(open_desk: OpenDesk) -> None:
    desk = open_desk(now=SILVESTER)
    active(desk, valid_to_date="2023-12-31")
    assert desk.advance("1m") == ["TAX_EXEMPTION.UPDATED"]
    assert [row[0] for row in rows(desk)] == ["EXPIRED"]
    ordered(desk)  # the place is free


def test_one_that_ends_later_keeps_its_end(open_desk: OpenDesk) -> None:
    desk = open_desk(now=SILVESTER)
    active(desk, valid_to_date="2024-12-31")
    desk.advance("1m")
    (_, new) = desk.rows("retrieve_tax_exemptions_for_user", {"user_id": desk.user_id})
    assert str(new.valid_to_date) == "2024-12-31"


def test_a_deleted_one_is_not_renewed(open_desk: OpenDesk) -> None:
    desk = open_desk(now=SILVESTER)
    delete(desk, active(desk))
    desk.advance()
    assert desk.advance("1m") == []


def test_a_change_under_way_at_the_turn_of_the_year_fails(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"stages": {"tax_exemption.change": {"delay": "1m"}}}, now=SILVESTER)
    identity = active(desk)
    delete(desk, identity)
    assert desk.advance("2m") == ["TAX_EXEMPTION.UPDATED", "TAX_EXEMPTION.CREATED", "TAX_EXEMPTION.DELETION_FAILED"]
    (told,) = desk.told("TAX_EXEMPTION.DELETION_FAILED")
    assert told["reason"] == "The tax exemption is EXPIRED"


def test_what_is_decided_in_the_new_year_is_of_the_new_year(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"stages": {"tax_exemption.decide": {"delay": "1m"}}}, now=SILVESTER)
    settle_in_germany(desk)
    assert str(ordered(desk).valid_from_date) == "2023-01-01"
    desk.advance("2m")
    assert rows(desk) == [("ACTIVE", "2024-01-01", "0.00")]


def test_by_command_only_what_is_of_an_earlier_year_is_renewed(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", now=SILVESTER)
    settle_in_germany(desk)
    desk.move("tax_exemptions", ordered(desk).id, "ACTIVE")
    RUNS["tax_exemptions"](desk.world)
    assert [row[0] for row in rows(desk)] == ["ACTIVE"]
    desk.advance("1m")  # in the manual profile the run comes by itself, too
    RUNS["tax_exemptions"](desk.world)
    assert [row[0] for row in rows(desk)] == ["EXPIRED", "ACTIVE"]
