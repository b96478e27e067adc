"""payments.md §10.1: fees are collected from cash, one collection of an account after the other."""

from __future__ import annotations

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.kernel.lifecycle import CYCLES, Hold
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, Desk
from tests.domain.support.fees import PERIOD, books, collect, end, sells, shown

FROM_CASH = ["CASH_BALANCE.UPDATED", "CASH_TRANSACTION.EXECUTED", "FEE_COLLECTION.FINALISED"]
"""How a collection without sells ends: the balance comes before the transaction (§10.1 [D])."""


def test_cash_that_covers_it_is_reserved_at_once_and_taken_a_moment_later(open_desk: OpenDesk) -> None:
    """12.41 of 100: 87.59 stay."""
    desk = open_desk(cash="100")
    position = desk.world.events.end
    row = collect(desk)
    assert desk.types_since(position) == ["FEE_COLLECTION.CREATED", "CASH_BALANCE.UPDATED"]
    assert books(desk) == ("100", "87.59", "87.59")
    assert desk.advance("99ms") == []
    assert desk.advance("1ms") == FROM_CASH
    assert books(desk) == ("87.59", "87.59", "87.59")
    assert shown(desk, row) == {
        "id": row.id,
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00.100000Z",
        "account_id": desk.account_id,
        "account_group_id": desk.group_id,
        "type": "SERVICE_FEE",
        "collection_amount": "12.41",
        "processed_amount": {"cash_balance": "12.41", "sell_to_cover": "0.00"},
        "currency": "EUR",
        "status": "FINALISED",
        **PERIOD,
    }


def test_in_the_live_profile_it_takes_a_second(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="100")
    collect(desk)
    assert desk.advance("999ms") == []
    assert desk.advance("1ms") == FROM_CASH


def test_the_transaction_refers_to_the_collection_and_its_account(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="100")
    row = collect(desk)
    desk.advance()
    (entry,) = desk.told("CASH_TRANSACTION.EXECUTED")
    assert (entry["type"], entry["delta"]) == ("FEE_COLLECTION", {"amount": "-12.41", "currency": "EUR"})
    assert entry["references"] == [{"id": row.id, "type": "FEE_COLLECTION"}]
    assert entry["account_id"] == desk.account_id
    assert "instrument" not in entry


def test_the_event_of_its_creation_shows_nothing_processed_and_the_answer_the_cash(open_desk: OpenDesk) -> None:
    """Of 6.50 for 12.41, both published (§10.1 [E])."""
    desk = open_desk(cash="6.50")
    answer = orjson.loads(collect(desk).wire)
    (created,) = desk.told("FEE_COLLECTION.CREATED")
    assert created["processed_amount"] == {"cash_balance": "0", "sell_to_cover": "0"}
    assert answer["processed_amount"] == {"cash_balance": "6.50", "sell_to_cover": "0"}
    assert "sell_to_cover_orders" not in answer


def test_without_positions_the_rest_stays_uncovered(open_desk: OpenDesk) -> None:
    """12.41 - 6.50 = 5.91"""
    desk = open_desk(cash="6.50")
    row = collect(desk)
    assert desk.advance() == FROM_CASH
    assert end(desk, row) == (
        "FINALISED",
        {"cash_balance": "6.50", "sell_to_cover": "0.00", "total_residual_amount": "5.91"},
    )
    assert books(desk) == ("0", "0", "0")


