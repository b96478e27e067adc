"""payments.md §12.2: allowances are of a tax year, 6 April to 5 April, and renewed at its end."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from mockserver.domain import daily_runs
from mockserver.domain.isa import tax_years
from mockserver.kernel.lifecycle import IllegalMoveError
from tests.domain.conftest import OpenDesk
from tests.domain.support import isas
from tests.domain.support.desk import Desk
from tests.domain.support.transfers import top_up

RENEWED = ["ISA_WRAPPER_ALLOWANCE.EXPIRED", "ISA_WRAPPER_ALLOWANCE.CREATED"]
EVE = datetime(2023, 4, 5, 23, 59, 58, tzinfo=UTC)
"""Two seconds before the tax year 2023/2024."""


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        (datetime(2023, 4, 5, 23, 59, 59, 999999, tzinfo=UTC), "2022/2023"),
        (datetime(2023, 4, 6, tzinfo=UTC), "2023/2024"),
        (datetime(2023, 12, 31, 23, tzinfo=UTC), "2023/2024"),
        (datetime(2024, 1, 1, tzinfo=UTC), "2023/2024"),
        (datetime(1999, 12, 31, tzinfo=UTC), "1999/2000"),
    ],
)
def test_a_tax_year_begins_on_6_april(moment: datetime, year: str) -> None:
    assert tax_years.name(tax_years.year_of(moment)) == year


def test_an_allowance_is_of_20000_pounds_and_of_the_tax_year(desk: Desk) -> None:
    seen = isas.isa(desk)
    row = orjson.loads(isas.allowance(seen).wire)
    assert row == {
        "id": row["id"],
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "tax_wrapper_id": isas.wrapper(seen).id,
        "tax_year": "2022/2023",
        "type": "ANNUAL",
        "status": "ACTIVE",
        "currency": "GBP",
        "used_amount": "0.00",
        "remaining_amount": "20000.00",
        "valid_from": "2022-04-06T00:00:00Z",
        "valid_to": "2023-04-05T23:59:59Z",
    }  # and no first_subscription_at before there is one


def test_on_6_april_what_is_left_is_gone_and_there_are_20000_pounds_again(open_desk: OpenDesk) -> None:
    seen = isas.isa(open_desk(now=EVE))
    top_up(seen, "12000", "GBP")
    assert seen.advance("1s") == []
    assert seen.advance("1s") == RENEWED
    assert [(row.tax_year, row.status, row.used_amount, row.remaining_amount) for row in isas.allowances(seen)] == [
        ("2022/2023", "EXPIRED", "12000.00", "8000.00"),
        ("2023/2024", "ACTIVE", "0.00", "20000.00"),
    ]
    top_up(seen, "20000", "GBP")
    assert isas.used(seen) == "20000.00"


def test_it_is_renewed_year_after_year(open_desk: OpenDesk) -> None:
    seen = isas.isa(open_desk(now=EVE))
    assert seen.advance("1000d") == RENEWED * 3  # 6 April 2023, 2024 and 2025: 732 days after the first
    assert [row.tax_year for row in isas.allowances(seen)] == ["2022/2023", "2023/2024", "2024/2025", "2025/2026"]


def test_one_year_of_them_is_asked_for(open_desk: OpenDesk) -> None:
    seen = isas.isa(open_desk(now=EVE))
    seen.advance("1d")
    assert [row.status for row in isas.allowances(seen, tax_year="2022/2023")] == ["EXPIRED"]
    assert isas.allowances(seen, tax_year="1999/2000") == []


def test_that_of_an_inactive_wrapper_stays_until_it_is_active_again(open_desk: OpenDesk) -> None:
    desk = open_desk(now=EVE)
    seen = isas.isa(desk)
    desk.move("isa_wrappers", isas.wrapper(seen).id, "INACTIVE")
    assert seen.advance("1d") == []
    assert [row.status for row in isas.allowances(seen)] == ["ACTIVE"]
    assert desk.move("isa_wrappers", isas.wrapper(seen).id, "ACTIVE") == ["ISA_WRAPPER.ACTIVE", *RENEWED]


def test_a_world_without_an_isa_has_no_such_run(open_desk: OpenDesk) -> None:
    desk = open_desk(running=True)
    assert not desk.world.clock.pending("run.allowances")
    isas.isa(desk)
    isas.isa(desk)
    assert len(desk.world.clock.pending("run.allowances")) == 1


def test_a_command_renews_as_if_the_tax_year_ended_now(open_desk: OpenDesk) -> None:
    """It does so once; on the 6 April that comes there is nothing left to do."""
    desk = open_desk(now=EVE)
    seen = isas.isa(desk)
    top_up(seen, "20000", "GBP")
    for _ in range(2):
        daily_runs.RUNS["allowances"](desk.world)
    assert [row.tax_year for row in isas.allowances(seen)] == ["2022/2023", "2023/2024"]
    top_up(seen, "1", "GBP")
    assert seen.advance("1d") == []
    assert isas.used(seen) == "1.00"


def test_an_allowance_that_expires_by_command_has_a_successor(desk: Desk) -> None:
    seen = isas.isa(desk)
    assert desk.move("isa_wrapper_allowances", isas.allowance(seen).id, "EXPIRED") == RENEWED
    with pytest.raises(IllegalMoveError, match="2023/2024, which has not begun"):
        desk.move("isa_wrapper_allowances", isas.allowance(seen).id, "EXPIRED")
    assert [row.tax_year for row in isas.allowances(seen)] == ["2022/2023", "2023/2024"]


def test_a_renewal_is_in_a_snapshot(open_desk: OpenDesk) -> None:
    seen = isas.isa(open_desk(now=EVE))
    snapshot = seen.world.snapshot()
    first = seen.advance("1d"), [row.wire for row in isas.allowances(seen)]
    seen.world.restore(snapshot)
    assert len(isas.allowances(seen)) == 1
    assert (seen.advance("1d"), [row.wire for row in isas.allowances(seen)]) == first
