"""payments.md §12, §15.2: what is withheld of a dividend, and what an exemption keeps free of it."""

from __future__ import annotations

from typing import Any

from tests.domain.conftest import OpenDesk
from tests.domain.support import actions
from tests.domain.support.desk import AT_100
from tests.domain.support.exemptions import active, amounts, settle_in_germany, shown

RATES: dict[str, Any] = {"taxes": {"dividends": "0.25"}}
PAID = ["CASH_BALANCE.UPDATED", "CASH_TRANSACTION.EXECUTED"]


def test_tax_is_withheld_from_what_is_paid(open_desk: OpenDesk) -> None:
    """10 x 1.25 = 12.50; a quarter of it is 3.125, half-even 3.12: 9.38 are paid."""
    desk = open_desk(overrides=RATES, cash="0")
    settle_in_germany(desk)
    desk.hold(AT_100, "10")
    actions.dividend(desk)
    desk.advance("7d")
    assert actions.cash_booked(desk) == ["9.38"]
    (told,) = desk.told("CASH_TRANSACTION.EXECUTED")
    assert told["taxes"] == [{"amount": "3.12", "currency": "EUR", "type": "TOTAL"}]
    (part,) = told["taxes_details"]["tax_breakdown"]
    assert (part["type"], part["taxing_jurisdiction"]) == ("CAPITAL_GAINS", "DE")
    assert desk.cash()["balance"] == "9.38"


def test_an_exemption_is_used_after_the_booking(open_desk: OpenDesk) -> None:
    """2.50 of 12.50 are exempt: a quarter of 10 is 2.50, and 10.00 are paid."""
    desk = open_desk(overrides=RATES, cash="0")
    identity = active(desk, "2.50")
    desk.hold(AT_100, "10")
    actions.dividend(desk)
    desk.advance("5d20h58m")
    assert desk.advance("2m") == [*PAID, "TAX_EXEMPTION.UPDATED"]
    assert actions.cash_booked(desk) == ["10"]
    assert amounts(shown(desk, identity)) == ("2.50", "2.50", "0.00")


def test_nobody_pays_who_is_not_taxed_in_germany(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=RATES, cash="0")
    desk.hold(AT_100, "10")
    actions.dividend(desk)
    desk.advance("7d")
    assert actions.cash_booked(desk) == ["12.50"]
