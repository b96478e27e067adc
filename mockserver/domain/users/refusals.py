"""Refusals of users, their identifiers, tax residencies and changes (trading.md §2 to §5)."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Users (trading.md §2)
USER_LEAVES: Final = Rule(
    "user.leaves",
    400,
    "User {id} is {status}; only a user who is INACTIVE or ACTIVE changes, or gets groups, accounts and orders.",
    "trading.md §2.3, §2.4, inferred",
)
USER_FORM: Final = Rule(
    "user.form",
    400,
    "{violations}. The licence is TOL, so users are created in its form, with email and fatca (setting "
    "behaviour.licence).",
    "trading.md §2.1 [N], code inferred",
)
BORN_IN_FUTURE: Final = Rule(
    "user.birth-date",
    400,
    "(root).birth_date: {date} has not come yet, it is {today} here (profile setting refusals.future_birth_dates).",
    "trading.md §2.1, inferred",
)
NO_STREET: Final = Rule(
    "user.address",
    400,
    "(root).{place}: {line!r} is a post box or a c/o line; the address has to be a street.",
    "trading.md §2.1 [N], code inferred",
)

# Changes of user data (trading.md §2.3)
CHANGE_FORM: Final = Rule(
    "data-change.form",
    400,
    "{violations}. The licence is {licence}, so a change consists of {form} (setting behaviour.licence).",
    "trading.md §2.3 [N], code inferred",
)
CHANGE_MIXED: Final = Rule(
    "data-change.one-form",
    400,
    "(root): {problem}. The licence is TOL, so a change is of exactly one form: first_name and last_name, or "
    "nationalities, or address, or data that need no proof ({others}).",
    "trading.md §2.3 [N], code inferred",
)
DECEASE_DATE: Final = Rule(
    "data-change.decease-date",
    400,
    "(root).decease_date: {date} is no day of the calendar; send a date such as 2023-01-10, or '' to clear it.",
    "trading.md §2.3, inferred",
)

# Identifiers (trading.md §3)
IDENTIFIER_MISSING: Final = Rule(
    "identifier.missing",
    400,
    "(root).identifier: {standard} of {country} needs one; only CONCAT goes without.",
    "trading.md §3, inferred",
)
CONCAT_IDENTIFIER: Final = Rule(
    "identifier.concat",
    400,
    "(root).identifier: CONCAT, {country}'s standard here, is made from name and birth date; leave the identifier out.",
    "trading.md §3 [N], code inferred",
)
IDENTIFIER_FORMAT: Final = Rule(
    "identifier.format",
    400,
    "(root).identifier: {identifier!r} is no {standard} of {country}, which has the form {pattern}.",
    "trading.md §3 [D], code inferred",
)
STANDARD_ELSEWHERE: Final = Rule(
    "identifier.standard",
    400,
    "(root).identifier_standard: {standard} is a standard of {home}, not of {country}.",
    "trading.md §3, inferred",
)

# Tax residencies (trading.md §5)
TAX_COUNTRY_TWICE: Final = Rule(
    "tax-residencies.country-twice",
    400,
    "(root).tax_residencies.{index}.country: {country} stands in the list already; name each country once.",
    "trading.md §5, inferred",
)
NO_TAX_RESIDENCIES: Final = Rule(
    "tax-residencies.none",
    404,
    "User {id} has no tax residencies yet; set them with POST /users/{id}/tax_residencies.",
    "trading.md §5, inferred",
)
