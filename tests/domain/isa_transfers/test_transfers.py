"""payments.md §11.3: ISA transfers, from the request to the books."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from mockserver.kernel.lifecycle import IllegalMoveError
from tests.domain.conftest import OpenDesk
from tests.domain.payments.bank import booked
from tests.domain.support import isas
from tests.domain.support.desk import Desk
from tests.domain.support.openings import status_of
from tests.domain.support.transfers import top_up

EXTERNAL = [
    *("ISA_TRANSFER.DISCOVERY", "ISA_TRANSFER.DISCOVERY_CONFIRMED", "ISA_TRANSFER.INSTRUCTED"),
    *("ISA_TRANSFER.PROCESSING", "ISA_TRANSFER.SETTLED"),
]
BOOKS = ["CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]
UPDATED = "ISA_WRAPPER_ALLOWANCE.UPDATED"


@pytest.fixture
def seen(desk: Desk) -> Desk:
    """An ISA of which nothing is used."""
    return isas.isa(desk)


def pounds(desk: Desk) -> tuple[str, str]:
    """B and W."""
    cash = desk.cash("GBP")
    return cash["balance"], cash["available_for_withdrawal"]


def told(desk: Desk, state: str) -> dict[str, Any]:
    return desk.told(f"ISA_TRANSFER.{state}")[-1]


# --- In ---


def test_a_transfer_between_managers_goes_through_six_states(seen: Desk) -> None:
    answer = orjson.loads(isas.send(seen, details=isas.part("2000.00"), reference="4XD8Z53CST3LGEZBYO").wire)
    assert answer == {
        **isas.transfer(seen),
        "id": answer["id"],
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "status": "NEW",
        "details": isas.part("2000.00"),
        "reference": "4XD8Z53CST3LGEZBYO",
    }
    assert seen.types_since() == ["ISA_TRANSFER.NEW"]
    assert seen.advance() == [*EXTERNAL, *BOOKS, UPDATED]
    assert (pounds(seen), isas.used(seen)) == (("10000", "10000"), "2000.00")
    (row,) = seen.rows("list_cash_transactions", account_group_id=seen.group_id)
    assert (row.type, row.references[0].id, row.references[0].type) == ("ISA_TRANSFER", answer["id"], "ISA_TRANSFER")


def test_a_transfer_inside_one_manager_has_three(seen: Desk) -> None:
    isas.internal(seen, "10000", "2000")
    assert seen.advance() == ["ISA_TRANSFER.PROCESSING", "ISA_TRANSFER.SETTLED", *BOOKS, UPDATED]
    assert isas.used(seen) == "2000.00"


def test_a_transfer_without_a_reference_gets_one_of_18_characters(seen: Desk) -> None:
    references = [isas.send(seen).reference for _ in range(20)]
    assert len(set(references)) == 20
    assert all(len(each) == 18 and each.isalnum() and each == each.upper() for each in references)


def test_the_whole_account_shows_its_value_once_it_is_found(open_desk: OpenDesk) -> None:
    """Its current-year part is 0, whatever the request says."""
    seen = isas.isa(open_desk(overrides={"isa": {"external_value": "777.70"}}))
    isas.send(seen, transfer_value=None, details=isas.part("5.00"))
    seen.advance()
    assert all("transfer_value" not in told(seen, state) for state in ("NEW", "DISCOVERY"))
    assert told(seen, "DISCOVERY_CONFIRMED")["transfer_value"] == "777.70"
    assert (pounds(seen), isas.used(seen)) == (("777.70", "777.70"), "0.00")


def test_the_first_subscription_is_the_earlier_of_the_two(seen: Desk) -> None:
    top_up(seen, "1", "GBP")
    isas.internal(seen, "100", "10")
    seen.advance()
    assert isas.allowance(seen).first_subscription_at == datetime(2022, 9, 9, 12, 50, tzinfo=UTC)


def test_the_part_is_cut_to_what_remains_when_it_settles(seen: Desk) -> None:
    """3000 fit at the request; then 19000 are subscribed, and 1000 remain."""
    isas.internal(seen, "5000", "3000")
    top_up(seen, "19000", "GBP")
    seen.advance()
    assert (isas.used(seen), pounds(seen)[0]) == ("20000.00", "24000")


def test_a_part_of_a_past_tax_year_changes_no_allowance(seen: Desk) -> None:
    isas.internal(seen, "25000", "20001", transfer_date="2022-04-05T23:59:59Z")
    assert UPDATED not in seen.advance()
    assert (isas.used(seen), pounds(seen)[0]) == ("0.00", "25000")


def test_a_part_is_of_a_past_year_once_6_april_has_come(open_desk: OpenDesk) -> None:
    seen = isas.isa(open_desk(now=datetime(2023, 4, 5, 23, 59, 59, 950000, tzinfo=UTC)))
    isas.internal(seen, "100", "100", transfer_date="2023-04-05T12:00:00Z")
    seen.advance()
    assert [row.used_amount for row in isas.allowances(seen)] == ["0.00", "0.00"]


# --- Out ---


@pytest.fixture
def full(seen: Desk) -> Desk:
    """An ISA with 900 pounds that were subscribed this year."""
    top_up(seen, "900", "GBP")
    return seen


def test_what_goes_out_is_reserved_at_once(full: Desk) -> None:
    position = full.world.events.end
    isas.send(full, direction="OUTGOING", transfer_value="600", details=isas.part("500"))
    assert full.types_since(position) == ["ISA_TRANSFER.NEW", "CASH_BALANCE.UPDATED"]
    assert pounds(full) == ("900", "300")
    assert full.advance() == [*EXTERNAL, *BOOKS, UPDATED]
    assert (pounds(full), isas.used(full)) == (("300", "300"), "400.00")
    assert booked(full)[-1] == ("ISA_TRANSFER", "-600")


def test_the_whole_account_goes_out(full: Desk) -> None:
    isas.send(full, direction="OUTGOING", transfer_value=None)
    assert pounds(full) == ("900", "0")
    assert "transfer_value" not in told(full, "NEW")
    full.advance()
    assert told(full, "DISCOVERY_CONFIRMED")["transfer_value"] == "900.00"
    assert (pounds(full), isas.used(full)) == (("0", "0"), "900.00")


def test_the_part_that_goes_out_is_cut_to_what_is_used(full: Desk) -> None:
    """800 are used at the request; a cancelled top-up leaves nothing of that."""
    (topup,) = full.rows("list_topups", {"account_group_id": full.group_id})
    isas.internal(full, "800", "800", direction="OUTGOING")
    full.move("topups", topup.id, "CANCELLED")
    full.advance()
    assert (isas.used(full), pounds(full)[0]) == ("0.00", "-800")


def test_a_transfer_out_of_a_locked_group_waits(full: Desk) -> None:
    isas.internal(full, "800", "1", direction="OUTGOING")
    full.move("account_groups", full.group_id, "LOCKED")
    assert full.advance("1d") == ["ISA_TRANSFER.PROCESSING"]
    full.move("account_groups", full.group_id, "ACTIVE")
    assert full.advance()[0] == "ISA_TRANSFER.SETTLED"


# --- Time ---


def test_under_live_each_move_takes_a_business_day(open_desk: OpenDesk) -> None:
    """From Tuesday 10 January, 09:00Z: the cut-offs at noon of Wednesday to Friday, Monday and Tuesday."""
    seen = isas.isa(open_desk("live"))
    isas.send(seen)
    seen.advance("14d")
    found = [(each.type, each.created_at.day) for each in seen.world.events if each.type.startswith("ISA_TRANSFER")]
    assert found == [("ISA_TRANSFER.NEW", 10), *zip(EXTERNAL, (11, 12, 13, 16, 17), strict=True)]


# --- By command ---


def test_a_transfer_inside_one_manager_discovers_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    inside, between = isas.internal(isas.isa(desk), "100"), isas.send(isas.isa(desk))
    with pytest.raises(IllegalMoveError, match="is ISA_INTERNAL: after NEW it becomes PROCESSING"):
        desk.move("isa_transfers", inside.id, "DISCOVERY")
    with pytest.raises(IllegalMoveError, match="is ISA_EXTERNAL: after NEW it becomes DISCOVERY"):
        desk.move("isa_transfers", between.id, "PROCESSING")


# --- Closing ---


@pytest.mark.parametrize("direction", ["INCOMING", "OUTGOING"])
def test_a_closing_group_waits_for_its_transfers(full: Desk, direction: str) -> None:
    """Whole in, it has cash left; whole out, it has none."""
    isas.send(full, direction=direction, transfer_value=None)
    full.call("account_closure", {"account_id": full.account_id})
    full.call("account_group_closure", {"account_group_id": full.group_id})
    full.advance("1d")
    assert status_of(full, full.group_id) == ("CLOSED" if direction == "OUTGOING" else "CLOSING")


def test_a_group_that_closes_says_which_transfer_it_waits_for(open_desk: OpenDesk) -> None:
    seen = isas.isa(open_desk(overrides={"stages": {"isa_transfer.discover": {"delay": "never"}}}))
    row = isas.send(seen)
    seen.call("account_closure", {"account_id": seen.account_id})
    seen.call("account_group_closure", {"account_group_id": seen.group_id})
    seen.advance("1d")
    held = seen.world.holds.get("account_groups", seen.group_id)
    assert held is not None
    assert held.reason == f"its ISA transfer {row.id} is NEW"


def test_no_group_is_closed_by_hand_over_a_transfer(open_desk: OpenDesk) -> None:
    """There is no CANCELLED state of transfers (§11.3 [A]), and a CLOSED group has none that is open (§18)."""
    seen = isas.isa(open_desk("manual"))
    row = isas.send(seen)
    seen.move("account_groups", seen.group_id, "CLOSING")
    with pytest.raises(IllegalMoveError, match=f"its ISA transfer {row.id} is NEW, and none of its kind is cancelled"):
        seen.move("account_groups", seen.group_id, "CLOSED")
    assert status_of(seen, seen.group_id) == "CLOSING"
