"""Businesses and their checks in scenarios; the numbers of generated ones are judged by python-stdnum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from stdnum import lei
from stdnum.at import businessid
from stdnum.de import handelsregisternummer, vat
from stdnum.es import cif
from stdnum.fr import siren
from stdnum.pl import regon

from mockserver.domain import check_digits
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS
from mockserver.domain.accounts.roles import ROLES
from mockserver.domain.businesses.businesses import BUSINESSES, Business, Company
from mockserver.domain.businesses.checks import BUSINESS_CHECKS
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world
from mockserver.scenario.generating.countries import HOMELANDS
from mockserver.scenario.load import load
from tests.domain.support.desk import check_wire

REQUIRED = {"ULTIMATE_BENEFICIAL_OWNER", "LEGAL_REPRESENTATIVE", "CONTRACTING_EXECUTIVE"}
"""The roles that a company needs (payments.md §14.1 [D])."""


def built(**sections: Any) -> World:
    return build_world(load(sections))


def german(number: str) -> bool:
    return any(handelsregisternummer.is_valid(f"{court} {number}") for court in ("Berlin (Charlottenburg)", "Hamburg"))


JUDGES: Final[dict[str, Callable[[str], bool]]] = {
    "AT": lambda number: businessid.is_valid(number.removeprefix("FN ")),
    "DE": german,
    "ES": cif.is_valid,
    "FR": siren.is_valid,
    "NL": lambda number: number.isdigit() and len(number) == 8,  # KvK numbers have no check digit
    "PL": regon.is_valid,
}


# --- Spelled out ---


def test_a_business_is_active_with_a_user_who_has_its_roles() -> None:
    world = built(businesses=[{"as": "acme"}])
    (row,) = world.table(BUSINESSES)
    check_wire("Business", row.wire)
    assert row.status == "ACTIVE"
    roles = world.table(ROLES).by("entity", row.id)
    assert {role.role_type.value for role in roles} == REQUIRED
    assert {role.status.value for role in roles} == {"ACTIVE"}
    assert len({role.user_id for role in roles}) == 1
    assert len(world.events) == 0


def test_groups_and_accounts_name_their_business() -> None:
    world = built(
        businesses=[{"as": "acme", "business_type": "SOLE_TRADER"}],
        account_groups=[{"as": "treasury", "business_id": "acme"}, {"business_id": "acme", "type": "BUSINESS"}],
        accounts=[{"account_group_id": "treasury"}, {"business_id": "acme"}],
        cash=[{"account_group_id": "treasury", "amount": 100}],
    )
    (row,) = world.table(BUSINESSES)
    first, second = world.table(ACCOUNT_GROUPS)
    check_wire("AccountGroup", first.wire)
    assert {group.type for group in (first, second)} == {"BUSINESS"}
    for account in world.table(ACCOUNTS):
        check_wire("Account", account.wire)
        assert account.account_group_id == first.id
    assert [each.id for each in world.table(ACCOUNTS).by("holder", row.id)] == [
        each.id for each in world.table(ACCOUNTS)
    ]


def test_one_that_is_inactive_goes_on_with_its_last_check() -> None:
    world = built(
        profile="sandbox",
        users=[{"as": "max"}],
        businesses=[
            {
                "as": "acme",
                "status": "INACTIVE",
                "roles": [{"user_id": "max", "role_type": each} for each in sorted(REQUIRED)],
            }
        ],
        business_checks=[
            {"business_id": "acme"},
            {"business_id": "acme", "type": "BUSINESS_SELF_ASSESSMENT", "status": "IN_PROGRESS"},
        ],
    )
    for check in world.table(BUSINESS_CHECKS):
        check_wire("BusinessCheck", check.wire)
    world.run(world.now.replace(second=1))
    assert [event.type for event in world.events] == ["BUSINESS_CHECK.PASSED", "BUSINESS.ACTIVATED"]


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        ({"businesses": [{"roles": []}]}, "has an active user as ULTIMATE_BENEFICIAL_OWNER"),
        ({"businesses": [{"deactivated": True}]}, "a business that was deactivated is INACTIVE, not ACTIVE"),
        ({"account_groups": [{"business_id": "nobody"}]}, "is not among the businesses"),
        (
            {"businesses": [{"as": "acme"}], "account_groups": [{"business_id": "acme", "type": "ISA"}]},
            "of the type BUSINESS has a business_id and no users",
        ),
        ({"account_groups": [{"type": "BUSINESS"}]}, "of the type BUSINESS has a business_id and no users"),
        (
            {"businesses": [{"as": "acme"}], "business_checks": [{"business_id": "acme", "annual_revenue": {}}]},
            "is not a member of a check of the type KYB",
        ),
        (
            {
                "users": [{"as": "max"}],
                "businesses": [
                    {"status": "INACTIVE", "roles": [{"user_id": "max", "role_type": "SOLE_TRADER"}]},
                ],
            },
            "SOLE_TRADER is a role in a business of the type SOLE_TRADER",
        ),
    ],
)
def test_what_no_request_could_have_made_is_a_mistake(sections: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        built(**sections)


# --- Generated ---


def test_every_country_of_the_generator_has_a_register_and_a_judge() -> None:
    assert JUDGES.keys() == HOMELANDS.keys()


@pytest.mark.parametrize("country", JUDGES)
def test_numbers_of_generated_companies_are_valid(country: str) -> None:
    companies = list(built(businesses={"generate": 60, "countries": {country: 1}}).table(BUSINESSES))
    numbers = [str(row.registration_number) for row in companies]
    assert [number for number in numbers if not JUDGES[country](number)] == []
    assert len(set(numbers)) == 60
    for row in companies:
        check_wire("Business", row.wire)
        assert isinstance(row, Company)
        assert lei.is_valid(str(row.identification.legal_entity_identifier))
        assert vat.is_valid(row.tax_information.tax_identification_number)
        assert row.registered_address.country == country
        assert row.status == "ACTIVE"


def test_a_generated_company_has_a_person_of_its_own() -> None:
    world = built(businesses={"generate": 10})
    assert len({role.user_id for role in world.table(ROLES)}) == 10
    assert all(len(world.table(ROLES).by("entity", row.id)) == len(REQUIRED) for row in world.table(BUSINESSES))


def test_a_generated_sole_trader_trades_in_a_name() -> None:
    world = built(businesses={"generate": 5, "business_type": "SOLE_TRADER"})
    for row in world.table(BUSINESSES):
        check_wire("Business", row.wire)
        assert [role.role_type.value for role in world.table(ROLES).by("entity", row.id)] == ["SOLE_TRADER"]


def test_the_same_seed_generates_the_same_companies() -> None:
    def wires() -> list[bytes]:
        rows: list[Business] = list(built(seed=7, businesses={"generate": 10}).table(BUSINESSES))
        return [row.wire for row in rows]

    assert wires() == wires()


@pytest.mark.parametrize("number", ["122119m", "280571f", "093363z"])
def test_the_letter_of_a_firmenbuchnummer(number: str) -> None:
    """Numbers of companies that exist; python-stdnum does not judge the letter."""
    assert check_digits.austrian_register_number(number[:6]) == number