def test_with_nothing_to_take_it_is_cancelled_and_no_balance_is_told(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    position = desk.world.events.end
    row = collect(desk)
    assert desk.types_since(position) == ["FEE_COLLECTION.CREATED"]
    assert desk.advance() == ["FEE_COLLECTION.CANCELLED"]
    assert end(desk, row) == ("CANCELLED", {"cash_balance": "0.00", "sell_to_cover": "0.00"})


def test_proceeds_that_are_not_settled_are_no_cash_yet(open_desk: OpenDesk) -> None:
    """100 come in, none of them for withdrawal: 12.41 are sold although the balance would do."""
    desk = open_desk(overrides={"stages": {"execution.settle": {"delay": "never"}}}, cash="0")
    desk.hold(AT_100, "3")
    desk.place("SELL", AT_100, quantity="1")
    desk.advance()
    assert books(desk) == ("100", "100", "0")
    row = collect(desk)
    desk.advance()
    assert end(desk, row)[1] == {"cash_balance": "0", "sell_to_cover": "0"}
    assert [order.cash_amount for order in sells(desk, row)] == ["12.41"]


def test_what_is_reserved_cannot_be_withdrawn_or_spent(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="100")
    collect(desk, "60")
    order = desk.place("BUY", AT_100, amount="50")
    with pytest.raises(Hold, match="not enough cash"):
        desk.move("orders", order.id, "PROCESSING")


# --- One after the other ---


def test_a_second_collection_waits_for_the_first_and_reserves_at_its_turn(open_desk: OpenDesk) -> None:
    """Of 100: 60, then what is left, 40 of 60."""
    desk = open_desk(cash="100")
    first, second = collect(desk, "60"), collect(desk, "60")
    assert end(desk, first)[1]["cash_balance"] == "60.00"
    assert end(desk, second)[1]["cash_balance"] == "0"
    assert books(desk) == ("100", "40", "40")
    told = desk.advance()
    assert told == [*FROM_CASH, "CASH_BALANCE.UPDATED", *FROM_CASH]
    assert end(desk, first)[0] == "FINALISED"
    assert end(desk, second)[1] == {"cash_balance": "40.00", "sell_to_cover": "0.00", "total_residual_amount": "20.00"}


def test_one_that_waits_for_its_turn_says_for_which(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="100")
    first, second = collect(desk, "60"), collect(desk, "60")
    cycle = CYCLES["fee_collections"]
    assert cycle.awaited(desk.world, first) is None
    assert cycle.awaited(desk.world, second) == (
        f"fee collection {first.id} of the account comes first",
        f"fee_collections/{first.id}",
    )


def test_a_collection_of_another_account_does_not_wait(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="100")
    other = seeding.account(desk.world, account_group_id=desk.group_id, type="TRADING")
    collect(desk, "60")
    second = collect(desk, "60", account_id=other.id)
    assert end(desk, second) == ("PROCESSING", {"cash_balance": "40.00", "sell_to_cover": "0"})


def test_the_next_one_begins_when_the_first_is_cancelled(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="100")
    first, second = collect(desk, "60"), collect(desk, "60")
    assert desk.move("fee_collections", first.id, "CANCELLED") == [
        "FEE_COLLECTION.CANCELLED",
        "CASH_BALANCE.UPDATED",
        "CASH_BALANCE.UPDATED",
    ]
    assert end(desk, first) == ("CANCELLED", {"cash_balance": "0.00", "sell_to_cover": "0.00"})
    assert end(desk, second)[1]["cash_balance"] == "60.00"


# --- Accounts that are locked or close ---


def test_a_locked_account_waits_and_goes_on_when_it_is_unlocked(desk: Desk) -> None:
    desk.move("accounts", desk.account_id, "LOCKED")
    row = collect(desk)
    desk.advance("1h")
    assert end(desk, row)[0] == "PROCESSING"
    held = desk.world.holds.get("fee_collections", row.id)
    assert held is not None
    assert held.reason == f"account {desk.account_id} is LOCKED"
    desk.move("accounts", desk.account_id, "ACTIVE")
    assert desk.advance() == FROM_CASH


def test_a_locked_account_group_does_not_matter(desk: Desk) -> None:
    desk.move("account_groups", desk.group_id, "LOCKED")
    row = collect(desk)
    desk.advance()
    assert end(desk, row)[0] == "FINALISED"


def test_a_closing_account_pays_and_waits_for_it(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", {"stages": {"account.close": {"delay": "0s"}}}, cash="100")
    row = collect(desk)
    desk.call("account_closure", {"account_id": desk.account_id})
    desk.advance()
    assert desk.account.status == "CLOSING"
    held = desk.world.holds.get("accounts", desk.account_id)
    assert held is not None
    assert held.reason == f"its fee collection {row.id} is PROCESSING"
    desk.move("fee_collections", row.id, "FINALISED")
    assert desk.advance() == ["ACCOUNT.CLOSED"]


@pytest.mark.parametrize("resource", ["accounts", "account_groups"])
def test_closed_by_hand_an_account_pays_nothing_more(open_desk: OpenDesk, resource: str) -> None:
    desk = open_desk("manual", cash="100")
    first, second = collect(desk, "60"), collect(desk, "60")
    identity = desk.account_id if resource == "accounts" else desk.group_id
    desk.move(resource, identity, "CLOSING")
    told = desk.move(resource, identity, "CLOSED")
    assert told.count("CASH_BALANCE.UPDATED") == 1  # the second one never had its turn
    assert [end(desk, row)[0] for row in (first, second)] == ["CANCELLED", "CANCELLED"]
    assert books(desk) == ("100", "100", "100")


# --- Commands ---


def test_by_command_it_is_taken_at_once(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="100")
    row = collect(desk)
    desk.advance("1d")
    assert end(desk, row)[0] == "PROCESSING"
    assert desk.move("fee_collections", row.id, "FINALISED") == FROM_CASH


def test_a_command_does_not_jump_the_queue(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="100")
    first, second = collect(desk), collect(desk)
    with pytest.raises(Hold, match=f"fee collection {first.id} of the account comes first"):
        desk.move("fee_collections", second.id, "FINALISED")


def test_a_command_cannot_finalise_what_takes_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="0")
    row = collect(desk)
    with pytest.raises(Hold, match="nothing can be taken"):
        desk.move("fee_collections", row.id, "FINALISED")


def test_a_profile_may_cancel_collections(open_desk: OpenDesk) -> None:
    desk = open_desk(
        overrides={"stages": {"fee_collection.collect": {"delay": "100ms", "outcomes": {"CANCELLED": 1}}}}, cash="100"
    )
    row = collect(desk)
    assert desk.advance() == ["FEE_COLLECTION.CANCELLED", "CASH_BALANCE.UPDATED"]
    assert end(desk, row)[0] == "CANCELLED"
    assert books(desk) == ("100", "100", "100")


def test_a_snapshot_has_the_collections_and_what_they_reserve(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="100")
    row = collect(desk)
    taken = desk.world.snapshot()
    before = desk.advance()
    desk.world.restore(taken)
    assert books(desk) == ("100", "87.59", "87.59")
    assert desk.advance() == before
    assert end(desk, row)[0] == "FINALISED"
