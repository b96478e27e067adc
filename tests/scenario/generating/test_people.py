"""Generated people: plausible, and a function of seed, block and day."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import pytest

from mockserver.domain import check_digits
from mockserver.domain.users.identifier_standards import GENERATED, first_standard, fits, pattern_of
from mockserver.domain.users.users import check_street
from mockserver.models.messages.users import UserAddressRequest
from mockserver.scenario.generating.countries import HOMELANDS
from mockserver.scenario.generating.people import COUNTRIES, Person, people, plain

TODAY = date(2023, 1, 10)
EVERYWHERE = dict.fromkeys(HOMELANDS, 1.0)


@pytest.fixture(scope="module")
def crowd() -> list[Person]:
    return list(people(1, 1, TODAY, 1000, EVERYWHERE))


def test_the_same_seed_makes_the_same_people() -> None:
    assert list(people(1, 1, TODAY, 20)) == list(people(1, 1, TODAY, 20))


def test_another_seed_and_another_block_make_others() -> None:
    of_first = {person.email for person in people(1, 1, TODAY, 20)}
    assert of_first.isdisjoint(person.email for person in people(2, 1, TODAY, 20))
    assert of_first.isdisjoint(person.email for person in people(1, 2, TODAY, 20))


def test_more_people_begin_with_the_same() -> None:
    assert list(people(1, 1, TODAY, 5)) == list(people(1, 1, TODAY, 50))[:5]


def test_people_are_adults_with_an_address_at_home(crowd: list[Person]) -> None:
    for person in crowd:
        years = (TODAY - person.birth_date).days / 365.25
        assert 18 <= years <= 86
        assert person.last_name
        assert person.birth_city
        assert person.address["country"] == person.country
        assert re.fullmatch(r"[a-z0-9.-]+@example\.com", person.email)


def test_addresses_and_names_are_such_as_the_api_takes(crowd: list[Person]) -> None:
    for person in crowd:
        check_street("address", UserAddressRequest.model_validate(person.address))
        assert 2 <= len(person.first_name) <= 100
        assert re.fullmatch(r"[0-9]{8,15}", person.phone_number)


def test_countries_are_as_likely_as_they_weigh() -> None:
    found = Counter(person.country for person in people(1, 1, TODAY, 2000))
    for country, weight in COUNTRIES.items():
        share = found[country] / 2000
        assert abs(share - weight / sum(COUNTRIES.values())) < 0.04  # four standard deviations of one in five
    assert {person.country for person in people(1, 1, TODAY, 50, {"NL": 1})} == {"NL"}


def test_upvest_makes_the_identifiers_of_whom_is_generated_by_default() -> None:
    assert set(COUNTRIES) <= GENERATED


@pytest.mark.parametrize("country", HOMELANDS)
def test_ibans_are_valid(crowd: list[Person], country: str) -> None:
    """Of the length of the country's registry entry, and 1 modulo 97."""
    lengths = {"AT": 20, "DE": 22, "ES": 24, "FR": 27, "NL": 18, "PL": 28}
    for person in crowd:
        if person.country == country:
            assert len(person.iban) == lengths[country]
            turned = person.iban[4:] + person.iban[:4]
            assert int("".join(str(int(each, 36)) for each in turned)) % 97 == 1


def numbered_again(person: Person) -> str:
    """The tax number from its own digits before the check digits."""
    number = person.tax_number
    match person.country:
        case "AT":
            return check_digits.austrian_tax_number(number[:8])
        case "DE":
            return check_digits.german_tax_number(number[:10])
        case "ES":
            return check_digits.spanish_tax_number(number[:8])
        case "FR":
            return check_digits.french_tax_number(number[:10])
        case "NL":
            return check_digits.dutch_tax_number(number[:8])
        case "PL":
            return check_digits.polish_tax_number(person.birth_date, number[6:10])
        case _:
            raise AssertionError(person.country)


def test_tax_numbers_end_in_their_check_digits(crowd: list[Person]) -> None:
    assert [numbered_again(person) for person in crowd] == [person.tax_number for person in crowd]


def test_a_german_tax_number_repeats_one_digit_and_does_not_begin_with_0(crowd: list[Person]) -> None:
    for person in crowd:
        if person.country == "DE":
            assert sorted(Counter(person.tax_number[:10]).values()) == [1] * 8 + [2]
            assert person.tax_number[0] != "0"


def test_identifiers_have_the_form_of_their_standard(crowd: list[Person]) -> None:
    for person in crowd:
        pattern = pattern_of(person.country, first_standard(person.country, "NATIONAL_ID"))
        assert (person.identifier is None) == (person.country in GENERATED)
        if person.identifier is not None and pattern is not None:
            assert fits(person.identifier, pattern)


def test_nobody_shares_an_email_address(crowd: list[Person]) -> None:
    assert len({person.email for person in crowd}) == 1000


@pytest.mark.parametrize(
    ("name", "in_address"),
    [
        ("Jürgen", "juergen"),
        ("Weiß", "weiss"),
        ("auch Schlauchin", "auch-schlauchin"),
        ("Dʼé", "de"),
        ("Michał", "michal"),
        ("李", "x"),
    ],
)
def test_a_name_in_an_email_address(name: str, in_address: str) -> None:
    assert plain(name) == in_address
