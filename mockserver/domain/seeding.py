"""A world's state before its first request: resources put in place without events, as a scenario says.

All functions are keyword-only and give sensible people, names and numbers to what is left out. They raise
``LookupError`` for a reference to something that is not there and ``ValueError`` for what no request could have made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from mockserver.domain import allocations, configurations, instruments, positions, prices, strategies
from mockserver.domain import cash as cash_balances
from mockserver.domain.accounts import ACCOUNT_GROUPS, ACCOUNT_LIFE, ACCOUNTS, GROUP_LIFE, Account, AccountGroup
from mockserver.domain.instruments import AssetClass, Instrument, Story
from mockserver.domain.positions import Position
from mockserver.domain.users import USERS, User
from mockserver.kernel.money import cents, plus
from mockserver.kernel.rules import Refusal
from mockserver.kernel.stages import stir
from mockserver.kernel.world import World

_ADDRESS = {"address_line1": "Unter den Linden 1", "postcode": "10117", "city": "Berlin", "country": "DE"}


def user(
    world: World,
    *,
    id: str | None = None,
    first_name: str = "Erika",
    last_name: str = "Mustermann",
    birth_date: date = date(1980, 8, 12),
    nationalities: Iterable[str] = ("DE",),
    address: Mapping[str, Any] | None = None,
    email: str | None = None,
    status: str = "ACTIVE",
) -> User:
    """A natural person; active, as onboarded ones are."""
    optional = {"email": email} if email is not None else {}
    row = User.model_validate(
        {
            "id": id or world.ids.new("user"),
            "created_at": world.now,
            "updated_at": world.now,
            "first_name": first_name,
            "last_name": last_name,
            "birth_date": birth_date,
            "nationalities": tuple(nationalities),
            "address": dict(address or _ADDRESS),
            "status": status,
            **optional,
        }
    )
    return world.table(USERS).put(row)


def account_group(
    world: World,
    *,
    id: str | None = None,
    user_id: str | None = None,
    type: str = "PERSONAL",
    status: str = "ACTIVE",
    securities_account_number: str | None = None,
    currency: str = "EUR",
) -> AccountGroup:
    """An account group of one user, who is made if not named."""
    if user_id is not None and user_id not in world.table(USERS):
        raise LookupError(f"there is no user {user_id}")
    owner = user_id or user(world).id
    row = AccountGroup.model_validate(
        {
            "id": id or world.ids.new("account_group"),
            "created_at": world.now,
            "updated_at": world.now,
            "users": ({"id": owner, "type": "OWNER"},),
            "status": status,
            "type": type,
            "securities_account_number": securities_account_number or world.ids.digits("securities_account", 9),
            "currency": currency,
        }
    )
    world.table(ACCOUNT_GROUPS).put(row)
    _await_approval(world, GROUP_LIFE, row)
    return row


def account(
    world: World,
    *,
    id: str | None = None,
    account_group_id: str | None = None,
    user_id: str | None = None,
    type: str = "PORTFOLIO",
    name: str = "",
    status: str = "ACTIVE",
) -> Account:
    """An account; its group is the one named, else the user's first, else a new one."""
    groups = world.table(ACCOUNT_GROUPS)
    if account_group_id is not None:
        if account_group_id not in groups:
            raise LookupError(f"there is no account group {account_group_id}")
        group = groups[account_group_id]
        if user_id is not None and all(member.id != user_id for member in group.users):
            raise ValueError(f"user {user_id} is not a member of account group {group.id}")
    else:
        owned = groups.by("user", user_id) if user_id is not None else []
        group = owned[0] if owned else account_group(world, user_id=user_id)
    row = Account.model_validate(
        {
            "id": id or world.ids.new("account"),
            "created_at": world.now,
            "updated_at": world.now,
            "account_group_id": group.id,
            "type": type,
            "users": group.users,
            "account_number": world.table(ACCOUNTS).count("group", group.id) + 1,
            "name": name,
            "status": status,
        }
    )
    world.table(ACCOUNTS).put(row)
    _await_approval(world, ACCOUNT_LIFE, row)
    return row


