"""What transfers do to returns, drift, liquidations and closing (payments.md §2.5, §11.1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import orjson
import pytest

from mockserver.domain.portfolios.allocations import allocation
from mockserver.domain.portfolios.drift import greatest_drift, legs
from mockserver.domain.valuations.returns import RETURNS
from tests.domain.conftest import OpenDesk
from tests.domain.support import moving
from tests.domain.support.desk import AT_100, Desk


def daily(desk: Desk, day: str) -> str:
    """The daily return of the account on a day, ended with ten decimals."""
    row = desk.world.table(RETURNS)[f"{desk.account_id}/{day}"]
    assert row.day == date.fromisoformat(day)
    return str(orjson.loads(row.wire)["twr"]["daily"])


@pytest.mark.parametrize(("direction", "left"), [("INCOMING", "30"), ("OUTGOING", "10")])
def test_a_transfer_is_no_return(open_desk: OpenDesk, direction: str, left: str) -> None:
    """20 units at 100 are 2000; after 10 more, 3000 with 1000 flowed in: (3000 - 1000) / 2000 - 1 = 0."""
    desk = open_desk(running=True)
    desk.hold(AT_100, "20")
    desk.advance("1d")  # the close of the 10th at 00:15 on the 11th
    moving.transfer(desk, direction)
    desk.advance("1d")
    assert moving.units(desk)[0] == left
    assert float(daily(desk, "2023-01-11")) == 0


def test_an_instrument_without_a_price_flows_in_at_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk(running=True)
    desk.hold(AT_100, "20")
    isin = desk.instrument("FR0000131104")
    desk.advance("1d")
    moving.transfer(desk, instrument_id=isin)
    desk.advance("1d")
    assert float(daily(desk, "2023-01-11")) == 0


def test_drift_counts_units_when_they_are_there(open_desk: OpenDesk) -> None:
    """All that is held is of an instrument with a target of 0.3: it drifts by 0.7."""
    desk = open_desk()

    def drift() -> Decimal:
        target = allocation(desk.world, desk.allocation_id)
        return greatest_drift(legs(desk.world, desk.account_id, target))

    moving.transfer(desk)
    assert drift() == 0
    desk.advance()
    assert drift() == Decimal("0.7")


def test_a_liquidation_sells_what_is_not_on_its_way_out(open_desk: OpenDesk) -> None:
    """Ten held, four on their way out: six are sold."""
    desk = open_desk("manual")
    desk.hold(AT_100, "10")
    moving.transfer(desk, "OUTGOING", quantity="4")
    made = desk.call("create_account_liquidation", {"account_id": desk.account_id}, body={"user_id": desk.user_id})
    assert made.status == "NEW"
    desk.move("liquidations", made.id, "PROCESSING")
    assert moving.units(desk) == ("10", "10", "0")


@pytest.mark.parametrize("direction", ["INCOMING", "OUTGOING"])
def test_a_closing_account_waits_for_its_transfers(open_desk: OpenDesk, direction: str) -> None:
    """One unit held and on its way out, or none held and one on its way in that is refused: then it closes."""
    desk = open_desk(overrides={"stages": {"securities_transfer.settle": {"delay": "1h"}}}, cash="0")
    if direction == "OUTGOING":
        desk.hold(AT_100, "1")
    reference = "fail" if direction == "INCOMING" else "move"
    moving.transfer(desk, direction, quantity="1", settlement_reference=reference)
    desk.call("account_closure", {"account_id": desk.account_id})
    desk.advance("59m")
    assert desk.account.status == "CLOSING"
    held = desk.world.holds.get("accounts", desk.account_id)
    assert held is not None
    assert ("position" if direction == "OUTGOING" else "its securities transfer") in held.reason
    desk.advance("2m")
    assert desk.account.status == "CLOSED"


def test_an_account_closed_by_hand_cancels_its_transfers(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    desk.hold(AT_100, "10")
    sent = [moving.bundle(desk), moving.bundle(desk, "OUTGOING", {})]
    desk.move("accounts", desk.account_id, "CLOSING")
    desk.move("accounts", desk.account_id, "CLOSED")
    assert [str(moving.bundle_now(desk, each).status) for each in sent] == ["CANCELLED", "CANCELLED"]
    assert moving.units(desk) == ("10", "0", "10")
