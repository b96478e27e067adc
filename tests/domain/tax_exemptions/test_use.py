"""payments.md §12.1: what sells use of an exemption, and what gives it back."""

from __future__ import annotations

from decimal import Decimal

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.instruments.instruments import by_isin
from mockserver.domain.orders.trades import EXECUTIONS
from mockserver.domain.tax_exemptions.withholding import Income, withhold
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, IN_PARTS, Desk
from tests.domain.support.exemptions import RATES, active, amounts, settle_in_germany, shown

TRADED = [
    "EXECUTION.FILLED",
    "POSITION.UPDATED",
    "CASH_BALANCE.UPDATED",
    "CASH_TRANSACTION.EXECUTED",
    "SECURITY_TRANSACTION.EXECUTED",
]


def sell(desk: Desk, quantity: str, isin: str = AT_100) -> list[str]:
    """Sell units and let them settle; the types of the events."""
    desk.hold(isin, quantity)
    desk.place("SELL", isin, quantity=quantity)
    return desk.advance()


def withheld(desk: Desk) -> list[str]:
    return [execution["taxes"][0]["amount"] for execution in desk.told("EXECUTION.FILLED")]


def test_what_an_exemption_covers_is_free_of_tax(open_desk: OpenDesk) -> None:
    """300 of the proceeds of 1,000 are exempt: a quarter of the other 700 is 175."""
    desk = open_desk(overrides=RATES, cash="0")
    identity = active(desk, "300")
    types = sell(desk, "10")
    assert types[types.index("EXECUTION.FILLED") :][:6] == [*TRADED, "TAX_EXEMPTION.UPDATED"]
    assert withheld(desk) == ["175"]
    assert desk.cash()["balance"] == "825"
    (told,) = desk.told("TAX_EXEMPTION.UPDATED")
    assert amounts(told) == amounts(shown(desk, identity)) == ("300.00", "300.00", "0.00")
    assert "TAX_EXEMPTION.UPDATED" not in sell(desk, "1")  # nothing is left to use
    assert withheld(desk) == ["175", "25"]


def test_nothing_is_used_where_nothing_is_withheld(desk: Desk) -> None:
    identity = active(desk)
    assert "TAX_EXEMPTION.UPDATED" not in sell(desk, "10")
    assert amounts(shown(desk, identity)) == ("1000.00", "0.00", "1000.00")


def test_an_order_in_parts_uses_it_part_by_part(open_desk: OpenDesk) -> None:
    """Three parts of 100 with 150 exempt: tax on 0, 50 and 100."""
    desk = open_desk(overrides=RATES, cash="0")
    identity = active(desk, "150")
    sell(desk, "3", IN_PARTS)
    assert withheld(desk) == ["0", "12.50", "25"]
    told = [amounts(each)[1] for each in desk.told("TAX_EXEMPTION.UPDATED")]
    assert told == ["100.00", "150.00"]
    assert amounts(shown(desk, identity))[2] == "0.00"


def test_a_part_is_taxed_as_its_holder_is_when_it_is_traded(open_desk: OpenDesk) -> None:
    """Three parts of 100: the first before she moves to Germany, a quarter of the other two."""
    desk = open_desk(overrides=RATES, cash="0")
    desk.hold(IN_PARTS, "3")
    desk.place("SELL", IN_PARTS, quantity="3")
    while not withheld(desk):
        desk.advance("100ms")
    settle_in_germany(desk)
    desk.advance("1s")
    assert withheld(desk) == ["0", "25", "25"]


def test_a_mistrade_gives_it_back(open_desk: OpenDesk) -> None:
    """Both transactions of it, then the exemption; the balance is as it was."""
    desk = open_desk(overrides=RATES, cash="0")
    identity = active(desk, "300")
    sell(desk, "10")
    (trade,) = desk.world.table(EXECUTIONS)
    assert desk.move("executions", trade.id, "CANCELLED")[-1] == "TAX_EXEMPTION.UPDATED"
    assert amounts(shown(desk, identity)) == ("300.00", "0.00", "300.00")
    assert desk.cash()["balance"] == "0"
    assert sell(desk, "2").count("TAX_EXEMPTION.UPDATED") == 1


def test_a_joint_one_is_a_pot_of_both(open_desk: OpenDesk) -> None:
    """He uses 100 of 150, she the other 50: a quarter of her other 50 is 12.50."""
    desk = open_desk(overrides=RATES, cash="0")
    spouse = seeding.user(desk.world)
    group = seeding.account_group(desk.world, user_id=spouse.id)
    hers = seeding.account(desk.world, account_group_id=group.id)
    identity = active(desk, "150", type="MARRIED", user_ids=[desk.user_id, spouse.id])
    sell(desk, "1")
    desk.account_id = hers.id
    sell(desk, "1")
    assert withheld(desk) == ["0", "12.50"]
    assert amounts(shown(desk, identity)) == ("150.00", "150.00", "0.00")


def test_what_two_own_needs_a_joint_one(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=RATES)
    spouse = seeding.user(desk.world)
    group = seeding.account_group(
        desk.world, users=[{"id": desk.user_id, "type": "OWNER"}, {"id": spouse.id, "type": "OWNER"}], type="JOINT"
    )
    joint = seeding.account(desk.world, account_group_id=group.id)
    active(desk, "1000")
    found = withhold(
        desk.world,
        of=desk.world.table(ACCOUNTS)[joint.id],
        instrument=by_isin(desk.world, AT_100),
        income=Income.SELL,
        amount=Decimal(100),
    )
    assert (str(found.tax), str(found.exempt)) == ("25.00", "0")


def test_a_dividend_has_a_rate_of_its_own(open_desk: OpenDesk) -> None:
    """30 exempt of 100: a tenth of 70 is 7."""
    desk = open_desk(overrides={"taxes": {"dividends": "0.1"}})
    identity = active(desk, "30")
    found = withhold(
        desk.world,
        of=desk.account,
        instrument=by_isin(desk.world, AT_100),
        income=Income.DIVIDEND,
        amount=Decimal(100),
    )
    assert (str(found.tax), str(found.exempt), found.exemption_id) == ("7.00", "30.00", identity)
    sell(desk, "1")
    assert withheld(desk) == ["0"]
