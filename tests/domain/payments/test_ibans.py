"""IBANs: valid, reproducible, obfuscated, and none that fails a payment by chance."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from stdnum import iban as judge

from mockserver.domain import check_digits
from mockserver.domain.payments import ibans
from mockserver.domain.payments.outcomes import ENDS
from mockserver.kernel.ids import Ids
from mockserver.kernel.undo import Undo

LENGTHS = {"AT": 20, "DE": 22, "ES": 24, "FR": 27, "NL": 18, "PL": 28}
"""Of the registry's entries (ISO 13616)."""


def made(country: str, count: int = 200, seed: int = 1) -> list[str]:
    draw = Ids(seed, Undo())
    return [ibans.new(draw, "test", country) for _ in range(count)]


def test_six_countries() -> None:
    assert set(ibans.ACCOUNTS) == set(LENGTHS)


@pytest.mark.parametrize("country", LENGTHS)
def test_generated_ibans_are_valid_and_all_different(country: str) -> None:
    found = made(country)
    assert [each for each in found if not judge.is_valid(each) or each[:2] != country] == []
    assert {len(each) for each in found} == {LENGTHS[country]}
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("country", LENGTHS)
def test_the_same_seed_makes_the_same_ibans(country: str) -> None:
    assert made(country) == made(country)
    assert made(country) != made(country, seed=2)


def answering(*numbers: str) -> Callable[[int], str]:
    """Draws these digits, in turn."""
    left = iter(numbers)
    return lambda count: next(left).rjust(count, "0")


def test_an_iban_that_would_fail_a_payment_is_drawn_again() -> None:
    """A Dutch account ends in its drawn digits."""
    bad = [f"123456{end}" for end in ENDS]
    found = ibans.drawn("NL", answering(*bad, "1234569006"))
    assert found == check_digits.iban("NL", "TEST1234569006")


@pytest.mark.parametrize(
    ("iban", "shown"),
    [
        ("DE02100500000054540402", "DE0210**********0402"),  # the two examples of the contract
        ("DE89000000000000000000", "DE8900**********0000"),
        ("NO9386011117947", "NO9386**********7947"),  # 15 characters, the shortest there are
        ("MT84MALT011000012345MTLCAST001S", "MT84MA**********001S"),  # 31
    ],
)
def test_six_characters_ten_asterisks_and_the_last_four(iban: str, shown: str) -> None:
    assert ibans.obfuscated(iban) == shown
    assert ibans.iban_end(iban) == ibans.iban_end(shown) == shown[-4:]
