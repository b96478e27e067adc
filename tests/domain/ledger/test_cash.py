"""trading.md §14, row by row: the cash of an account group."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.instruments.instruments import by_isin
from mockserver.domain.orders.orders import place
from mockserver.models.orders import OrderInitiationFlow, OrderSide
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, NOBODY, Desk
from tests.domain.support.pairs import paired
from tests.domain.support.payouts import delete, withdraw

OWN = "DE0000000009"
FIELDS = (
    "balance",
    "locked_for_trading",
    "pending_settlement",
    "available_for_trading",
    "available_for_withdrawal",
)


def row(balance: dict[str, Any]) -> tuple[str, ...]:
    """A row of the table: balance, locked, pending, for trading, for withdrawal."""
    return tuple(balance[name] for name in FIELDS)


def told(desk: Desk) -> list[tuple[str, ...]]:
    return [row(balance) for balance in desk.told("CASH_BALANCE.UPDATED")]


def test_cash_that_arrives_is_there_for_everything(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="1000")
    assert row(desk.cash()) == ("1000", "0", "0", "1000", "1000")


def test_a_nominal_buy_locks_its_amount_and_then_takes_it(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="1000")
    desk.place("BUY", AT_85, amount="1000")
    desk.advance()
    assert told(desk) == [("1000", "1000", "0", "0", "0"), ("0", "0", "0", "0", "0")]


def test_the_proceeds_of_a_sell_less_tax_are_pending_until_they_settle(open_desk: OpenDesk) -> None:
    """Published: 10 units for 852.20, 23.45 tax withheld: 828.75. That is a rate of 0.02752, in cents."""
    desk = open_desk("live", cash="0")
    desk.instrument(OWN, "85.22", sell_tax=Decimal("0.02752"))
    desk.hold(OWN, "10")
    desk.place("SELL", OWN, quantity="10")
    desk.advance("1m")
    assert told(desk) == [("828.75", "0", "828.75", "828.75", "0")]
    desk.advance("2d")
    assert told(desk) == [("828.75", "0", "828.75", "828.75", "0"), ("828.75", "0", "0", "828.75", "828.75")]


def test_a_buy_from_unsettled_proceeds_makes_the_withdrawable_negative(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="0")
    desk.hold(AT_100, "1")
    desk.place("SELL", AT_100, quantity="1")
    desk.advance("1m")
    desk.place("BUY", AT_85, amount="100")
    assert row(desk.cash()) == ("100", "100", "100", "0", "-100")


def test_a_cancelled_order_gives_its_lock_back(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="1000")
    order = desk.place("BUY", AT_85, amount="600")
    desk.move("orders", order.id, "CANCELLED")
    assert told(desk) == [("1000", "600", "0", "400", "400"), ("1000", "0", "0", "1000", "1000")]


def test_a_buy_that_has_not_settled_leaves_nothing_pending(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="1000")
    desk.place("BUY", AT_85, amount="400")
    desk.advance("1m")
    assert row(desk.cash()) == ("600", "0", "0", "600", "600")


def test_a_withdrawal_is_reserved_and_then_taken(open_desk: OpenDesk) -> None:
    """The published triple (payments.md §2.3)."""
    desk = open_desk(cash="200")
    withdraw(desk, "200")
    desk.advance()
    assert told(desk) == [("200", "0", "0", "0", "0"), ("0", "0", "0", "0", "0")]


def test_a_cancelled_withdrawal_gives_back_what_it_reserved(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="200")
    delete(desk, withdraw(desk, "200").id)
    assert told(desk) == [("200", "0", "0", "0", "0"), ("200", "0", "0", "200", "200")]


def test_a_buy_does_not_use_what_is_promised_away(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"stages": {"cash_balance_transfer.confirm": {"delay": "never"}}}, cash="200")
    paired(desk).send(amount="150.00")
    order = desk.place("BUY", AT_85, amount="100")
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "NEW"


def test_what_comes_in_one_currency_changes_no_other(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="1000")
    group = seeding.account_group(desk.world, user_id=desk.user_id, currency="GBP")
    of = seeding.account(desk.world, account_group_id=group.id)
    for unit in ("GBP", "EUR"):
        seeding.cash(desk.world, account_group_id=group.id, amount=Decimal(500), currency=unit)
    desk.instrument("GB0000000009", "10", currency="GBP")
    place(
        desk.world,
        of=of,
        instrument=by_isin(desk.world, "GB0000000009"),
        side=OrderSide.BUY,
        flow=OrderInitiationFlow.API,
        amount=Decimal(200),
    )
    desk.advance("1m")
    assert [(each["currency"], each["balance"]) for each in desk.told("CASH_BALANCE.UPDATED")] == [
        ("GBP", "500"),  # locked
        ("GBP", "300"),
    ]
    (transaction,) = desk.told("CASH_TRANSACTION.EXECUTED")
    assert transaction["delta"] == {"amount": "-200", "currency": "GBP"}
    path = {"account_group_id": group.id}
    rows = [orjson.loads(each.wire) for each in desk.rows("retrieve_cash_balances", path)]
    assert [(each["currency"], each["balance"]) for each in rows] == [("EUR", "500"), ("GBP", "300")]


def test_every_change_is_told_in_full(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="1000")
    desk.place("BUY", AT_85, amount="600.50")
    assert desk.told("CASH_BALANCE.UPDATED") == [
        {
            "account_group_id": desk.group_id,
            "currency": "EUR",
            "balance": "1000",
            "locked_for_trading": "600.50",
            "pending_settlement": "0",
            "available_for_withdrawal": "399.50",
            "available_for_trading": "399.50",
        }
    ]


# --- Reading ---


def test_a_balance_without_any_booking_is_zeros(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    assert row(desk.cash("USD")) == ("0", "0", "0", "0", "0")
    assert desk.cash("USD")["currency"] == "USD"


def balances(desk: Desk) -> list[dict[str, Any]]:
    rows = desk.rows("retrieve_cash_balances", {"account_group_id": desk.group_id})
    return [orjson.loads(each.wire) for each in rows]


def test_a_group_without_cash_lists_zeros_in_its_main_currency(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    (only,) = balances(desk)
    assert (only["currency"], only["balance"]) == ("EUR", "0")


def test_the_list_holds_every_currency_that_the_group_has_had(desk: Desk) -> None:
    seeding.cash(desk.world, account_group_id=desk.group_id, amount=Decimal("1.23"), currency="USD")
    seeding.cash(desk.world, account_group_id=desk.group_id, amount=Decimal(5), currency="GBP")
    assert [(each["currency"], each["balance"]) for each in balances(desk)] == [
        ("EUR", "10000"),
        ("GBP", "5"),
        ("USD", "1.23"),
    ]


@pytest.mark.parametrize("currency", ["EUR", "GBP"])
def test_the_single_balance_is_that_of_the_main_currency(desk: Desk, currency: str) -> None:
    group = seeding.account_group(desk.world, user_id=desk.user_id, currency=currency)
    seeding.cash(desk.world, account_group_id=group.id, amount=Decimal(7), currency=currency)
    found = desk.call("retrieve_cash_balance", {"account_group_id": group.id})
    assert orjson.loads(found.wire)["currency"] == currency
    assert orjson.loads(found.wire)["balance"] == "7"


def test_an_unknown_group_is_404(desk: Desk) -> None:
    path = {"account_group_id": NOBODY}
    assert desk.refused("retrieve_cash_balance", path).rule.status == 404
    assert desk.refused("retrieve_cash_balances", path).rule.status == 404
    assert desk.refused("retrieve_cash_balance_with_currency", path | {"currency": "EUR"}).rule.status == 404


def test_accounts_of_one_group_share_its_cash(desk: Desk) -> None:
    other = seeding.account(desk.world, user_id=desk.user_id)
    seeding.configuration(desk.world, account_id=other.id, allocation_id=desk.allocation_id)
    orders = [desk.order("BUY", "7500"), desk.order("BUY", "7500", account_id=other.id)]
    desk.advance()
    assert [desk.portfolio_order(order.id).status for order in orders] == ["SETTLED", "NEW"]


# --- Over HTTP ---


async def test_the_whole_chain(desk: Desk, client: Api) -> None:
    base = f"/account_groups/{desk.group_id}/payments"
    single = await client.get(f"{base}/cash_balance")
    listed = await client.get(f"{base}/cash_balances")
    by_currency = await client.get(f"{base}/cash_balances/EUR")
    assert single.json == by_currency.json == desk.cash()
    assert (listed.json["data"], listed.json["meta"]["total_count"]) == ([desk.cash()], 1)
