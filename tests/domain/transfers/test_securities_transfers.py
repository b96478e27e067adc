"""payments.md §11.1: securities transfers, from the request to the books."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from mockserver.domain.transfers.dates import dates
from mockserver.kernel.clock import Clock
from mockserver.kernel.lifecycle import IllegalMoveError
from tests.domain.conftest import OpenDesk
from tests.domain.support import moving
from tests.domain.support.desk import AT_85, AT_100, Desk

SETTLED = ["SECURITIES_TRANSFER.SETTLED", "POSITION.UPDATED", "SECURITY_TRANSACTION.EXECUTED"]
THROUGH = ["SECURITIES_TRANSFER.PROCESSING", *SETTLED]


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    return open_desk()


def test_a_transfer_in_brings_its_units_when_it_settles(desk: Desk) -> None:
    position = desk.world.events.end
    sent = moving.transfer(desk)
    assert desk.types_since(position) == ["SECURITIES_TRANSFER.NEW"]
    assert desk.advance("100ms") == ["SECURITIES_TRANSFER.PROCESSING"]
    assert desk.advance("100ms") == SETTLED
    assert moving.units(desk) == ("10", "0", "10")
    # Tuesday 10 January: traded on the 11th, settled a day later; the sandbox does not wait for them
    assert orjson.loads(moving.now(desk, sent).wire) == {
        "id": sent.id,
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00.200000Z",
        "status": "SETTLED",
        "direction": "INCOMING",
        "transfer_type": "NO_OWNER_CHANGE",
        "instrument_id": AT_100,
        "instrument_id_type": "ISIN",
        "quantity": "10",
        "user_id": desk.user_id,
        "account_id": desk.account_id,
        "settlement_reference": "b82dc5985558fdr2",
        "counterparty": moving.OTHER_BROKER,
        "settlement_counterparties": {
            "settlement_agent": {
                "identification": {"type": "BIC", "value": "FAKEZZ55XXX"},
                "account": {"type": "SAFE", "value": "DAKV1234"},
            },
            "settlement_party": {
                "identification": {"type": "BIC", "value": "DUMBZZ33XXX"},
                "account": {"type": "SAFE", "value": "1234567891"},
            },
        },
        "place_of_settlement": "CEDELULLXXX",
        "quantity_settled": "10",
        "trade_date": "2023-01-11",
        "settlement_date": "2023-01-12",
        "actual_settlement_date": "2023-01-10",
        "order_date": "2023-01-10",
    }


def test_a_transfer_out_locks_its_units_until_they_leave(desk: Desk) -> None:
    desk.hold(AT_100, "12.5")
    position = desk.world.events.end
    moving.transfer(desk, "OUTGOING")
    assert desk.types_since(position) == ["SECURITIES_TRANSFER.NEW", "POSITION.UPDATED"]
    assert moving.units(desk) == ("12.5", "10", "2.5")
    assert desk.advance() == THROUGH
    assert moving.units(desk) == ("2.5", "0", "2.5")


@pytest.mark.parametrize(("direction", "delta"), [("INCOMING", "10"), ("OUTGOING", "-10")])
def test_the_transaction_refers_to_nothing(desk: Desk, direction: str, delta: str) -> None:
    desk.hold(AT_100, "10")
    moving.transfer(desk, direction)
    desk.advance()
    (row,) = desk.rows("list_securities_transactions")
    assert (row.type, row.delta.amount, row.references) == ("SECURITIES_TRANSFER", delta, ())


def test_locked_units_are_sold_by_nobody(desk: Desk) -> None:
    """10 held, 8 on their way out: a sell of 3 waits, and goes on when the transfer is cancelled."""
    desk.hold(AT_100, "10")
    sent = moving.transfer(desk, "OUTGOING", quantity="8", settlement_reference="will fail")
    order = desk.place("SELL", AT_100, quantity="3")
    assert order.status == "NEW"
    desk.move("securities_transfers", sent.id, "CANCELLED")
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"


def test_units_that_came_serve_an_order_that_waits(desk: Desk) -> None:
    order = desk.place("SELL", AT_100, quantity="3")
    desk.advance()
    moving.transfer(desk)
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"


@pytest.mark.parametrize("reference", ["will FAIL", "fail and late"])
def test_the_fail_marker_cancels_it_and_frees_its_units(desk: Desk, reference: str) -> None:
    desk.hold(AT_100, "10")
    moving.transfer(desk, "OUTGOING", settlement_reference=reference)
    assert desk.advance() == ["SECURITIES_TRANSFER.PROCESSING", "SECURITIES_TRANSFER.CANCELLED", "POSITION.UPDATED"]
    assert moving.units(desk) == ("10", "0", "10")


def test_the_late_marker_delays_it_once(desk: Desk) -> None:
    """Thursday the 12th becomes Friday the 13th."""
    sent = moving.transfer(desk, settlement_reference="Late")
    assert desk.advance() == ["SECURITIES_TRANSFER.PROCESSING", "SECURITIES_TRANSFER.DATA_CHANGED", *SETTLED]
    (changed,) = desk.told("SECURITIES_TRANSFER.DATA_CHANGED")
    assert (changed["status"], changed["settlement_date"], changed["delay_reason"]) == (
        "PROCESSING",
        "2023-01-13",
        "COUNTERPARTY_NOT_RESPONDING",
    )
    assert str(moving.now(desk, sent).settlement_date) == "2023-01-13"


def test_a_profile_names_outcomes_by_attribute(open_desk: OpenDesk) -> None:
    late = {"match": {"instrument_id": AT_85}, "outcomes": {"PROCESSING": 1}}
    refused = {"match": {"direction": "OUTGOING"}, "outcomes": {"CANCELLED": 1}}
    desk = open_desk(overrides={"stages": {"securities_transfer.settle": {"overrides": [late, refused]}}})
    desk.hold(AT_100, "10")
    sent = [moving.transfer(desk), moving.transfer(desk, instrument_id=AT_85), moving.transfer(desk, "OUTGOING")]
    desk.advance()
    ends = [(str(row.status), row.delay_reason is not None) for row in (moving.now(desk, each) for each in sent)]
    assert ends == [("SETTLED", False), ("SETTLED", True), ("CANCELLED", False)]


def test_live_it_waits_for_its_dates(open_desk: OpenDesk) -> None:
    """Requested Tuesday: instructed Wednesday 09:00 in Frankfurt, 08:00Z, settled Thursday 06:00Z."""
    desk = open_desk("live")
    moving.transfer(desk)
    assert desk.advance("22h59m59s") == []
    assert desk.advance("1s") == ["SECURITIES_TRANSFER.PROCESSING"]
    assert desk.advance("21h59m59s") == []
    assert desk.advance("1s") == SETTLED


def test_live_a_late_one_settles_a_business_day_later(open_desk: OpenDesk) -> None:
    """Due on Thursday the 12th 06:00Z, then on Friday the 13th."""
    desk = open_desk("live")
    sent = moving.transfer(desk, settlement_reference="late")
    desk.advance("3d")
    settled = moving.now(desk, sent)
    assert (settled.status, settled.updated_at) == ("SETTLED", datetime(2023, 1, 13, 6, tzinfo=UTC))


def test_a_command_delays_it_for_a_reason_and_drops_what_was_due(open_desk: OpenDesk) -> None:
    """On Wednesday, from Thursday the 12th to Friday the 13th, and once more to Monday the 16th."""
    desk = open_desk("live")
    sent = moving.transfer(desk)
    desk.advance("1d")
    reason = "COUNTERPARTY_NOT_ACCEPTING"
    assert desk.move("securities_transfers", sent.id, "PROCESSING", delay_reason=reason) == [
        "SECURITIES_TRANSFER.DATA_CHANGED"
    ]
    desk.move("securities_transfers", sent.id, "PROCESSING", delay_reason=reason)
    desk.advance("4d")
    assert moving.now(desk, sent).status == "PROCESSING"
    desk.advance("1d")
    settled = moving.now(desk, sent)
    assert (settled.updated_at, settled.delay_reason) == (datetime(2023, 1, 16, 6, tzinfo=UTC), reason)


def test_a_delay_takes_back_its_own_task_and_looks_at_no_other(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of two is late: the other settles on Thursday the 12th, it on Friday. Thousands may be due beside them."""
    desk = open_desk("live")
    late, other = moving.transfer(desk), moving.transfer(desk)
    desk.advance("1d")
    with monkeypatch.context() as patch:
        patch.setattr(Clock, "pending", None)
        desk.move("securities_transfers", late.id, "PROCESSING")
    desk.advance("1d")
    assert (moving.now(desk, late).status, moving.now(desk, other).status) == ("PROCESSING", "SETTLED")
    desk.advance("1d")
    assert moving.now(desk, late).status == "SETTLED"


