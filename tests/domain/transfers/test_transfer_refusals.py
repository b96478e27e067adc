"""payments.md §11.1, §11.2: every refusal of transfers. A refusal leaves the world as it was (``Desk.refused``)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from mockserver.domain import seeding
from mockserver.kernel.rules import Refusal
from tests.domain.conftest import OpenDesk
from tests.domain.support import moving
from tests.domain.support.desk import AT_85, AT_100, NOBODY, Desk


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    return open_desk()


def refused(desk: Desk, direction: str = "INCOMING", **others: Any) -> Refusal:
    return desk.refused("create_securities_transfer", body=moving.single(desk, direction, **others))


def bundle_refused(desk: Desk, direction: str, units: dict[str, str], **others: Any) -> Refusal:
    body = moving.body(desk, direction, instruments=moving.lines(**units), **others)
    return desk.refused("create_account_transfer", body=body)


def outcome(of: Refusal) -> tuple[str, int]:
    return of.rule.name, of.rule.status


@pytest.mark.parametrize("member", ["user_id", "account_id"])
def test_unknown_ids(desk: Desk, member: str) -> None:
    assert outcome(refused(desk, **{member: NOBODY})) == ("resource.unknown", 404)
    assert outcome(bundle_refused(desk, "INCOMING", {AT_100: "1"}, **{member: NOBODY})) == ("resource.unknown", 404)


def test_an_account_of_somebody_else(desk: Desk) -> None:
    stranger = seeding.user(desk.world).id
    found = refused(desk, user_id=stranger)
    assert outcome(found) == ("transfer.user", 400)
    assert desk.account_id in found.detail


@pytest.mark.parametrize("quantity", ["0", "000", "", "1.5", "10.0", "1" + "0" * 15])
def test_a_quantity_that_is_no_number_of_whole_units(desk: Desk, quantity: str) -> None:
    desk.hold(AT_100, "1")
    for direction in ("INCOMING", "OUTGOING"):
        assert outcome(refused(desk, direction, quantity=quantity)) == ("transfer.quantity", 400)
        assert outcome(bundle_refused(desk, direction, {AT_100: quantity})) == ("transfer.quantity", 400)


def test_the_largest_quantity_passes(desk: Desk) -> None:
    assert moving.transfer(desk, quantity="9" * 15).quantity == "9" * 15


def test_an_instrument_that_does_not_exist_or_is_inactive(desk: Desk) -> None:
    assert "does not exist" in refused(desk, instrument_id="US0378331005").detail
    isin = desk.instrument("FR0000131104", "10", trading_status="INACTIVE")
    found = refused(desk, instrument_id=isin)
    assert outcome(found) == ("transfer.instrument", 400)
    assert "is INACTIVE" in found.detail
    assert "instruments[1].id" in bundle_refused(desk, "INCOMING", {AT_100: "1", isin: "1"}).detail


@pytest.mark.parametrize(
    ("status", "direction", "fits"),
    [
        ("LOCKED", "INCOMING", False),
        ("LOCKED", "OUTGOING", False),
        ("CLOSING", "INCOMING", False),
        ("CLOSING", "OUTGOING", True),
        ("CLOSED", "OUTGOING", False),
    ],
)
def test_the_status_of_the_account(open_desk: OpenDesk, status: str, direction: str, fits: bool) -> None:
    desk = open_desk("manual")
    desk.hold(AT_100, "10")
    for state in {"CLOSED": ("CLOSING", "CLOSED")}.get(status, (status,)):
        desk.move("accounts", desk.account_id, state)
    if fits:
        assert moving.transfer(desk, direction).status == "NEW"
    else:
        assert outcome(refused(desk, direction)) == ("transfer.account-status", 400)


@pytest.mark.parametrize(
    ("status", "direction", "fits"),
    [("LOCKED", "INCOMING", False), ("CLOSING", "INCOMING", False), ("CLOSING", "OUTGOING", True)],
)
def test_the_status_of_its_group_counts_alike(open_desk: OpenDesk, status: str, direction: str, fits: bool) -> None:
    desk = open_desk("manual")
    desk.hold(AT_100, "10")
    desk.move("account_groups", desk.group_id, status)
    if fits:
        assert moving.transfer(desk, direction).status == "NEW"
    else:
        found = refused(desk, direction)
        assert (outcome(found), desk.group_id in found.detail) == (("transfer.account-status", 400), True)


def test_a_closed_group_has_no_open_transfer(open_desk: OpenDesk) -> None:
    """Closed by hand: what is under way is cancelled, and nothing new begins (payments.md §18)."""
    desk = open_desk("manual")
    desk.hold(AT_100, "10")
    sent = moving.transfer(desk, "OUTGOING")
    for state in ("CLOSING", "CLOSED"):
        desk.move("account_groups", desk.group_id, state)
    assert moving.now(desk, sent).status == "CANCELLED"
    assert outcome(refused(desk, "OUTGOING")) == ("transfer.account-status", 400)


def test_more_than_is_available(desk: Desk) -> None:
    """Ten held, four on their way out: six pass, seven do not."""
    desk.hold(AT_100, "10")
    moving.transfer(desk, "OUTGOING", quantity="4")
    found = refused(desk, "OUTGOING", quantity="7")
    assert (outcome(found), "has 6 of" in found.detail) == (("transfer.units", 400), True)
    assert moving.transfer(desk, "OUTGOING", quantity="6").status == "NEW"


def test_dates_in_the_wrong_order(desk: Desk) -> None:
    """The trade date left out is the 11th."""
    for given in ({"trade_date": "2023-01-12", "settlement_date": "2023-01-11"}, {"settlement_date": "2023-01-10"}):
        assert outcome(refused(desk, **given)) == ("transfer.dates", 400)


@pytest.mark.parametrize("member", ["order_date", "trade_date", "settlement_date"])
@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
def test_dates_that_no_world_sees(desk: Desk, member: str, day: str) -> None:
    assert outcome(refused(desk, **{member: day})) == ("transfer.date-range", 400)


def test_an_instrument_twice(desk: Desk) -> None:
    body = moving.body(desk, instruments=[*moving.lines(**{AT_100: "1"}), *moving.lines(**{AT_100: "2"})])
    assert outcome(desk.refused("create_account_transfer", body=body)) == ("account-transfer.twice", 400)


def test_nothing_to_move(desk: Desk) -> None:
    desk.hold(AT_100, "0.9")
    assert outcome(bundle_refused(desk, "OUTGOING", {})) == ("account-transfer.empty", 400)


def test_one_line_that_does_not_pass_keeps_all_from_being_made(desk: Desk) -> None:
    desk.hold(AT_100, "10")
    found = bundle_refused(desk, "OUTGOING", {AT_100: "10", AT_85: "1"})
    assert (outcome(found), "instruments[1].quantity" in found.detail) == (("transfer.units", 400), True)


def test_an_unknown_account_transfer(desk: Desk) -> None:
    found = desk.refused("retrieve_account_transfer", {"account_transfer_id": NOBODY})
    assert outcome(found) == ("resource.unknown", 404)


AGENT = {"identification": {"type": "BIC", "value": "FAKEZZ55XXX"}}


@pytest.mark.parametrize(
    "parties",
    [
        {"settlement_party": AGENT},
        {"settlement_agent": AGENT, "settlement_intermediary_1": AGENT},
        {"settlement_agent": AGENT, "settlement_custodian": AGENT, "settlement_intermediary_2": AGENT},
        {"settlement_agent": {"account": {"type": "SAFE", "value": "1"}}},
        {"settlement_agent": {"identification": {"type": "PROPRIETARY", "value": "1"}}},
    ],
)
def test_counterparties_that_lack_another(desk: Desk, parties: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        moving.transfer(desk, settlement_counterparties=parties)


def test_a_custodian_without_a_party_is_fine(desk: Desk) -> None:
    parties = {"settlement_agent": AGENT, "settlement_custodian": AGENT}
    assert moving.transfer(desk, settlement_counterparties=parties).status == "NEW"


def test_a_transfer_in_needs_a_line(desk: Desk) -> None:
    with pytest.raises(ValidationError):
        moving.bundle(desk, "INCOMING", {})
