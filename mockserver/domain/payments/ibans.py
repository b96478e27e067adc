"""IBANs: valid ones generated from drawn digits, and what the API and the rules see of one.

A generated IBAN has the length, the structure and all check digits of its country (ISO 13616, ISO 7064; the national
account numbers of Spain and France check themselves, too); which bank it belongs to is made up. None ends as one on
which a payment fails on demand (:mod:`mockserver.domain.payments.outcomes`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mockserver.domain import check_digits
from mockserver.domain.payments.outcomes import ENDS
from mockserver.kernel.ids import Ids

Digits = Callable[[int], str]
"""Draws that many decimal digits; the first may be 0."""

ACCOUNTS: Final[dict[str, Callable[[Digits], str]]] = {
    "AT": lambda digits: f"19{digits(3)}{digits(11)}",
    "DE": lambda digits: f"10{digits(3)}000{digits(10)}",
    "ES": lambda digits: check_digits.spanish_account(f"01{digits(2)}", digits(4), digits(10)),
    "FR": lambda digits: check_digits.french_account(f"30{digits(3)}", digits(5), digits(11)),
    "NL": lambda digits: f"TEST{digits(10)}",
    "PL": lambda digits: f"1020{digits(4)}{digits(16)}",
}
"""How the national account number looks in each country: what an IBAN has after its check digits."""


def drawn(country: str, digits: Digits) -> str:
    """A valid IBAN of one of the countries in :data:`ACCOUNTS`, from drawn digits; ``KeyError`` for another one."""
    while True:
        found = check_digits.iban(country, ACCOUNTS[country](digits))
        if iban_end(found) not in ENDS:
            return found


def new(ids: Ids, stream: str, country: str) -> str:
    """The next valid IBAN of ``stream``: the same from the same seed, and no two alike in practice."""
    return drawn(country, lambda count: ids.digits(f"iban {stream}", count + 1)[1:])


def bic(iban: str) -> str:
    """The BIC of a bank that is made up, in the country of the IBAN."""
    return f"MOCK{iban[:2]}22"


def obfuscated(iban: str) -> str:
    """An IBAN as answers show it: 6 characters, ten asterisks whatever its length, 4 (payments.md §2.1 [O, E])."""
    return f"{iban[:6]}**********{iban[-4:]}"


def iban_end(iban: str) -> str:
    """The last four characters, visible in the obfuscated form, too."""
    return iban[-4:]
