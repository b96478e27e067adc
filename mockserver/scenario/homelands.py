"""Where generated people come from: how addresses, tax numbers and bank accounts look in each country.

Names and addresses are Faker's, of the locale that is named; the numbers are drawn, and their check digits are right
(:mod:`mockserver.scenario.check_digits`). What kind of bank an account belongs to is made up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, Protocol

from mockserver.scenario import check_digits


class Draw(Protocol):
    """What a number is made from."""

    @property
    def born(self) -> date: ...

    def __call__(self, count: int) -> str:
        """So many drawn digits."""
        ...


@dataclass(frozen=True, slots=True)
class Homeland:
    """A country: its Faker locale, its numbers, and the way it writes an address line."""

    locale: str
    tax_number: Callable[[Draw], str]
    account: Callable[[Draw], str]
    """The national account number: what an IBAN says after its check digits."""
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
    "AT": Homeland(
        "de_AT",
        _austrian,
        lambda digits: f"19{digits(3)}{digits(11)}",
        dialling="43",
    ),
    "DE": Homeland("de_DE", _german, lambda digits: f"10{digits(3)}000{digits(10)}"),
    "ES": Homeland(
        "es_ES",
        _spanish,
        lambda digits: check_digits.spanish_account(f"01{digits(2)}", digits(4), digits(10)),
        line="{street}, {number}",
        identifier="tax number",
        dialling="34",
    ),
    "FR": Homeland(
        "fr_FR",
        lambda digits: check_digits.french_tax_number(f"{int(digits(1)) % 4}{digits(9)}"),
        lambda digits: check_digits.french_account(f"30{digits(3)}", digits(5), digits(11)),
        line="{number} {street}",
        dialling="33",
    ),
    "NL": Homeland(
        "nl_NL",
        lambda digits: check_digits.dutch_tax_number(f"1{digits(7)}"),
        lambda digits: f"TEST{digits(10)}",
        identifier=lambda digits: f"NP{digits(7)}",
        dialling="31",
    ),
    "PL": Homeland(
        "pl_PL",
        _polish,
        lambda digits: f"1020{digits(4)}{digits(16)}",
        line="ul. {street} {number}",
        identifier="tax number",
        dialling="48",
    ),
}