def instrument(
    world: World,
    *,
    isin: str,
    id: str | None = None,
    name: str | None = None,
    wkn: str | None = None,
    asset_class: str = AssetClass.ETF,
    fractional_trading: bool = True,
    trading_status: str = "ACTIVE",
    currency: str = "EUR",
    bid: Decimal | None = None,
    ask: Decimal | None = None,
    story: str = Story.FILLS,
) -> Instrument:
    """An instrument, or new values for the one of that ISIN. Without bid and ask it has no price at first."""
    for value in (bid, ask):
        if value is not None and not (value.is_finite() and value > 0):
            raise ValueError(f"a price must be more than 0, not {value}")
    known = instruments.find(world, isin)
    row = Instrument.model_validate(
        {
            "id": id or (known.id if known else world.ids.new("instrument")),
            "created_at": world.now,
            "updated_at": world.now,
            "isin": isin,
            **({"wkn": wkn} if wkn is not None else {}),
            "name": name or f"Instrument {isin}",
            "fractional_trading": fractional_trading,
            "trading_status": trading_status,
            "asset_class": asset_class,
            "currency": currency,
            "story": story,
            "bid": bid if bid is not None else ask,
            "ask": ask if ask is not None else bid,
        }
    )
    if known is not None and known.id != row.id:
        world.table(instruments.INSTRUMENTS).remove(known.id)
    world.table(instruments.INSTRUMENTS).put(row)
    for topic in ("instrument", "price"):  # an order may have waited for just these values
        stir(world, f"{topic}/{row.id}")
    return row


def cash(
    world: World,
    *,
    amount: Decimal,
    account_group_id: str | None = None,
    account_id: str | None = None,
    currency: str | None = None,
) -> cash_balances.Cash:
    """Cash of a group, named itself or by one of its accounts; added to what is there."""
    group_id = account_group_id or _account(world, account_id).account_group_id
    group = world.table(ACCOUNT_GROUPS).get(group_id)
    if group is None:
        raise LookupError(f"there is no account group {group_id}")
    if cents(amount) != amount:
        raise ValueError(f"cash comes in cents, not {amount}")
    unit = currency or group.currency
    if plus(cash_balances.cash(world, group.id, unit).balance, amount) < 0:
        raise ValueError(f"a balance is not below zero: {amount} {unit} is more than the group has")
    return cash_balances.book(world, group.id, unit, balance=amount, silent=True)


def position(world: World, *, account_id: str, instrument: str, quantity: Decimal) -> Position:
    """Settled units of an account, in exactly the digits given; their value is no return of the account's."""
    of = _account(world, account_id)
    found = instruments.find(world, instrument)
    if found is None:
        raise LookupError(f"there is no instrument {instrument}")
    if quantity < 0:
        raise ValueError(f"a position is not below zero: {quantity}")
    row = Position(of.id, found.id, found.isin or "", quantity=quantity)
    return world.table(positions.POSITIONS).put(row)


def allocation(
    world: World, *, allocation: Iterable[Mapping[str, Any]], id: str | None = None, name: str = ""
) -> allocations.Allocation:
    """An allocation that keeps the rules of a request for one."""
    row = allocations.Allocation.model_validate(
        {
            "id": id or world.ids.new("allocation"),
            "created_at": world.now,
            "updated_at": world.now,
            "name": name,
            "allocation": tuple({"instrument_id_type": "ISIN", **item} for item in allocation),
        }
    )
    _unrefused(allocations.check, world, row.allocation)
    return world.table(allocations.ALLOCATIONS).put(row)


def configuration(
    world: World, *, account_id: str, allocation_id: str, rebalancing_strategy_ids: Iterable[str] | None = None
) -> configurations.Configuration:
    """Which account invests by which allocation."""
    ids = tuple(rebalancing_strategy_ids) if rebalancing_strategy_ids is not None else None
    made: configurations.Configuration = _unrefused(configurations.configure, world, account_id, allocation_id, ids)
    return made


def strategy(
    world: World, *, name: str, conditions: Iterable[Mapping[str, Any]], id: str | None = None
) -> strategies.Strategy:
    """A rebalancing strategy."""
    row = strategies.Strategy.model_validate(
        {
            "id": id or world.ids.new("strategy"),
            "created_at": world.now,
            "updated_at": world.now,
            "name": name,
            "conditions": tuple(dict(condition) for condition in conditions),
        }
    )
    for index, condition in enumerate(row.conditions):
        _unrefused(strategies.check_condition, index, condition)
    return world.table(strategies.STRATEGIES).put(row)


def published_instruments(world: World) -> None:
    """The published sandbox instruments, where the profile has them."""
    if world.profile.instruments == "sandbox":
        instruments.published(world, instrument)


price = prices.set_price


def _await_approval(world: World, cycle: Any, row: Any) -> None:
    """A resource seeded before its approval goes on from there by itself."""
    for stage in cycle.stages.get(cycle.state_of(row), ()):
        stage.schedule(world, row)


def _account(world: World, account_id: str | None) -> Account:
    found = world.table(ACCOUNTS).get(account_id or "")
    if found is None:
        raise LookupError(f"there is no account {account_id}")
    return found


def _unrefused(check: Any, *args: Any) -> Any:
    """Run a check of a request; its refusal is a mistake of the scenario."""
    try:
        return check(*args)
    except Refusal as refusal:
        raise ValueError(refusal.detail) from refusal


__all__ = [
    "account",
    "account_group",
    "allocation",
    "cash",
    "configuration",
    "instrument",
    "position",
    "price",
    "published_instruments",
    "strategy",
    "user",
]