@pytest.mark.parametrize("state", ["NEW", "PROCESSING"])
def test_a_transfer_in_is_given_up_30_days_after_its_creation(open_desk: OpenDesk, state: str) -> None:
    stage = "instruct" if state == "NEW" else "settle"
    desk = open_desk(overrides={"stages": {f"securities_transfer.{stage}": {"delay": "never"}}})
    sent = moving.transfer(desk)
    desk.hold(AT_100, "10")
    out = moving.transfer(desk, "OUTGOING")
    desk.advance("29d")
    assert (moving.now(desk, sent).status, desk.world.clock.idle) == (state, True)
    assert desk.advance("1d") == ["SECURITIES_TRANSFER.CANCELLED"]
    assert (moving.now(desk, sent).status, moving.now(desk, out).status) == ("CANCELLED", state)


def test_nothing_is_due_for_a_transfer_that_is_final(desk: Desk) -> None:
    moving.transfer(desk)
    desk.advance()
    assert desk.world.clock.upcoming() == []


@pytest.mark.parametrize(
    ("today", "order", "trade", "settlement"),
    [
        ("2024-01-22", "2024-01-20", "2024-01-22", "2024-01-23"),  # the published example: ordered on a Saturday
        ("2024-01-22", None, "2024-01-23", "2024-01-24"),
        ("2024-01-20", None, "2024-01-22", "2024-01-23"),  # made on a Saturday
        ("2024-01-22", "2023-12-20", "2024-01-22", "2024-01-23"),  # not before the day of creation
        ("2024-01-22", "2024-03-28", "2024-04-02", "2024-04-03"),  # Good Friday and Easter Monday between
    ],
)
def test_dates_that_are_left_out(desk: Desk, today: str, order: str | None, trade: str, settlement: str) -> None:
    day = datetime.fromisoformat
    made = dates(desk.world.calendar, day(today).date(), order=None if order is None else day(order).date())
    assert [str(each) for each in made] == [order or today, trade, settlement]


