"""payments.md §11.2: account transfers, whose state is a function of their lines."""

from __future__ import annotations

from itertools import product
from typing import Any

import orjson
import pytest

from mockserver.domain.transfers.bundles import state_of
from mockserver.kernel.lifecycle import IllegalMoveError
from mockserver.models.transfers import AccountTransferInstrument
from tests.domain.conftest import OpenDesk
from tests.domain.support import moving
from tests.domain.support.desk import AT_85, AT_100, NOBODY, Desk

OF_ONE_LINE = {"match": {"instrument_id": AT_85}, "outcomes": {"CANCELLED": 1}}


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    return open_desk()


def told(desk: Desk, position: int) -> list[str]:
    """The events of transfers, without what they book."""
    return [type_ for type_ in desk.types_since(position) if "TRANSFER." in type_]


def test_every_line_is_a_transfer_of_its_own(desk: Desk) -> None:
    position = desk.world.events.end
    sent = moving.bundle(desk)
    first, second = sent.instruments
    assert told(desk, position) == ["ACCOUNT_TRANSFER.NEW", "SECURITIES_TRANSFER.NEW", "SECURITIES_TRANSFER.NEW"]
    position = desk.world.events.end
    desk.advance("100ms")
    assert told(desk, position) == [
        "SECURITIES_TRANSFER.PROCESSING",
        "ACCOUNT_TRANSFER.PROCESSING",
        "SECURITIES_TRANSFER.PROCESSING",
    ]
    position = desk.world.events.end
    desk.advance("100ms")
    assert told(desk, position) == [
        "SECURITIES_TRANSFER.SETTLED",
        "SECURITIES_TRANSFER.SETTLED",
        "ACCOUNT_TRANSFER.SETTLED",
    ]
    assert (moving.units(desk)[0], moving.units(desk, AT_85)[0]) == ("10", "5")
    shown = orjson.loads(desk.call("retrieve_account_transfer", {"account_transfer_id": sent.id}).wire)
    assert shown["instruments"] == [
        {
            "id": isin,
            "id_type": "ISIN",
            "quantity": quantity,
            "status": "SETTLED",
            "transfer_id": line.transfer_id,
            "quantity_settled": quantity,
        }
        for isin, quantity, line in ((AT_100, "10", first), (AT_85, "5", second))
    ]
    assert "order_date" not in shown
    assert "delay_reason" not in shown


def test_dates_are_shown_only_if_they_were_given(desk: Desk) -> None:
    shown = orjson.loads(moving.bundle(desk, order_date="2023-01-09").wire)
    assert (shown["order_date"], "trade_date" in shown, "settlement_date" in shown) == ("2023-01-09", False, False)


def test_lines_have_reference_counterparty_and_dates_of_the_bundle(desk: Desk) -> None:
    sent = moving.bundle(desk, trade_date="2023-01-16")
    for line in sent.instruments:
        row = moving.now(desk, line.transfer_id)
        assert (row.settlement_reference, row.counterparty) == (sent.settlement_reference, sent.counterparty)
        assert (str(row.trade_date), str(row.settlement_date)) == ("2023-01-16", "2023-01-17")


def test_out_without_lines_takes_whole_units_and_leaves_fractions(desk: Desk) -> None:
    desk.hold(AT_100, "10.75")
    desk.hold(AT_85, "0.5")
    sent = moving.bundle(desk, "OUTGOING", {})
    assert [(line.id, line.quantity) for line in sent.instruments] == [(AT_100, "10")]
    assert moving.units(desk) == ("10.75", "10", "0.75")
    desk.advance()
    assert (moving.units(desk)[0], moving.units(desk, AT_85)[0]) == ("0.75", "0.5")


def test_one_line_cancelled_settles_it_in_part(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"stages": {"securities_transfer.settle": {"overrides": [OF_ONE_LINE]}}})
    sent = moving.bundle(desk)
    desk.advance()
    row = moving.bundle_now(desk, sent)
    assert (row.status, [str(line.status) for line in row.instruments]) == (
        "PARTIALLY_SETTLED",
        ["SETTLED", "CANCELLED"],
    )


def test_a_marker_in_the_reference_cancels_all_of_it(desk: Desk) -> None:
    desk.hold(AT_100, "10")
    sent = moving.bundle(desk, "OUTGOING", {}, settlement_reference="fail")
    desk.advance()
    assert (moving.bundle_now(desk, sent).status, moving.units(desk)) == ("CANCELLED", ("10", "0", "10"))


