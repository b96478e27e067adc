"""Generated people: plausible, and a function of seed, block and day."""

from __future__ import annotations

import re
from datetime import date

import pytest

from mockserver.scenario.generate import people, plain

TODAY = date(2023, 1, 10)


def test_the_same_seed_makes_the_same_people() -> None:
    assert list(people(1, 1, TODAY, 20)) == list(people(1, 1, TODAY, 20))


def test_another_seed_and_another_block_make_others() -> None:
    of_first = {person.email for person in people(1, 1, TODAY, 20)}
    assert of_first.isdisjoint(person.email for person in people(2, 1, TODAY, 20))
    assert of_first.isdisjoint(person.email for person in people(1, 2, TODAY, 20))


def test_more_people_begin_with_the_same() -> None:
    assert list(people(1, 1, TODAY, 5)) == list(people(1, 1, TODAY, 50))[:5]


def test_people_are_adults_with_an_address_in_germany() -> None:
    for person in people(1, 1, TODAY, 200):
        years = (TODAY - person.birth_date).days / 365.25
        assert 18 <= years <= 86
        assert len(person.first_name) >= 2
        assert person.last_name
        assert person.address["country"] == "DE"
        assert re.fullmatch(r"[0-9]{5}", person.address["postcode"])
        assert re.fullmatch(r"[a-z0-9.-]+@example\.com", person.email)


def test_nobody_shares_an_email_address() -> None:
    assert len({person.email for person in people(1, 1, TODAY, 1000)}) == 1000


@pytest.mark.parametrize(
    ("name", "in_address"),
    [("Jürgen", "juergen"), ("Weiß", "weiss"), ("auch Schlauchin", "auch-schlauchin"), ("Dʼé", "de"), ("李", "x")],
)
def test_a_name_in_an_email_address(name: str, in_address: str) -> None:
    assert plain(name) == in_address
