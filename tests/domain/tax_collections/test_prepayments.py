"""payments.md §12.3: the Vorabpauschale of 20 January, on what was held on 31 December."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from mockserver.domain import seeding
from mockserver.domain.daily_runs import RUNS
from mockserver.domain.instruments.instruments import AssetClass
from tests.domain.conftest import OpenDesk
from tests.domain.support import actions
from tests.domain.support.desk import Desk
from tests.domain.support.exemptions import active, amounts, settle_in_germany, shown

OWN = "IE00B4L5Y983"
RATE = {"taxes": {"prepayment": "0.0255"}}
DECEMBER = datetime(2022, 12, 30, 9, tzinfo=UTC)


def holder(open_desk: OpenDesk, quantity: str = "10", *, settings: Any = RATE, cash: str = "100", **kind: Any) -> Desk:
    """A desk in December whose user is taxed in Germany and holds units at 100."""
    desk = open_desk(overrides=settings, now=DECEMBER, cash=cash, running=True)
    settle_in_germany(desk)
    desk.instrument(OWN, "100", **kind)
    desk.hold(OWN, quantity)
    return desk


def taxes(desk: Desk) -> list[str]:
    return [each["collection_amount"]["amount"] for each in desk.told("TAX_COLLECTION.CREATED")]


def test_a_quarter_of_the_income_is_collected_in_january(open_desk: OpenDesk) -> None:
    """10 x 100 x 0.0255 = 25.50 of income; a quarter of it is 6.375, half-even 6.38."""
    desk = holder(open_desk)
    desk.advance("504h")  # 21 days: 20 January, 09:00Z
    assert taxes(desk) == ["6.38"]
    desk.advance("1h")
    (created,) = desk.told("TAX_COLLECTION.CREATED")
    assert (created["type"], created["created_at"]) == ("TAX_PREPAYMENT_DE", "2023-01-20T09:00:00Z")
    assert (created["collection_amount"]["amount"], created["instrument"]["isin"]) == ("6.38", OWN)
    assert "offset_amount" not in created["processed_amount"]
    assert desk.told("TAX_COLLECTION.FINALISED")[0]["processed_amount"]["cash_balance"]["amount"] == "6.38"
    assert desk.cash()["balance"] == "93.62"
    desk.advance("365d")
    assert len(taxes(desk)) == 2  # and every January


def test_an_exemption_covers_income(open_desk: OpenDesk) -> None:
    """5.50 of the income of 25.50 are exempt: a quarter of 20 is 5.00."""
    desk = holder(open_desk)
    identity = active(desk, "5.50")
    desk.advance("22d")
    (created,) = desk.told("TAX_COLLECTION.CREATED")
    assert created["collection_amount"]["amount"] == "5.00"
    assert created["processed_amount"]["offset_amount"] == {"amount": "5.50", "currency": "EUR"}
    rows = desk.rows("retrieve_tax_exemptions_for_user", {"user_id": desk.user_id})
    assert [amounts(shown(desk, row.id))[1] for row in rows] == ["0.00", "5.50"]  # that of the new year
    assert rows[0].id == identity


def test_where_all_of_it_is_exempt_nothing_is_collected(open_desk: OpenDesk) -> None:
    desk = holder(open_desk)
    active(desk)
    desk.advance("22d")
    assert taxes(desk) == []
    assert desk.told("TAX_EXEMPTION.UPDATED")[-1]["tax_exemption_details"]["utilized_amount"]["amount"] == "25.50"


def test_units_count_as_on_the_last_day_of_the_year(open_desk: OpenDesk) -> None:
    """Of 10 units 4 are sold in January, and 1 is bought: 10 all the same."""
    desk = holder(open_desk)
    desk.advance("5d")
    desk.place("SELL", OWN, quantity="4")
    desk.place("BUY", OWN, quantity="1")
    desk.advance("17d")
    assert taxes(desk) == ["6.38"]


def test_a_split_in_january_changes_no_tax(open_desk: OpenDesk) -> None:
    """10 units at 100 on 31 December are 20 at 50 on the 20th: 1000 x 0.0255 x 0.25 = 6.375 as before, 6.38."""
    desk = holder(open_desk)
    actions.split(desk, "2:1", instrument=OWN, ex_date=date(2023, 1, 10))
    desk.advance("22d")
    assert desk.position(OWN)["quantity"] == "20"
    assert taxes(desk) == ["6.38"]


def test_what_was_bought_in_january_does_not_count(open_desk: OpenDesk) -> None:
    desk = holder(open_desk, "0.0000000001", cash="1000")
    desk.advance("5d")
    desk.place("BUY", OWN, quantity="5")
    desk.advance("17d")
    assert taxes(desk) == []


def test_shares_bring_no_income_that_is_made_up(open_desk: OpenDesk) -> None:
    desk = holder(open_desk, asset_class=AssetClass.STOCK)
    desk.advance("22d")
    assert taxes(desk) == []


def test_who_is_not_taxed_in_germany_pays_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=RATE, now=DECEMBER, running=True)
    desk.instrument(OWN, "100")
    desk.hold(OWN, "10")
    desk.advance("22d")
    assert taxes(desk) == []


def test_an_instrument_has_a_rate_of_its_own(open_desk: OpenDesk) -> None:
    """10 x 100 x 0.01 = 10; a quarter is 2.50."""
    desk = holder(open_desk, settings={"taxes": {"instruments": {OWN: {"prepayment": "0.01"}}}})
    desk.advance("22d")
    assert taxes(desk) == ["2.50"]


def test_the_command_collects_once_a_year(open_desk: OpenDesk) -> None:
    desk = holder(open_desk, cash="1000")
    RUNS["tax_prepayments"](desk.world)
    RUNS["tax_prepayments"](desk.world)
    desk.advance()
    assert taxes(desk) == ["6.38"]


def test_no_more_is_collected_than_can_be_written(open_desk: OpenDesk) -> None:
    """A quarter of 1E12 x 100 x 0.0255 is 637,500,000,000.00: it stops no run, and others pay theirs after it."""
    desk = holder(open_desk, "1000000000000")
    group = seeding.account_group(desk.world, user_id=desk.user_id)
    other = seeding.account(desk.world, account_group_id=group.id)
    seeding.position(desk.world, account_id=other.id, instrument=OWN, quantity=Decimal(10))
    desk.advance("22d")
    assert taxes(desk) == ["999999999.99", "6.38"]
    assert not [failure.trace for failure in desk.world.failures]


def test_it_sells_what_the_cash_does_not_cover(open_desk: OpenDesk) -> None:
    """6.38 less 1.00 of cash: 5.38 are sold, 0.0538 units at 100."""
    desk = holder(open_desk, cash="1")
    desk.advance("22d")
    parts = desk.told("TAX_COLLECTION.FINALISED")[0]["processed_amount"]
    assert (parts["cash_balance"]["amount"], parts["sell_to_cover"]["amount"]) == ("1.00", "5.38")
    assert Decimal(desk.position(OWN)["quantity"]) == Decimal("9.9462")
