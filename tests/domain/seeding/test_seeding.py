"""A world's state before its first request: sensible defaults, no events, and mistakes that say what is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.accounts.holders import members
from mockserver.domain.instruments.instruments import INSTRUMENTS, MOVING, PUBLISHED, Instrument
from mockserver.domain.ledger.cash import CASH
from mockserver.domain.users.users import USERS
from mockserver.kernel.profile import profile
from mockserver.kernel.store import Version
from mockserver.kernel.world import World
from tests.domain.support.desk import AT_85, AT_100, NOBODY, Desk, check_wire

MORNING = datetime(2023, 1, 10, 9, tzinfo=UTC)
DRIFT = {"name": "d", "type": "DRIFT", "value": "1.0"}


@pytest.fixture
def empty(worlds: list[World]) -> World:
    world = World(profile("sandbox"), MORNING, 1)
    worlds.append(world)
    return world


def read(row: Version) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(row.wire)
    return found


def test_seeding_tells_nothing(desk: Desk) -> None:
    desk.hold(AT_85, "1")
    seeding.strategy(desk.world, name="Drift", conditions=[DRIFT])
    assert desk.types_since() == []
    assert list(desk.world.moves) == []
    assert desk.world.clock.idle


def test_what_is_left_out_is_made_up(empty: World) -> None:
    """An account without a group or a user gets both, and all of them fit the contract."""
    account = seeding.account(empty)
    check_wire("Account", account.wire)
    group = empty.table(ACCOUNT_GROUPS)[account.account_group_id]
    check_wire("AccountGroup", group.wire)
    user = empty.table(USERS)[members(group)[0].id]
    check_wire("User", user.wire)
    assert members(account) == members(group)
    assert (account.status, group.status, user.status) == ("ACTIVE", "ACTIVE", "ACTIVE")


def test_what_is_given_is_taken(empty: World) -> None:
    address = {"address_line1": "Main St 1", "postcode": "80331", "city": "Munich", "country": "DE"}
    user = seeding.user(
        empty,
        id=NOBODY,
        first_name="Ada",
        last_name="Lovelace",
        birth_date=date(1990, 12, 10),
        nationalities=["GB", "DE"],
        address=address,
        email="ada@example.com",
        status="INACTIVE",
    )
    found = read(user)
    assert {key: found[key] for key in ("id", "first_name", "last_name", "birth_date", "nationalities", "status")} == {
        "id": NOBODY,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "birth_date": "1990-12-10",
        "nationalities": ["GB", "DE"],
        "status": "INACTIVE",
    }
    assert found["address"] == address
    assert found["email"] == "ada@example.com"


def test_accounts_of_one_user_share_the_first_group(empty: World) -> None:
    user = seeding.user(empty)
    accounts = [seeding.account(empty, user_id=user.id) for _ in range(2)]
    assert accounts[0].account_group_id == accounts[1].account_group_id
    assert [account.account_number for account in accounts] == [1, 2]


def test_securities_account_numbers_differ(empty: World) -> None:
    numbers = {seeding.account_group(empty).securities_account_number for _ in range(50)}
    assert len(numbers) == 50


def test_a_securities_account_number_may_be_given(empty: World) -> None:
    assert seeding.account_group(empty, securities_account_number="1234567").securities_account_number == "1234567"


def test_the_same_seed_makes_the_same_world(worlds: list[World]) -> None:
    def made(seed: int) -> list[bytes]:
        world = World(profile("sandbox"), MORNING, seed)
        seeding.published_instruments(world)
        account = seeding.account(world)
        return [account.wire, *(row.wire for name in world.store.names() for row in world.store.named(name) or ())]

    assert made(1) == made(1)
    assert made(1) != made(2)


def test_cash_is_added_to_what_is_there(desk: Desk) -> None:
    desk.fund("0.50")
    seeding.cash(desk.world, account_id=desk.account_id, amount=Decimal("0.25"))
    assert desk.cash()["balance"] == "10000.75"


def test_a_balance_may_be_nothing(empty: World) -> None:
    group = seeding.account_group(empty)
    assert seeding.cash(empty, account_group_id=group.id, amount=Decimal(0)).balance == 0
    assert [row.balance for row in empty.table(CASH)] == [0]


def test_cash_is_in_the_main_currency_of_its_group(empty: World) -> None:
    group = seeding.account_group(empty, currency="GBP")
    assert seeding.cash(empty, account_group_id=group.id, amount=Decimal(1)).currency == "GBP"
    assert seeding.cash(empty, account_group_id=group.id, amount=Decimal(1), currency="USD").currency == "USD"


def test_a_position_is_settled_and_replaces_what_was_there(desk: Desk) -> None:
    desk.hold(AT_85, "1")
    desk.hold(AT_85, "0.65")
    assert (desk.position(AT_85)["quantity"], desk.position(AT_85)["settled_quantity"]) == ("0.65", "0.65")


def test_published_instruments_do_not_replace_the_scenarios_own(empty: World) -> None:
    seeding.instrument(empty, isin=AT_85, name="Mine", bid=Decimal(1))
    seeding.published_instruments(empty)
    assert [row.name for row in empty.table(INSTRUMENTS).by("isin", AT_85)] == ["Mine"]
    assert len(empty.table(INSTRUMENTS)) == 25


# --- Mistakes ---


@pytest.mark.parametrize(
    ("seed", "given"),
    [
        (seeding.account_group, {"user_id": NOBODY}),
        (seeding.account, {"account_group_id": NOBODY}),
        (seeding.account, {"user_id": NOBODY}),
        (seeding.cash, {"account_group_id": NOBODY, "amount": Decimal(1)}),
        (seeding.cash, {"account_id": NOBODY, "amount": Decimal(1)}),
        (seeding.cash, {"amount": Decimal(1)}),
        (seeding.position, {"account_id": NOBODY, "instrument": AT_85, "quantity": Decimal(1)}),
        (seeding.price, {"instrument": "US0378331005", "bid": Decimal(1)}),
    ],
)
def test_a_reference_to_nothing_is_a_lookup_error(desk: Desk, seed: Any, given: dict[str, Any]) -> None:
    with pytest.raises(LookupError, match="there is no"):
        seed(desk.world, **given)


def test_a_position_in_an_unknown_instrument_is_a_lookup_error(desk: Desk) -> None:
    with pytest.raises(LookupError, match="no instrument US0378331005"):
        desk.hold("US0378331005", "1")


@pytest.mark.parametrize("quantity", ["-1", "-0.0000000001"])
def test_a_position_below_zero_is_a_mistake(desk: Desk, quantity: str) -> None:
    with pytest.raises(ValueError, match="not below zero"):
        desk.hold(AT_85, quantity)


def test_cash_in_fractions_of_a_cent_is_a_mistake(desk: Desk) -> None:
    with pytest.raises(ValueError, match="cents"):
        desk.fund("0.001")


def test_cash_below_zero_is_a_mistake(desk: Desk) -> None:
    """No request could have made an overdraft."""
    with pytest.raises(ValueError, match="below zero"):
        desk.fund("-10000.01")


@pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity"])
def test_a_price_that_is_not_above_zero_is_a_mistake(desk: Desk, price: str) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        seeding.price(desk.world, instrument=AT_85, bid=Decimal(price))
    with pytest.raises(ValueError, match="more than 0"):
        seeding.instrument(desk.world, isin="US0378331005", ask=Decimal(price))


def test_an_account_of_another_users_group_is_a_mistake(desk: Desk) -> None:
    """trading.md §7.3: the user must be a member of the group."""
    other = seeding.user(desk.world)
    with pytest.raises(ValueError, match="member"):
        seeding.account(desk.world, account_group_id=desk.group_id, user_id=other.id)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([{"instrument_id": AT_85, "weight": "0.9"}], "sum to 0.9"),
        ([{"instrument_id": "US0378331005", "weight": "1"}], "no instrument US0378331005"),
        ([{"instrument_id": AT_85, "weight": "1"}, {"instrument_id": AT_100, "weight": "0"}], "more than 0"),
    ],
)
def test_an_allocation_keeps_the_rules_of_a_request(desk: Desk, items: list[dict[str, str]], message: str) -> None:
    before = len(desk.rows("list_portfolios_allocations"))
    with pytest.raises(ValueError, match=message):
        seeding.allocation(desk.world, allocation=items)
    assert len(desk.rows("list_portfolios_allocations")) == before


def test_a_configuration_keeps_the_rules_of_a_request(desk: Desk) -> None:
    with pytest.raises(ValueError, match="configuration already"):
        seeding.configuration(desk.world, account_id=desk.account_id, allocation_id=desk.allocation_id)
    trading = seeding.account(desk.world, type="TRADING")
    with pytest.raises(ValueError, match="type PORTFOLIO"):
        seeding.configuration(desk.world, account_id=trading.id, allocation_id=desk.allocation_id)


def test_a_strategy_keeps_the_rules_of_a_request(desk: Desk) -> None:
    with pytest.raises(ValueError, match="DRIFT needs value"):
        seeding.strategy(desk.world, name="Drift", conditions=[{"name": "d", "type": "DRIFT"}])


def test_published_instruments_are_what_checking_would_make_of_them(world: World) -> None:
    seeding.published_instruments(world)
    rows = list(world.table(INSTRUMENTS))
    assert len(rows) == len(PUBLISHED) + len(MOVING)
    for row in rows:
        checked = Instrument.model_validate({name: getattr(row, name) for name in row.model_fields_set})
        assert list(vars(row).items()) == list(vars(checked).items())
        assert row.model_fields_set == checked.model_fields_set
        assert row.wire == checked.wire
