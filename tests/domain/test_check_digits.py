"""Check digits: of numbers that are published, and in the form that validates them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from mockserver.domain import check_digits as digits
from mockserver.domain.instruments.instruments import PUBLISHED


@pytest.mark.parametrize("isin", ["US0378331005", "DE0007664005", "IE00B4L5Y983", *(row[0] for row in PUBLISHED)])
def test_an_isin(isin: str) -> None:
    """Apple and Volkswagen, and those of the sandbox."""
    assert digits.isin(isin[:2], isin[2:11]) == isin


@pytest.mark.parametrize(
    "iban",
    # of the IBAN registry's examples (ISO 13616); the Dutch one is the account of trading.md §16
    [
        "DE89370400440532013000",
        "AT611904300234573201",
        "FR1420041010050500013M02606",
        "ES9121000418450200051332",
        "NL91ABNA0417164300",
        "NL70ABNA0106295004",
        "PL61109010140000071219812874",
    ],
)
def test_an_iban(iban: str) -> None:
    assert digits.iban(iban[:2], iban[4:]) == iban


@pytest.mark.parametrize(
    ("make", "number"),
    [
        # published examples of the tax offices and of the OECD's and EU's descriptions
        (digits.german_tax_number, "86095742719"),
        (digits.german_tax_number, "02476291358"),
        (digits.austrian_tax_number, "931736581"),
        (digits.french_tax_number, "3023217600053"),
        (digits.spanish_tax_number, "12345678Z"),
        (digits.dutch_tax_number, "111222333"),
        (digits.dutch_tax_number, "123456782"),
    ],
)
def test_a_tax_number(make: Callable[[str], str], number: str) -> None:
    length = {13: 10}.get(len(number), len(number) - 1)
    assert make(number[:length]) == number


def test_a_pesel() -> None:
    assert digits.polish_tax_number(date(1944, 5, 14), "0135") == "44051401359"
    assert digits.polish_tax_number(date(2002, 7, 8), "0362")[:6] == "022708"


def test_a_bsn_that_has_no_check_digit_is_counted_on() -> None:
    """10000000 weighs 9, 10000011 weighs 9 + 3 + 2 = 14: 3; one that weighs 10 modulo 11 gets another last digit."""
    assert digits.dutch_tax_number("10000000") == "100000009"
    assert digits.dutch_tax_number("10000011") == "100000113"
    assert digits.dutch_tax_number("10000005") == "100000058"  # 9 + 10 = 19: 8
    assert digits.dutch_tax_number("10000006") == "100000071"  # 9 + 12 = 21: 10, so 7: 9 + 14 = 23: 1


def test_national_account_numbers() -> None:
    assert digits.spanish_account("2100", "0418", "0200051332") == "21000418450200051332"
    account = digits.french_account("20041", "01005", "00500013026")
    assert (89 * 20041 + 15 * 1005 + 3 * 500013026 + int(account[-2:])) % 97 == 0
