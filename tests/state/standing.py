"""What holds of users, roles, account groups and accounts among each other (trading.md §2, §6 to §8)."""

from __future__ import annotations

from collections import Counter, defaultdict

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS, Account, AccountGroup
from mockserver.domain.accounts.holders import members
from mockserver.domain.accounts.roles import ROLES
from mockserver.domain.ledger.cash import CASH
from mockserver.domain.ledger.positions import POSITIONS
from mockserver.domain.orders.orders import ORDERS
from mockserver.domain.users.identifiers import IDENTIFIERS
from mockserver.domain.users.tax_residencies import TAX_RESIDENCIES
from mockserver.domain.users.users import USERS
from mockserver.kernel.world import World
from tests.state.payment_ledger import FEES, open_payments, rows
from tests.state.records import Records

NEEDS: dict[str, dict[str, int]] = {
    "PERSONAL": {"OWNER": 1},
    "LEGAL_ENTITY": {"OWNER": 1},
    "FRENCH_PEA": {"OWNER": 1},
    "ISA": {"OWNER": 1},
    "CHILD": {"CHILD": 1, "GUARDIAN": 1},
    "JOINT": {"OWNER": 2},
    "BUSINESS": {},  # its roles are those of the business (payments.md §14.3)
}
"""Whom a group of each type has once it is approved (trading.md §7.1)."""
APPROVED = ("ACTIVE", "LOCKED")


def check_standing(world: World, records: Records) -> None:
    """``records`` knows who was ever active, and what a command closed by hand, whatever was left in it."""
    for group in world.table(ACCOUNT_GROUPS):
        _check_group(world, group, records)
    for account in world.table(ACCOUNTS):
        _check_account(world, account, records)
    _check_users(world, records)


def _check_group(world: World, group: AccountGroup, records: Records) -> None:
    inner = world.table(ACCOUNTS).by("group", group.id)
    numbers = [account.account_number for account in inner]
    assert numbers == list(range(1, len(inner) + 1)), f"accounts of group {group.id} are numbered {numbers}"
    assert world.table(ACCOUNT_GROUPS).count("number", group.securities_account_number) == 1
    acting = {member.id: str(member.type) for member in members(group)}
    roles = world.table(ROLES).by("entity", group.id)
    assert {role.user_id for role in roles} == acting.keys(), f"{group} and its roles {roles}"
    assert all(acting[role.user_id] == role.role_type for role in roles), f"{group} and its roles {roles}"
    owners = Counter(str(role.role_type) for role in roles if role.held)
    assert owners["OWNER"] <= NEEDS[group.type].get("OWNER", 0), f"{group} has owners {roles}"
    if group.status in APPROVED:
        active = Counter(str(role.role_type) for role in roles if role.id in records.onboarded.activated)
        lacking = Counter(NEEDS[group.type]) - active
        assert not lacking, f"{group} was approved without {lacking}"
    if group.status == "CLOSED":
        under_way = open_payments(world, group.id)
        assert not under_way, f"{group} is closed, and {under_way} are under way"
    if group.status == "CLOSED" and group.id not in records.by_hand:
        assert all(account.status == "CLOSED" for account in inner), f"{group} is closed, its accounts {inner}"
        left = [row for row in world.table(CASH).by("group", group.id) if not row.cleared]
        assert not left, f"{group} is closed with {left}"


def _check_account(world: World, account: Account, records: Records) -> None:
    group = world.table(ACCOUNT_GROUPS)[account.account_group_id]
    assert members(account) == members(group), f"{account} of {group}"
    if account.status in APPROVED:
        assert group.status != "PENDING_APPROVAL", f"{account} was approved before {group}"
    orders = world.table(ORDERS).by("account", account.id)
    assert all(order.account_group_id == group.id for order in orders)
    if account.status == "CLOSED":
        fees = [row for row in rows(world, FEES) if (row.account_id, row.status) == (account.id, "PROCESSING")]
        assert not fees, f"{account} is closed, and {fees} are under way"
    if account.status == "CLOSED" and account.id not in records.by_hand:
        left = [row for row in world.table(POSITIONS).by("account", account.id) if not row.cleared]
        assert not left, f"{account} is closed with {left}"
        assert all(order.status != "PROCESSING" for order in orders), f"{account} is closed with {orders}"


def _check_users(world: World, records: Records) -> None:
    personal: defaultdict[str, int] = defaultdict(int)
    for group in world.table(ACCOUNT_GROUPS):
        if group.type == "PERSONAL" and group.status != "CLOSED":
            personal[members(group)[0].id] += 1
    behaviour, several = world.profile.behaviour, world.profile.payments.personal_groups == "many"
    onboards = behaviour.licence == "TOL" and behaviour.new_user == "INACTIVE"
    for user in world.table(USERS):
        assert several or personal[user.id] <= 1, f"{user} has {personal[user.id]} PERSONAL groups"
        activated = records.onboarded.activated
        if user.status == "ACTIVE":
            assert user.id in activated, f"{user} is active without having been activated"
        if user.id in activated - records.seeded and onboards:
            assert user.id in world.table(TAX_RESIDENCIES), f"{user} was activated without tax residencies"
            assert world.table(IDENTIFIERS).count("user", user.id), f"{user} was activated without identifier"
        if user.status == "OFFBOARDED":
            owned: list[Account | AccountGroup] = [
                *world.table(ACCOUNTS).by("holder", user.id),
                *world.table(ACCOUNT_GROUPS).by("holder", user.id),
            ]
            assert all(row.status == "CLOSED" for row in owned), f"{user} left {owned} behind"
    for role in world.table(ROLES):
        if role.status == "ACTIVE":
            assert role.id in records.onboarded.activated, f"{role} was never activated"
            by_itself = role.role_type == "CHILD"  # has needs of its own (§6)
            assert by_itself or role.user_id in records.onboarded.activated, f"{role} is of a user who was never active"
