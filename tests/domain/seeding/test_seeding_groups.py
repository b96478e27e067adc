"""Seeding account groups of every type, with the members they need, and cash from a bank account."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.accounts.holders import members
from mockserver.domain.accounts.roles import ROLES
from mockserver.domain.ledger.cash import CASH
from mockserver.domain.users.users import USERS
from mockserver.kernel.profile import profile
from mockserver.kernel.store import Version
from mockserver.kernel.world import World
from tests.domain.support.desk import MORNING, NOBODY, check_wire


@pytest.fixture
def empty(worlds: list[World]) -> World:
    world = World(profile("sandbox"), MORNING, 1)
    worlds.append(world)
    return world


def read(row: Version) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(row.wire)
    return found


def pass_a_day(world: World) -> list[str]:
    """What a day tells."""
    world.run(MORNING + timedelta(days=1))
    return [event.type for event in world.events]


@pytest.mark.parametrize(
    ("type_", "wanted"),
    [
        ("PERSONAL", ["OWNER"]),
        ("LEGAL_ENTITY", ["OWNER"]),
        ("FRENCH_PEA", ["OWNER"]),
        ("ISA", ["OWNER"]),
        ("CHILD", ["CHILD", "GUARDIAN"]),
        ("JOINT", ["OWNER", "OWNER"]),
    ],
)
def test_the_members_that_a_type_needs_are_made(empty: World, type_: str, wanted: list[str]) -> None:
    group = seeding.account_group(empty, type=type_)
    check_wire("AccountGroup", group.wire)
    assert [member.type for member in members(group)] == wanted
    assert len({member.id for member in members(group)}) == len(wanted)
    assert [(role.role_type, role.status) for role in empty.table(ROLES)] == [(role, "ACTIVE") for role in wanted]
    assert group.currency == ("GBP" if type_ == "ISA" else "EUR")


def test_the_members_that_are_named_are_taken(empty: World) -> None:
    one, two = seeding.user(empty), seeding.user(empty)
    group = seeding.account_group(empty, type="JOINT", users=({"id": one.id}, {"id": two.id}))
    assert [member.id for member in members(group)] == [one.id, two.id]
    assert members(seeding.account(empty, account_group_id=group.id, user_id=two.id)) == members(group)
    assert len(empty.table(USERS)) == 2


def test_a_group_that_waits_for_approval_may_lack_members(empty: World) -> None:
    group = seeding.account_group(empty, type="JOINT", status="PENDING_APPROVAL")
    assert len(members(group)) == 1
    assert pass_a_day(empty) == []


@pytest.mark.parametrize(
    ("type_", "members", "message"),
    [
        ("PERSONAL", ["OWNER", "OWNER"], "a PERSONAL group has 1 OWNER, not 2"),
        ("JOINT", ["OWNER"], "a JOINT group that is approved has 2 OWNER, not 1"),
        ("JOINT", ["OWNER", "GUARDIAN"], "a JOINT group has OWNER, and no GUARDIAN"),
        ("CHILD", ["CHILD"], "a CHILD group that is approved has 1 GUARDIAN, not 0"),
        ("CHILD", ["CHILD", "CHILD", "GUARDIAN"], "a CHILD group has 1 CHILD, not 2"),
    ],
)
def test_members_that_a_type_does_not_have_are_a_mistake(
    empty: World, type_: str, members: list[str], message: str
) -> None:
    users = [{"id": seeding.user(empty).id, "type": member} for member in members]
    with pytest.raises(ValueError, match=message):
        seeding.account_group(empty, type=type_, users=users)
    assert not len(empty.table(ACCOUNT_GROUPS))


def test_a_child_may_have_two_guardians(empty: World) -> None:
    users = [{"id": seeding.user(empty).id, "type": member} for member in ("CHILD", "GUARDIAN", "GUARDIAN")]
    assert len(members(seeding.account_group(empty, type="CHILD", users=users))) == 3


def test_members_are_named_once(empty: World) -> None:
    user = seeding.user(empty)
    with pytest.raises(ValueError, match="twice"):
        seeding.account_group(empty, type="JOINT", users=({"id": user.id}, {"id": user.id}))
    with pytest.raises(ValueError, match="not both"):
        seeding.account_group(empty, user_id=user.id, users=({"id": user.id},))
    with pytest.raises(LookupError, match=f"there is no user {NOBODY}"):
        seeding.account_group(empty, users=({"id": NOBODY},))


def test_a_securities_account_number_is_of_one_group(empty: World) -> None:
    seeding.account_group(empty, securities_account_number="1234567")
    with pytest.raises(ValueError, match="1234567 is in use"):
        seeding.account_group(empty, securities_account_number="1234567")


def test_a_credit_funding_is_history_of_a_bank_account(empty: World) -> None:
    group = seeding.account_group(empty)
    made = seeding.credit_funding(
        empty,
        account_group_id=group.id,
        cash_amount=Decimal("12.5"),
        counterparty_name="Ada Lovelace",
        counterparty_iban="DE89370400440532013000",
    )
    check_wire("CreditFunding", made.wire)
    assert read(made)["cash_amount"] == "12.50"
    assert read(made)["counterparty"]["account"]["identification"]["iban"] == "DE89370400440532013000"
    assert list(empty.table(CASH)) == []
    assert not len(empty.events)
