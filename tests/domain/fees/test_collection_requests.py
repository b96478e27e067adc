"""payments.md §10.1: what a request for a fee collection may say, and how collections are read."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS
from mockserver.kernel.rules import Refusal
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.fees import body, collect, end


def refused(desk: Desk, amount: str = "12.41", **others: Any) -> Refusal:
    return desk.refused("create_fee_collection", body=body(desk, amount, **others))


def test_an_unknown_account_is_refused(desk: Desk) -> None:
    assert refused(desk, account_id=NOBODY).rule.status == 404


@pytest.mark.parametrize("status", ["PENDING_APPROVAL", "CLOSED"])
def test_an_account_that_is_not_open_is_refused(desk: Desk, status: str) -> None:
    desk.world.table(ACCOUNTS).put(desk.account.evolve(status=status))
    desk.world.undo.clear()
    found = refused(desk)
    assert (found.rule.name, found.rule.status) == ("fee-collection.account-status", 400)
    assert f"account {desk.account_id} is {status}" in str(found)


def test_an_account_in_a_group_that_was_closed_by_hand_is_refused(desk: Desk) -> None:
    desk.world.table(ACCOUNT_GROUPS).put(desk.world.table(ACCOUNT_GROUPS)[desk.group_id].evolve(status="CLOSED"))
    desk.world.undo.clear()
    assert refused(desk).rule.name == "fee-collection.group-closed"


@pytest.mark.parametrize("status", ["ACTIVE", "LOCKED", "CLOSING"])
def test_every_other_account_pays(desk: Desk, status: str) -> None:
    desk.world.table(ACCOUNTS).put(desk.account.evolve(status=status))
    assert end(desk, collect(desk))[0] == "PROCESSING"


def test_another_currency_than_that_of_the_group_is_refused(desk: Desk) -> None:
    found = refused(desk, currency="GBP")
    assert found.rule.name == "fee-collection.currency"
    assert f"the cash of account {desk.account_id} is in EUR, not in GBP" in str(found)


@pytest.mark.parametrize("amount", ["0", "0.00"])
def test_an_amount_of_nothing_is_refused(desk: Desk, amount: str) -> None:
    assert refused(desk, amount).rule.name == "fee-collection.amount"


def test_a_period_that_ends_before_it_starts_is_refused(desk: Desk) -> None:
    found = refused(desk, period_start="2023-01-02", period_end="2023-01-01")
    assert found.rule.name == "fee-collection.period"
    assert "2023-01-01 is before period_start, 2023-01-02" in str(found)


def test_a_period_of_one_day_passes(desk: Desk) -> None:
    assert end(desk, collect(desk, period_start="2023-01-01", period_end="2023-01-01"))[0] == "PROCESSING"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"account_id": NOBODY, "currency": "GBP", "period_end": "2000-01-01"}, 404),
        ({"currency": "GBP", "period_end": "2000-01-01"}, 400),
    ],
)
def test_ids_come_before_what_belongs_to_them(desk: Desk, wrong: dict[str, str], status: int) -> None:
    assert refused(desk, **wrong).rule.status == status


def test_an_unknown_collection_is_refused(desk: Desk) -> None:
    assert desk.refused("retrieve_fee_collection", {"fee_collection_id": NOBODY}).rule.status == 404


def test_the_list_narrows_by_account_and_group(open_desk: OpenDesk) -> None:
    desk = open_desk()
    other = seeding.account(desk.world, account_group_id=desk.group_id, type="TRADING")
    away = seeding.account_group(desk.world, user_id=desk.user_id, type="JOINT")
    apart = seeding.account(desk.world, account_group_id=away.id, type="TRADING")
    rows = [collect(desk, account_id=each) for each in (desk.account_id, other.id, apart.id)]
    first, second, third = (row.id for row in rows)

    def listed(**query: str) -> set[str]:
        return {row.id for row in desk.rows("list_fee_collections", **query)}

    assert listed() == {first, second, third}
    assert listed(account_id=other.id) == {second}
    assert listed(account_group_id=desk.group_id) == {first, second}
    assert listed(account_id=other.id, account_group_id=desk.group_id) == {second}
    assert listed(account_id=other.id, account_group_id=away.id) == set()
    assert listed(account_id=NOBODY) == set()
    assert listed(account_group_id=NOBODY) == set()


def test_the_list_is_sorted_by_creation_or_last_change(open_desk: OpenDesk) -> None:
    """The first changes last: its account is locked until the second is through."""
    desk = open_desk()
    other = seeding.account(desk.world, account_group_id=desk.group_id, type="TRADING")
    desk.move("accounts", desk.account_id, "LOCKED")
    first = collect(desk)
    desk.advance()
    second = collect(desk, account_id=other.id)
    desk.advance()
    desk.move("accounts", desk.account_id, "ACTIVE")
    desk.advance()
    assert [row.id for row in desk.rows("list_fee_collections")] == [first.id, second.id]
    assert [row.id for row in desk.rows("list_fee_collections", sort="updated_at")] == [second.id, first.id]
