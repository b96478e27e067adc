"""Numbers with check digits: ISINs, IBANs, tax numbers, as their own rules make them.

Sources: ISO 6166 (ISIN), ISO 13616 and ISO 7064 MOD 97-10 (IBAN), ISO 17442 (LEI), ISO 7064 MOD 11,10 (the German tax
numbers), the structures of tax numbers as the EU and the OECD describe them, those of register numbers as the registers
do. The digits before the check digit are the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

_NIF_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_FIRMENBUCH_LETTERS: Final = "abdfghikmpstvwxyz"


def isin(country: str, code: str) -> str:
    """The ISIN of a country's nine characters: their Luhn digit, letters counted as two digits (A is 10)."""
    digits = _numbered(country + code)
    return f"{country}{code}{_luhn(digits)}"


def iban(country: str, account: str) -> str:
    """The IBAN of a national account number: two digits that make it 1 modulo 97."""
    rest = int(_numbered(account + country) + "00") % 97
    return f"{country}{98 - rest:02d}{account}"


def lei(issuer: str, entity: str) -> str:
    """A legal entity identifier: four characters of the issuer, fourteen of the entity, two check digits modulo 97."""
    rest = int(_numbered(issuer + entity) + "00") % 97
    return f"{issuer}{entity}{98 - rest:02d}"


def german_tax_number(ten: str) -> str:
    """A Steueridentifikationsnummer: ten digits, the first not 0, and one by MOD 11,10."""
    return f"{ten}{_mod_11_10(ten)}"


def german_business_number(eight: str) -> str:
    """A Wirtschafts-Identifikationsnummer: DE, eight digits, the first not 0, and one by MOD 11,10."""
    return f"DE{eight}{_mod_11_10(eight)}"


def austrian_register_number(six: str) -> str:
    """A Firmenbuchnummer: six digits and a letter by their weighted sum modulo 17."""
    return f"{six}{_FIRMENBUCH_LETTERS[_weighted(six, (6, 4, 14, 15, 10, 1)) % 17]}"


def french_register_number(eight: str) -> str:
    """A SIREN: eight digits and their Luhn digit."""
    return f"{eight}{_luhn(eight)}"


def spanish_register_number(letter: str, seven: str) -> str:
    """A CIF: the letter of the legal form, seven digits, and their Luhn digit."""
    return f"{letter}{seven}{_luhn(seven)}"


def polish_register_number(eight: str) -> str:
    """A REGON: eight digits and a weighted sum modulo 11, 10 counted as 0."""
    return f"{eight}{_weighted(eight, (8, 9, 2, 3, 4, 5, 6, 7)) % 11 % 10}"


def austrian_tax_number(eight: str) -> str:
    """An Abgabenkontonummer: the tax office (two digits), six more, and a Luhn digit."""
    return f"{eight}{_luhn(eight)}"


def french_tax_number(ten: str) -> str:
    """A numéro SPI: ten digits, the first 0 to 3, and their remainder modulo 511 in three."""
    return f"{ten}{int(ten) % 511:03d}"


def spanish_tax_number(eight: str) -> str:
    """A NIF: eight digits and a letter by their remainder modulo 23."""
    return f"{eight}{_NIF_LETTERS[int(eight) % 23]}"


def dutch_tax_number(eight: str) -> str:
    """A BSN: eight digits, and one that makes the sum of all, weighted 9 to 2 and -1, a multiple of 11.

    Where that would have to be 10, the last of the eight is counted on (by 2 in the sum, so once is enough).
    """
    check = _weighted(eight, range(9, 1, -1)) % 11
    if check == 10:
        return dutch_tax_number(f"{eight[:7]}{(int(eight[7]) + 1) % 10}")
    return f"{eight}{check}"


def polish_tax_number(born: date, four: str) -> str:
    """A PESEL: the day of birth (months of this century plus 20), four digits, and a weighted sum's complement."""
    month = born.month + (20 if born.year >= 2000 else 0)
    ten = f"{born.year % 100:02d}{month:02d}{born.day:02d}{four}"
    return f"{ten}{-_weighted(ten, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10}"


def french_account(bank: str, branch: str, account: str) -> str:
    """A RIB of digits: five of the bank, five of the branch, eleven of the account, and a key modulo 97."""
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97
    return f"{bank}{branch}{account}{key:02d}"


def spanish_account(bank: str, branch: str, account: str) -> str:
    """A CCC: four digits of the bank, four of the branch, two that check, ten of the account."""
    weights = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)
    checks = (11 - _weighted(digits, weights) % 11 for digits in (f"00{bank}{branch}", account))
    return f"{bank}{branch}{''.join(str({10: 1, 11: 0}.get(check, check)) for check in checks)}{account}"


def _numbered(text: str) -> str:
    """Letters as two digits, A as 10."""
    return "".join(str(int(character, 36)) for character in text)


def _mod_11_10(digits: str) -> int:
    """The digit that ends a number by ISO 7064 MOD 11,10."""
    product = 10
    for digit in digits:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10


def _luhn(digits: str) -> int:
    """The digit that ends a number by Luhn."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 - index % 2)
        total += value - 9 if value > 9 else value
    return -total % 10


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
