"""Companies that a scenario generates: of the country of a person, with valid register numbers and identifiers.

The check digits are those of :mod:`mockserver.domain.check_digits`. The contract knows German tax numbers of businesses
only: all generated ones are taxed in Germany, those of other countries elsewhere, too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from mockserver.domain import check_digits
from mockserver.kernel.frozen import frozen
from mockserver.scenario.generating.people import YOUNGEST, Person

Digits = Callable[[int], str]
"""Draws as many digits as it is asked for."""

TRADES: Final = ("Consulting", "Engineering", "Holding", "Logistics", "Media", "Software")
COURTS: Final = ("Berlin (Charlottenburg)", "Frankfurt am Main", "Hamburg", "Köln", "München", "Stuttgart")
"""Of the German trade register: its numbers are those of a court."""


@frozen
class Register:
    """A country's register of companies."""

    legal_form: str
    """As names end with it."""
    issuer: str
    """The first four characters of the legal entity identifiers that its issuer gives (ISO 17442)."""
    number: Callable[[Digits], str]


REGISTERS: Final[dict[str, Register]] = {
    "AT": Register("GmbH", "5299", lambda digits: f"FN {check_digits.austrian_register_number(digits(6))}"),
    "DE": Register("GmbH", "5299", lambda digits: f"HRB {int(digits(6))}"),
    "ES": Register("S.L.", "9598", lambda digits: check_digits.spanish_register_number("B", digits(7))),
    "FR": Register("SARL", "9695", lambda digits: check_digits.french_register_number(digits(8))),
    "NL": Register("B.V.", "7245", lambda digits: digits(8)),  # a KvK number has no check digit
    "PL": Register("Sp. z o.o.", "2594", lambda digits: check_digits.polish_register_number(digits(8))),
}


def company(digits: Digits, today: date, person: Person, business_type: str) -> dict[str, Any]:
    """The members of a business that ``person`` founded: a company, or a sole trader in the person's name."""
    register = REGISTERS[person.country]
    abroad = person.country != "DE"
    grown_up = person.birth_date + timedelta(days=YOUNGEST * 366)
    founded = grown_up + timedelta(days=int(digits(6)) % ((today - grown_up).days + 1))
    whole: dict[str, Any] = {
        "business_type": business_type,
        "contact_email": f"office.{person.email}",
        "registered_address": person.address,
        "tax_information": {
            "tax_country_code": "DE",
            "tax_identification_type": "WIRTSCHAFTSIDENTIFIKATIONSNUMMER",
            "tax_identification_number": check_digits.german_business_number(f"1{digits(7)}"),
            "is_resident_in_multiple_tax_jurisdictions": abroad,
        },
    }
    if business_type == "SOLE_TRADER":
        name = f"{person.first_name} {person.last_name}"
        whole["identification"] = {"company_name": name, "incorporation_date": founded}
        return whole
    trade = TRADES[int(digits(1)) % len(TRADES)]
    court = {} if abroad else {"district_court": COURTS[int(digits(1)) % len(COURTS)]}
    return whole | {
        "registration_number": register.number(digits),
        "identification": {
            "company_name": f"{person.last_name} {trade} {register.legal_form}",
            "incorporation_date": founded,
            **court,
            "legal_entity_identifier": check_digits.lei(register.issuer, f"00{digits(12)}"),
        },
    }