def test_a_late_line_makes_it_late(desk: Desk) -> None:
    sent = moving.bundle(desk, settlement_reference="late")
    desk.advance()
    row = moving.bundle_now(desk, sent)
    assert (row.status, row.delay_reason) == ("SETTLED", "COUNTERPARTY_NOT_RESPONDING")


def by_table(states: set[str]) -> str:
    """The table of payments.md §11.2, from the bottom."""
    if "PROCESSING" in states or {"NEW", "SETTLED"} <= states:
        return "PROCESSING"
    if "NEW" in states:
        return "NEW"
    return states.pop() if len(states) == 1 else "PARTIALLY_SETTLED"


@pytest.mark.parametrize("states", list(product(("NEW", "PROCESSING", "SETTLED", "CANCELLED"), repeat=3)))
def test_its_state_is_the_one_of_the_table(states: tuple[str, ...]) -> None:
    rows = [
        AccountTransferInstrument.model_validate(
            {"id": AT_100, "id_type": "ISIN", "quantity": "1", "status": state, "transfer_id": NOBODY}
        )
        for state in states
    ]
    assert state_of(rows) == by_table(set(states))


FORCED: list[tuple[list[tuple[int, str]], str, list[str]]] = [
    ([], "SETTLED", ["SETTLED", "SETTLED"]),
    ([], "CANCELLED", ["CANCELLED", "CANCELLED"]),
    ([], "PARTIALLY_SETTLED", ["SETTLED", "CANCELLED"]),
    ([(0, "CANCELLED")], "PARTIALLY_SETTLED", ["CANCELLED", "SETTLED"]),
    ([(0, "SETTLED")], "PARTIALLY_SETTLED", ["SETTLED", "CANCELLED"]),
    ([(1, "SETTLED")], "SETTLED", ["SETTLED", "SETTLED"]),
]


@pytest.mark.parametrize(("ended", "to", "states"), FORCED)
def test_a_forced_move_moves_its_lines(
    open_desk: OpenDesk, ended: list[tuple[int, str]], to: str, states: list[str]
) -> None:
    desk = open_desk("manual")
    sent = moving.bundle(desk)
    desk.move("account_transfers", sent.id, "PROCESSING")
    for index, state in ended:
        desk.move("securities_transfers", sent.instruments[index].transfer_id, state)
    desk.move("account_transfers", sent.id, to)
    row = moving.bundle_now(desk, sent)
    assert (row.status, [str(line.status) for line in row.instruments]) == (to, states)


def test_it_does_not_go_back_when_the_line_that_had_begun_is_cancelled(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    sent = moving.bundle(desk)
    begun, other = (line.transfer_id for line in sent.instruments)
    for line, state, of_all in (
        (begun, "PROCESSING", "PROCESSING"),
        (begun, "CANCELLED", "PROCESSING"),  # the other line is still NEW
        (other, "PROCESSING", "PROCESSING"),
        (other, "SETTLED", "PARTIALLY_SETTLED"),
    ):
        desk.move("securities_transfers", line, state)
        assert moving.bundle_now(desk, sent).status == of_all


REFUSED: list[tuple[dict[str, str], list[tuple[int, str]], str, str]] = [
    ({AT_100: "1"}, [], "PARTIALLY_SETTLED", "has one line"),
    ({AT_100: "1", AT_85: "1"}, [(0, "CANCELLED")], "SETTLED", "is CANCELLED"),
    ({AT_100: "1", AT_85: "1"}, [(0, "SETTLED")], "CANCELLED", "is SETTLED"),
]


@pytest.mark.parametrize(("units", "ended", "to", "why"), REFUSED)
def test_no_command_contradicts_its_lines(
    open_desk: OpenDesk, units: dict[str, str], ended: list[tuple[int, str]], to: str, why: str
) -> None:
    desk = open_desk("manual")
    sent: Any = moving.bundle(desk, units=units)
    desk.move("account_transfers", sent.id, "PROCESSING")
    for index, state in ended:
        desk.move("securities_transfers", sent.instruments[index].transfer_id, state)
    with pytest.raises(IllegalMoveError, match=why):
        desk.move("account_transfers", sent.id, to)
