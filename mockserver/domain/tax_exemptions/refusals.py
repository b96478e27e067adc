"""Refusals of tax exemptions: the documented errors, with the status that the mock sends (payments.md §12.1)."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

COUNTRY: Final = Rule(
    "tax-exemption.country",
    400,
    "(root).country: tax exemptions exist in DE only, got {country} (CountryNotSupported).",
    "payments.md §12.1 [D], code inferred",
)
USER_TWICE: Final = Rule(
    "tax-exemption.user-twice",
    400,
    "(root).user_ids: user {id} is named twice (InvalidUserIDsArray).",
    "payments.md §12.1 [D], code inferred",
)
NUMBER_OF_USERS: Final = Rule(
    "tax-exemption.number-of-users",
    400,
    "(root).user_ids: a {type} exemption has {wanted}, got {given} (InvalidUserIDsArray).",
    "payments.md §12.1 [D], code inferred",
)
TYPE_MISSING: Final = Rule(
    "tax-exemption.type-missing",
    400,
    "(root).tax_exemption_details.tax_exemption_type: expected MARRIED or CIVIL_PARTNERSHIP for two users, got nothing "
    "(TaxExemptionTypeNotSupported).",
    "payments.md §12.1, inferred",
)
CURRENCY: Final = Rule(
    "tax-exemption.currency",
    400,
    "(root).tax_exemption_details.tax_exemption_amount.currency: expected EUR, got {currency} (InvalidCurrency).",
    "payments.md §12.1 [D], code inferred",
)
AMOUNT: Final = Rule(
    "tax-exemption.amount",
    400,
    "(root).tax_exemption_details.tax_exemption_amount.amount: must be more than 0, got {amount} "
    "(InvalidTaxExemptionAmount).",
    "payments.md §12.1 [D], code inferred",
)
AMOUNT_LIMIT: Final = Rule(
    "tax-exemption.amount-limit",
    400,
    "(root).tax_exemption_details.tax_exemption_amount.amount: a {type} exemption is at most {most} EUR, got {amount} "
    "(AmountExceedsMaximumAllowed).",
    "payments.md §12.1 [D], code inferred",
)
VALID_TO_YEAR: Final = Rule(
    "tax-exemption.valid-to-year",
    400,
    "(root).valid_to_date: {date} lies before this year, {year} (ValidToDateLessThanCurrentYear).",
    "payments.md §12.1 [D], code inferred",
)
VALID_TO_DAY: Final = Rule(
    "tax-exemption.valid-to-day",
    400,
    "(root).valid_to_date: expected the last day of a year, such as {year}-12-31, got {date} "
    "(ValidToDateMustBeLastDayOfYear).",
    "payments.md §12.1 [D], code inferred",
)
EXISTS: Final = Rule(
    "tax-exemption.exists",
    400,
    "(root).user_ids: user {user_id} has tax exemption {id}, which is {status} (TaxExemptionAlreadyExists).",
    "payments.md §12.1 [D], code inferred",
)
NOT_ACTIVE: Final = Rule(
    "tax-exemption.not-active",
    400,
    "Tax exemption {id} is {status}; one that is ACTIVE can be replaced (TaxExemptionNotActive).",
    "payments.md §12.1 [D], code inferred",
)
UTILISED: Final = Rule(
    "tax-exemption.utilised",
    400,
    "(root).tax_exemption_details.tax_exemption_amount.amount: {used} EUR of tax exemption {id} are used this year, "
    "more than {amount} (TaxExemptionUtilised).",
    "payments.md §12.1 [D], code inferred",
)
CHANGE_PENDING: Final = Rule(
    "tax-exemption.change-pending",
    400,
    "Tax exemption {id} is being changed: wait for TAX_EXEMPTION.UPDATED or TAX_EXEMPTION.UPDATE_FAILED.",
    "payments.md §12.1, inferred",
)