def test_what_the_request_says_is_kept(desk: Desk) -> None:
    parties = {"settlement_agent": {"identification": {"type": "NAME_AND_ADDRESS", "value": "Agent, London"}}}
    given: dict[str, Any] = {
        "settlement_counterparties": parties,
        "place_of_settlement": "ABCDDEFFXXX",
        "order_date": "2023-01-02",
        "trade_date": "2023-01-03",
        "settlement_date": "2023-01-03",
    }
    shown = orjson.loads(moving.transfer(desk, **given).wire)
    assert {name: shown[name] for name in given} == given


def test_german_instruments_settle_in_germany(desk: Desk) -> None:
    assert moving.transfer(desk, instrument_id=AT_85).place_of_settlement == "DAKVDEFFXXX"


def test_lists_have_a_direction_and_filters(desk: Desk) -> None:
    desk.hold(AT_100, "10")
    first, second = moving.transfer(desk), moving.transfer(desk, settlement_reference="fail")
    out = moving.transfer(desk, "OUTGOING")
    desk.advance()

    def listed(direction: str = "INCOMING", **query: str) -> list[str]:
        return [row.id for row in desk.rows("list_securities_transfers", direction=direction, **query)]

    assert sorted(listed()) == sorted([first.id, second.id])
    assert listed("OUTGOING") == [out.id]
    assert (listed(status="CANCELLED"), listed(status="SETTLED")) == ([second.id], [first.id])
    for name, identity in (
        ("user_id", desk.user_id),
        ("account_id", desk.account_id),
        ("account_group_id", desk.group_id),
    ):
        assert (len(listed(**{name: identity})), listed(**{name: first.id})) == (2, [])  # unknown: nothing, no 404


def test_the_last_day_there_is_cannot_be_moved_on(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    sent = moving.transfer(desk, settlement_date="2200-12-31")
    desk.move("securities_transfers", sent.id, "PROCESSING")
    with pytest.raises(IllegalMoveError, match="the last there is"):
        desk.move("securities_transfers", sent.id, "PROCESSING")


def test_a_restored_snapshot_settles_as_the_first_time(desk: Desk) -> None:
    moving.transfer(desk, settlement_reference="late")
    before = desk.world.snapshot()
    first = desk.advance()
    desk.world.restore(before)
    assert (desk.advance(), moving.units(desk)) == (first, ("10", "0", "10"))
