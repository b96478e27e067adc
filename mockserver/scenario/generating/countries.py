"""Where generated people come from: how addresses and tax numbers look in each country.

Names and addresses are Faker's, of the locale that is named; the numbers are drawn, and their check digits are right
(:mod:`mockserver.domain.check_digits`). Their bank accounts are those of :mod:`mockserver.domain.payments.ibans`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final, Literal, Protocol

from mockserver.domain import check_digits
from mockserver.kernel.frozen import frozen


class Draw(Protocol):
    """What a number is made from."""

    @property
    def born(self) -> date: ...

    def __call__(self, count: int) -> str:
        """So many drawn digits."""
        ...


@frozen
class Homeland:
    """A country: its Faker locale, its numbers, and the way it writes an address line."""

    locale: str
    tax_number: Callable[[Draw], str]
    line: str = "{street} {number}"
    identifier: Callable[[Draw], str] | Literal["tax number", "made by Upvest"] = "made by Upvest"
    """What its people are reported under (trading.md §3)."""
    dialling: str = "49"


AUSTRIAN_TAX_OFFICES: Final = (
    *(
        "03",
        "04",
        "06",
        "07",
        "08",
        "09",
        "10",
        "12",
        "15",
        "16",
        "18",
        "22",
        "23",
        "29",
        "33",
        "38",
        "41",
        "46",
        "51",
        "52",
    ),
    *(
        "53",
        "54",
        "57",
        "59",
        "61",
        "65",
        "67",
        "68",
        "69",
        "71",
        "72",
        "81",
        "82",
        "83",
        "84",
        "90",
        "91",
        "93",
        "97",
        "98",
    ),
)
"""The first two digits of an Abgabenkontonummer, as the Ministry of Finance lists them (service.bmf.gv.at)."""


def _austrian(digits: Draw) -> str:
    """Eight drawn digits; where the first two are no tax office, one in their place."""
    drawn = digits(8)
    office = drawn[:2]
    if office not in AUSTRIAN_TAX_OFFICES:
        office = AUSTRIAN_TAX_OFFICES[int(office) % len(AUSTRIAN_TAX_OFFICES)]
    return check_digits.austrian_tax_number(office + drawn[2:])


def _german(digits: Draw) -> str:
    """Of the first ten digits one stands there twice, and the first is not 0 (as its rules ask)."""
    rest, drawn = list("0123456789"), digits(11)
    order = [rest.pop(int(each) % len(rest)) for each in drawn[:10]]
    order[9] = order[int(drawn[10]) % 9]
    if order[0] == "0":
        place = next(index for index, digit in enumerate(order) if digit != "0")
        order[0], order[place] = order[place], order[0]
    return check_digits.german_tax_number("".join(order))


def _spanish(digits: Draw) -> str:
    return check_digits.spanish_tax_number(digits(8))


def _polish(digits: Draw) -> str:
    return check_digits.polish_tax_number(digits.born, digits(4))


HOMELANDS: Final[dict[str, Homeland]] = {
    "AT": Homeland("de_AT", _austrian, dialling="43"),
    "DE": Homeland("de_DE", _german),
    "ES": Homeland(
        "es_ES",
        _spanish,
        line="{street}, {number}",
        identifier="tax number",
        dialling="34",
    ),
    "FR": Homeland(
        "fr_FR",
        lambda digits: check_digits.french_tax_number(f"{int(digits(1)) % 4}{digits(9)}"),
        line="{number} {street}",
        dialling="33",
    ),
    "NL": Homeland(
        "nl_NL",
        lambda digits: check_digits.dutch_tax_number(f"1{digits(7)}"),
        identifier=lambda digits: f"NP{digits(7)}",
        dialling="31",
    ),
    "PL": Homeland(
        "pl_PL",
        _polish,
        line="ul. {street} {number}",
        identifier="tax number",
        dialling="48",
    ),
}
