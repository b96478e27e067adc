"""trading.md §10.5: when tax is withheld, and how it is shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.instruments.instruments import by_isin
from mockserver.domain.orders.taxes import transaction_tax
from mockserver.domain.tax_exemptions.withholding import Income, withhold
from mockserver.kernel.profile import profile
from mockserver.models.orders import OrderSide
from mockserver.scenario.build import build_world
from mockserver.scenario.schema import Scenario
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, IN_PARTS, MORNING, Desk

OWN = "FR0000000701"
GERMAN = {"taxes": {"sells": "0.26375"}}
"""25 percent and the solidarity surcharge of 5.5 percent of it."""


def tax_on(desk: Desk, side: str, amount: str, isin: str = OWN) -> str:
    instrument, wanted = by_isin(desk.world, isin), Decimal(amount)
    if side == OrderSide.BUY:
        return str(transaction_tax(instrument, wanted))
    of = desk.world.table(ACCOUNTS)[desk.account_id]
    return str(withhold(desk.world, of=of, instrument=instrument, income=Income.SELL, amount=wanted).tax)


def lives_in(desk: Desk, *countries: str) -> None:
    """Where the user pays taxes."""
    residencies = [{"country": country, "tax_identifier_number": "12345678"} for country in countries]
    desk.call("set_tax_residencies", {"user_id": desk.user_id}, body={"tax_residencies": residencies})


def booked(desk: Desk) -> list[dict[str, Any]]:
    return [orjson.loads(row.wire) for row in desk.rows("list_cash_transactions")]


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_there_is_no_tax_unless_a_rule_says_so(desk: Desk, side: str) -> None:
    lives_in(desk, "DE")
    assert tax_on(desk, side, "1000", AT_100) == "0"


def test_the_shipped_profiles_tax_nobody() -> None:
    for name in ("sandbox", "live", "manual"):
        rates = profile(name).taxes
        assert {rates.sells, rates.dividends, rates.prepayment} == {Decimal(0)}
        assert not rates.instruments


@pytest.mark.parametrize(
    ("rate", "amount", "tax"),
    [
        ("0.02752", "852.20", "23.45"),  # as published
        ("0.1", "852.20", "85.22"),
        ("0", "852.20", "0"),
        ("1", "852.20", "852.20"),
        ("0.5", "0.01", "0.00"),  # half-even: 0.005
        ("0.5", "0.03", "0.02"),
        ("0.26375", "999999999.99", "263750000.00"),
    ],
)
def test_an_instrument_may_tax_its_sells(desk: Desk, rate: str, amount: str, tax: str) -> None:
    desk.instrument(OWN, "100", sell_tax=Decimal(rate))
    assert tax_on(desk, "SELL", amount) == tax
    assert tax_on(desk, "BUY", amount) == "0"


def test_an_instrument_may_tax_its_buys(desk: Desk) -> None:
    desk.instrument(OWN, "100", buy_tax=Decimal("0.003"))
    assert tax_on(desk, "BUY", "1000") == "3.00"
    assert tax_on(desk, "SELL", "1000") == "0"


# --- A German residency ---


@pytest.mark.parametrize(
    ("countries", "tax"), [((), "0"), (("FR",), "0"), (("DE",), "263.75"), (("FR", "DE"), "263.75")]
)
def test_a_setting_taxes_the_sells_of_who_is_taxed_in_germany(
    open_desk: OpenDesk, countries: tuple[str, ...], tax: str
) -> None:
    desk = open_desk("sandbox", GERMAN)
    if countries:
        lives_in(desk, *countries)
    assert tax_on(desk, "SELL", "1000", AT_100) == tax
    assert tax_on(desk, "BUY", "1000", AT_100) == "0"


def test_the_rate_of_an_instrument_goes_before_that_of_the_user(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", GERMAN)
    lives_in(desk, "DE")
    desk.instrument(OWN, "100", sell_tax=Decimal(0))
    assert tax_on(desk, "SELL", "1000") == "0"


def test_the_rate_of_one_instrument_goes_before_the_general_one(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", {"taxes": {"sells": "0.25", "instruments": {OWN: {"sells": "0.1"}}}})
    lives_in(desk, "DE")
    desk.instrument(OWN, "100")
    assert (tax_on(desk, "SELL", "1000"), tax_on(desk, "SELL", "1000", AT_100)) == ("100.00", "250.00")


def test_a_scenario_may_tax_its_instruments() -> None:
    seeds = [{"isin": OWN, "ask": "100", "buy_tax": "0.003", "sell_tax": "0.25"}, {"isin": "DE0000000009"}]
    world = build_world(Scenario.model_validate({"name": "taxed", "instruments": seeds}), now=MORNING, seed=1)
    rates = [(row.buy_tax, row.sell_tax) for row in (by_isin(world, OWN), by_isin(world, "DE0000000009"))]
    assert rates == [(Decimal("0.003"), Decimal("0.25")), (0, None)]


# --- What is booked ---


def test_the_published_sell_books_what_is_left_of_it(open_desk: OpenDesk) -> None:
    """852.20 less 23.45 is 828.75, pending until it settles (§10.5, §14)."""
    desk = open_desk("live", cash="0")
    desk.instrument("DE0000000009", "85.22", sell_tax=Decimal("0.02752"))
    desk.hold("DE0000000009", "10")
    desk.place("SELL", "DE0000000009", quantity="10")
    desk.advance("1m")
    (execution,) = desk.told("EXECUTION.FILLED")
    assert execution["cash_amount"] == "852.20"
    assert execution["taxes"] == [{"type": "TOTAL", "amount": "23.45"}]
    (row,) = booked(desk)
    assert row["delta"] == {"amount": "828.75", "currency": "EUR"}
    assert row["taxes"] == [{"type": "TOTAL", "amount": "23.45", "currency": "EUR"}]
    assert row["taxes_details"] == {
        "total_amount": {"amount": "23.45", "currency": "EUR"},
        "tax_breakdown": [{"amount": "23.45", "currency": "EUR", "type": "CAPITAL_GAINS", "taxing_jurisdiction": "DE"}],
    }
    assert (desk.cash()["balance"], desk.cash()["pending_settlement"]) == ("828.75", "828.75")


def test_the_published_buy_costs_its_tax_on_top(open_desk: OpenDesk) -> None:
    """300 and 5 of French transaction tax: -305 (§10.5)."""
    desk = open_desk("live", cash="400")
    desk.instrument(OWN, "100", buy_tax=Decimal("0.016667"))
    desk.place("BUY", OWN, amount="300")
    desk.advance("1m")
    (row,) = booked(desk)
    assert row["delta"]["amount"] == "-305"
    assert row["taxes_details"]["total_amount"] == {"amount": "5.00", "currency": "EUR"}
    (part,) = row["taxes_details"]["tax_breakdown"]
    assert (part["type"], part["taxing_jurisdiction"]) == ("FINANCIAL_TRANSACTION_TAX", "FR")
    assert Decimal(part["amount"]) == 5
    (execution,) = desk.told("EXECUTION.FILLED")
    assert (execution["cash_amount"], execution["share_quantity"]) == ("300", "3")
    assert desk.cash()["balance"] == "95"


def test_tax_and_fee_are_both_taken(open_desk: OpenDesk) -> None:
    desk = open_desk("live", GERMAN, cash="0")
    lives_in(desk, "DE")
    desk.hold(AT_100, "1")
    desk.place("SELL", AT_100, quantity="1")
    desk.advance("1m")
    (row,) = booked(desk)
    assert (row["delta"]["amount"], row["taxes"][0]["amount"]) == ("73.62", "26.38")  # 26.375, half-even


def test_every_part_is_taxed_for_itself(desk: Desk) -> None:
    desk.instrument(IN_PARTS, "100", sell_tax=Decimal("0.1"), story="parts-by-amount")
    desk.hold(IN_PARTS, "3")
    desk.place("SELL", IN_PARTS, quantity="3")
    desk.advance()
    assert [row["delta"]["amount"] for row in booked(desk)] == ["90", "90", "90"]
