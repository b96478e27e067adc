"""Numbers that scenarios generate are valid: python-stdnum judges, which knows the rules of each country."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Final

import pytest
from stdnum import iban, isin
from stdnum.at import tin as at_tin
from stdnum.de import idnr as de_idnr
from stdnum.de import wkn
from stdnum.es import ccc as es_ccc
from stdnum.es import nif as es_nif
from stdnum.fr import nif as fr_nif
from stdnum.nl import bsn as nl_bsn
from stdnum.nl import identiteitskaartnummer as nl_passport
from stdnum.pl import pesel as pl_pesel

from mockserver.domain.instruments.instruments import PUBLISHED, AssetClass
from mockserver.scenario.generating.countries import AUSTRIAN_TAX_OFFICES, HOMELANDS
from mockserver.scenario.generating.instruments import HOMES, instruments
from mockserver.scenario.generating.people import Person, people

SEEDS = range(25)
EACH = 40
"""People of a country, or instruments of a class, for each seed."""
DAYS: Final = (date(2023, 1, 10), date(2031, 12, 31))
"""On the second, adults may be born in this century."""

Judge = Callable[[str], bool]

TAX_NUMBERS: Final[dict[str, Judge]] = {
    "AT": at_tin.is_valid,
    "DE": de_idnr.is_valid,
    "ES": es_nif.is_valid,
    "FR": fr_nif.is_valid,
    "NL": nl_bsn.is_valid,
    "PL": pl_pesel.is_valid,
}
IDENTIFIERS: Final[dict[str, Judge]] = {
    "ES": es_nif.is_valid,
    "NL": nl_passport.is_valid,
    "PL": pl_pesel.is_valid,
}
"""Of those countries whose identifiers Upvest does not make."""


@cache
def crowd(country: str) -> list[Person]:
    share = EACH // len(DAYS)
    return [
        person
        for seed in SEEDS
        for block, day in enumerate(DAYS, 1)
        for person in people(seed, block, day, share, {country: 1.0})
    ]


def test_every_country_of_the_generator_has_a_judge() -> None:
    assert TAX_NUMBERS.keys() == HOMELANDS.keys()
    assert IDENTIFIERS.keys() == {name for name, home in HOMELANDS.items() if home.identifier != "made by Upvest"}


@pytest.mark.parametrize("country", TAX_NUMBERS)
def test_tax_numbers(country: str) -> None:
    found = [person.tax_number for person in crowd(country)]
    assert [number for number in found if not TAX_NUMBERS[country](number)] == []
    assert len(set(found)) > len(found) * 0.99


@pytest.mark.parametrize("country", IDENTIFIERS)
def test_identifiers(country: str) -> None:
    found = [str(person.identifier) for person in crowd(country)]
    assert [number for number in found if not IDENTIFIERS[country](number)] == []


def test_a_pesel_holds_the_day_of_birth() -> None:
    for person in crowd("PL"):
        assert pl_pesel.get_birth_date(person.tax_number) == person.birth_date


@pytest.mark.parametrize("country", HOMELANDS)
def test_ibans(country: str) -> None:
    """Their check digits, the form of the country's accounts, and its own check digits where stdnum knows them."""
    found = [person.iban for person in crowd(country)]
    assert [number for number in found if number[:2] != country or not iban.is_valid(number)] == []
    if country == "ES":
        assert [number for number in found if not es_ccc.is_valid(number[4:])] == []


@pytest.mark.parametrize("asset_class", HOMES)
def test_isins_and_wkns(asset_class: AssetClass) -> None:
    found = [made for seed in SEEDS for made in instruments(seed, 1, EACH, asset_class)]
    assert [made.isin for made in found if not isin.is_valid(made.isin)] == []
    assert [made.wkn for made in found if not wkn.is_valid(made.wkn)] == []


def test_the_isins_of_the_sandbox() -> None:
    assert [row[0] for row in PUBLISHED if not isin.is_valid(row[0])] == []


def test_the_tax_offices_are_all_that_there_are() -> None:
    offices = [f"{number:02}" for number in range(100)]
    assert [office for office in offices if at_tin.is_valid(at_number(office))] == list(AUSTRIAN_TAX_OFFICES)


def at_number(office: str) -> str:
    return f"{office}000000{at_tin.calc_check_digit(f'{office}000000')}"


class Drawn:
    """Digits that are given, in place of drawn ones."""

    born = date(1980, 1, 1)

    def __init__(self, text: str) -> None:
        self._text = text

    def __call__(self, count: int) -> str:
        return self._text[:count]


@pytest.mark.parametrize("office", AUSTRIAN_TAX_OFFICES)
def test_what_was_drawn_stays_where_it_is_right(office: str) -> None:
    assert HOMELANDS["AT"].tax_number(Drawn(f"{office}123456"))[:8] == f"{office}123456"


def test_another_office_stands_in_for_one_that_does_not_exist() -> None:
    assert HOMELANDS["AT"].tax_number(Drawn("00123456"))[2:8] == "123456"
