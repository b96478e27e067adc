"""payments.md §12.3: a tax takes the cash, then what the positions of the group bring."""

from __future__ import annotations

from decimal import Decimal

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.orders.trades import EXECUTIONS
from mockserver.kernel.lifecycle import Hold
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, Desk
from tests.domain.support.exemptions import RATES, settle_in_germany
from tests.domain.support.fees import books
from tests.domain.support.tax_collections import end, owed, sells

PAID = ["CASH_BALANCE.UPDATED", "CASH_TRANSACTION.EXECUTED", "TAX_COLLECTION.FINALISED"]


def test_cash_alone_pays_it(desk: Desk) -> None:
    """12.41 of 10,000: reserved at once, taken a moment later."""
    position = desk.world.events.end
    row = owed(desk, "12.41", AT_100)
    assert desk.types_since(position) == ["TAX_COLLECTION.CREATED", "CASH_BALANCE.UPDATED"]
    (created,) = desk.told("TAX_COLLECTION.CREATED")
    nothing = {"amount": "0.00", "currency": "EUR"}
    assert created["processed_amount"] == {"cash_balance": nothing, "sell_to_cover": nothing}
    assert (created["status"], created["type"], created["references"]) == ("PROCESSING", "TAX_PAYMENT", [])
    assert created["instrument"]["isin"] == AT_100
    assert books(desk) == ("10000", "9987.59", "9987.59")
    assert desk.advance() == PAID
    assert end(desk, row) == ("FINALISED", "12.41", "0.00")
    assert books(desk) == ("9987.59", "9987.59", "9987.59")
    (booked,) = [orjson.loads(each.wire) for each in desk.rows("list_cash_transactions")]
    assert (booked["type"], booked["delta"]["amount"]) == ("TAX_PAYMENT", "-12.41")
    assert booked["references"] == [{"id": row.id, "type": "TAX_TRANSACTION"}]
    assert booked["instrument"]["isin"] == AT_100


def test_proceeds_stay_locked_until_it_is_paid(open_desk: OpenDesk) -> None:
    """6.50 of cash and a sell of 5.91: B 12.41, T 0 until the sell has settled."""
    desk = open_desk("manual", cash="6.50")
    desk.hold(AT_100, "3")
    row = owed(desk, "12.41", AT_100)
    desk.advance()
    (order,) = sells(desk, row)
    assert (order.initiation_flow, order.cash_amount, order.user_id) == ("SELL_TO_COVER_TAXES", "5.91", desk.user_id)
    desk.move("orders", order.id, "PROCESSING")
    desk.move("orders", order.id, "FILLED")
    assert books(desk) == ("12.41", "0", "-5.91")
    (trade,) = desk.world.table(EXECUTIONS)
    desk.move("executions", trade.id, "SETTLED")
    assert books(desk) == ("12.41", "0", "0")
    assert desk.move("tax_collections", row.id, "FINALISED") == PAID
    assert end(desk, row) == ("FINALISED", "6.50", "5.91")
    assert books(desk) == ("0", "0", "0")


def test_a_taxed_sell_is_followed_by_another(open_desk: OpenDesk) -> None:
    """A sell of 12 brings 9, one of 3 brings 2.25, one of 0.75 brings 0.56, and so on, until 12 are there."""
    desk = open_desk(overrides=RATES, cash="0")
    settle_in_germany(desk)
    desk.hold(AT_100, "3")
    row = owed(desk, "12")
    desk.advance("10s")
    assert end(desk, row) == ("FINALISED", "0.00", "12.00")
    assert [order.cash_amount for order in sells(desk, row)][:3] == ["12", "3", "0.75"]
    assert books(desk) == ("0", "0", "0")


def test_the_account_with_the_most_units_of_it_sells(open_desk: OpenDesk) -> None:
    """One unit at 81.77 in the first account; two at 100 in the second."""
    desk = open_desk(cash="0")
    desk.hold(AT_85, "10")
    other = seeding.account(desk.world, account_group_id=desk.group_id)
    seeding.position(desk.world, account_id=other.id, instrument=AT_100, quantity=Decimal(2))
    assert owed(desk, "5", AT_100).seller_id == other.id
    assert owed(desk, "5", AT_85).seller_id == desk.account_id
    assert owed(desk, "5").seller_id == desk.account_id  # 817.70 is more than 200


def test_nothing_to_take_cancels_it(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    row = owed(desk, "5")
    assert desk.advance() == ["TAX_COLLECTION.CANCELLED"]
    assert end(desk, row) == ("CANCELLED", "0.00", "0.00")


def test_what_is_there_is_taken(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="3")
    row = owed(desk, "5")
    desk.advance()
    assert end(desk, row) == ("FINALISED", "3.00", "0.00")


def test_a_command_cancels_it_and_gives_the_cash_back(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="3")
    row = owed(desk, "2")
    assert books(desk)[1] == "1"
    assert desk.move("tax_collections", row.id, "CANCELLED") == ["TAX_COLLECTION.CANCELLED", "CASH_BALANCE.UPDATED"]
    assert books(desk) == ("3", "3", "3")


def test_a_locked_account_waits(desk: Desk) -> None:
    row = owed(desk, "2")
    desk.move("accounts", desk.account_id, "LOCKED")
    desk.advance("1m")
    assert end(desk, row)[0] == "PROCESSING"
    desk.move("accounts", desk.account_id, "ACTIVE")
    desk.advance()
    assert end(desk, row)[0] == "FINALISED"


def _group(desk: Desk) -> str:
    return str(desk.world.table(ACCOUNT_GROUPS)[desk.group_id].status)


def test_a_closing_group_closes_once_its_tax_is_paid(open_desk: OpenDesk) -> None:
    """The last unit pays it: the sell settles after two business days, Tuesday to Thursday, and so does the group."""
    desk = open_desk(overrides={"settlement": {"sell": 2}}, cash="0", configured=False)
    desk.hold(AT_100, "1")
    row = owed(desk, "100", AT_100)
    desk.advance()
    desk.call("account_closure", {"account_id": desk.account_id})
    desk.call("account_group_closure", {"account_group_id": desk.group_id})
    desk.advance("1d")
    assert (end(desk, row)[0], _group(desk)) == ("PROCESSING", "CLOSING")
    position = desk.world.events.end
    desk.advance("2d")
    types = desk.types_since(position)
    assert end(desk, row) == ("FINALISED", "0.00", "100.00")
    assert types.index("TAX_COLLECTION.FINALISED") < types.index("ACCOUNT_GROUP.CLOSED")
    assert _group(desk) == "CLOSED"


def test_a_closing_group_waits_for_it(open_desk: OpenDesk) -> None:
    """It waits while the tax is promised, and closes with its end; a command cannot finalise one of nothing."""
    desk = open_desk("manual", cash="0", configured=False)
    row = owed(desk, "2")
    desk.move("accounts", desk.account_id, "CLOSING")
    desk.move("accounts", desk.account_id, "CLOSED")
    with pytest.raises(Hold, match="nothing can be taken"):
        desk.move("tax_collections", row.id, "FINALISED")
    desk.move("account_groups", desk.group_id, "CLOSING")
    desk.move("account_groups", desk.group_id, "CLOSED")
    assert end(desk, row)[0] == "CANCELLED"  # closed by hand, as whatever is under way
