"""Corporate actions under way: a world that goes back to before one, and a profile that releases one."""

from __future__ import annotations

from datetime import date

from mockserver.domain import profile_changes
from tests.domain.support import actions
from tests.domain.support.desk import AT_100, fingerprint, open_desk


def test_a_world_goes_back_to_before_a_split_and_does_the_same_again() -> None:
    desk = open_desk(running=True)
    desk.hold(AT_100, "10")
    actions.dividend(desk)
    actions.split(desk, ex_date=date(2023, 1, 13))
    desk.advance("2d")  # the dividend is DUE, the split not booked
    before, kept = fingerprint(desk.world), desk.world.snapshot()
    first = desk.advance("10d")
    after = fingerprint(desk.world)
    assert (desk.position(AT_100)["quantity"], actions.cash_booked(desk)) == ("30", ["12.50"])
    desk.world.restore(kept)
    assert fingerprint(desk.world) == before
    assert desk.position(AT_100)["quantity"] == "10"
    assert desk.advance("10d") == first
    assert fingerprint(desk.world) == after


def test_what_waited_for_a_command_is_booked_once_its_stages_have_a_delay() -> None:
    desk = open_desk("manual")
    desk.hold(AT_100, "10")
    row = actions.dividend(desk)
    desk.advance("1d")
    stages = {"corporate_action.confirm": {"delay": "0s"}, "corporate_action.book": {"delay": "0s"}}
    profile_changes.change(desk.world, {"stages": stages}, "test")
    desk.advance("7d")
    assert actions.now(desk, row).status == "BOOKED"
    assert actions.cash_booked(desk) == ["12.50"]


def test_a_profile_that_reinvests_later_counts_for_later_dividends() -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    actions.dividend(desk)
    desk.advance("7d")
    profile_changes.change(desk.world, {"corporate_actions": {"reinvest": "on"}}, "test")
    actions.dividend(desk, ex_date=date(2023, 1, 19), payment_date=date(2023, 1, 23))
    desk.advance("7d")
    assert [each["cash_amount"] for each in desk.told("ORDER.NEW")] == ["12.50"]


def test_a_reverse_split_waits_for_units_that_are_on_their_way_out() -> None:
    """8 of 20 units are locked for a transfer out; a 1:10 split would leave 2. It is booked the morning after."""
    desk = open_desk("live")
    desk.hold(AT_100, "20")
    desk.advance("1d")
    body = {"user_id": desk.user_id, "account_id": desk.account_id, "direction": "OUTGOING", "quantity": "8"}
    body |= {"transfer_type": "NO_OWNER_CHANGE", "settlement_reference": "moving out", "instrument_id": AT_100}
    counterparty = {"type": "BIC", "id": "DUMBZZ33XXX"}
    desk.call("create_securities_transfer", body={**body, "instrument_id_type": "ISIN", "counterparty": counterparty})
    row = actions.split(desk, "1:10")
    desk.advance("21h1m")  # the 12th, 06:01: the transfer settles only later
    assert (actions.now(desk, row).status, desk.position(AT_100)["locked_for_trading"]) == ("CONFIRMED", "8")
    held = desk.world.holds.get("corporate_actions", row.id)
    assert held is not None
    assert "8 units are locked, and the split leaves 2" in held.reason
    desk.advance("5d")
    assert actions.now(desk, row).status == "BOOKED"
    assert desk.position(AT_100)["quantity"] == "1.2"  # (20 - 8) / 10
