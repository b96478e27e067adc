"""Standards of identifiers by country, and which nationality counts (trading.md §3): tables of transaction reporting.

Most of the published table could not be read (trading.md, head): what is not listed here is accepted as it comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

CONCAT: Final = "CONCAT"
"""Made from name and birth date by Upvest; the identifier itself is empty."""

GENERATED: Final = frozenset({"AT", "DE", "FR", "HU", "IE", "LU"})
"""Nationalities for which Upvest makes a CONCAT by itself (§3 [D])."""


class Standard(NamedTuple):
    """A standard of one country: its name, and the form of its identifiers where that is known."""

    name: str
    pattern: str | None = None


_MONTH: Final = r"(0[1-9]|1[012])"
_DAY: Final = r"(0[1-9]|[12][0-9]|3[01])"

STANDARDS: Final[dict[str, tuple[Standard, ...]]] = {
    **{country: (Standard(CONCAT),) for country in sorted(GENERATED)},
    "BE": (Standard("BNN", rf"[0-9]{{2}}{_MONTH}{_DAY}[0-9]{{5}}"), Standard(CONCAT)),
    "BG": (Standard("BPN"),),
    "CY": (Standard("CYPN", r"(E[0-9]{6}|K[0-9]{8})"),),
    "CZ": (Standard("CZNIC"), Standard("CZPN")),
    "DK": (Standard("DPIC", rf"{_DAY}{_MONTH}[0-9]{{6}}"),),
    "EE": (Standard("EPIC", rf"[1-6][0-9]{{2}}{_MONTH}{_DAY}[0-9]{{4}}"),),
    "ES": (Standard("STIN", r"[A-Z0-9]{9}"),),
    "FI": (Standard("FPIN"),),
    "GB": (Standard("GPN"),),
    "NL": (Standard("NLPN"),),
    "PL": (Standard("PESEL"), Standard("PLTN", r"[0-9]{10}")),
}
"""Country -> its standards, that of first priority first (§3 [D, O])."""

LOWER: Final[dict[str, tuple[Standard, ...]]] = {
    "LT": (Standard("LTPN", r"[0-9]{8}"),),
    "MT": (Standard("MTPN"),),
    "PT": (Standard("PTNP"),),
    "RO": (Standard("ROPN"),),
    "SK": (Standard("SKPS"),),
}
"""Standards of lower priority, all of them passports, of countries whose first one is unpublished (§3 [D, O])."""

UNLISTED: Final = {"NATIONAL_ID": "NI", "PASSPORT": "PN"}
"""What follows the country's code in the name of a standard that no source gives, such as USPN (inferred)."""

_ALL: Final = {**STANDARDS, **LOWER}
_HOMES: Final = {each.name: country for country, standards in _ALL.items() for each in standards if each.name != CONCAT}

EEA: Final = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"}
    | {"IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}
)


def decisive_nationality(nationalities: Iterable[str], jurisdiction: str) -> str:
    """The one that counts: of the EEA before others, then by the alphabet (§3 [D]).

    ``jurisdiction`` is the licence's: under ``EEA`` GB is a third country, under ``UK`` it counts as EEA.
    """
    first = EEA | {"GB"} if jurisdiction == "UK" else EEA
    return min(nationalities, key=lambda country: (country not in first, country))


def first_standard(country: str, type_: str) -> str:
    """The standard of first priority, which an identifier has unless it names another (§3 [N]).

    Where that is unpublished, the type decides (inferred): a passport is what it is, all else gets a name of ours.
    """
    known = STANDARDS.get(country) or (LOWER.get(country) if type_ == "PASSPORT" else None)
    return known[0].name if known else f"{country}{UNLISTED[type_]}"


def priority(country: str, standard: str) -> int:
    """The place of a standard among its country's, 0 the first; those that are not listed come last."""
    names = [each.name for each in _ALL.get(country, ())]
    return names.index(standard) if standard in names else len(names)


def pattern_of(country: str, standard: str) -> str | None:
    """The form of the identifiers of a standard, where it is published."""
    return next((each.pattern for each in _ALL.get(country, ()) if each.name == standard), None)


def fits(identifier: str, pattern: str) -> bool:
    return re.fullmatch(pattern, identifier, re.ASCII) is not None


def home(standard: str) -> str | None:
    """The country that a listed standard belongs to; ``None`` for CONCAT and for what is not listed."""
    return _HOMES.get(standard)
