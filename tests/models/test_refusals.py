"""What a request must not be, one thing at a time."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from mockserver.models import validator
from tests.models.bodies import ID, ISIN, OTHER_ID

ORDER = {
    "user_id": ID,
    "account_id": OTHER_ID,
    "cash_amount": "100.00",
    "currency": "EUR",
    "side": "BUY",
}
USER_ACCOUNT = {"user_id": ID, "account_group_id": OTHER_ID, "name": "Savings", "type": "TRADING"}
BUSINESS_TAX = {
    "tax_country_code": "DE",
    "tax_identification_type": "STEUERNUMMER",
    "tax_identification_number": "12345678901",
    "is_resident_in_multiple_tax_jurisdictions": False,
    "is_subject_to_fatca": False,
}
PARTY = {"identification": {"type": "BIC", "value": "DEUTDEFF"}}
ISA = {
    "direction": "INCOMING",
    "transfer_type": "ISA_EXTERNAL",
    "currency": "GBP",
    "transfer_method": "CASH",
    "user_id": ID,
    "account_group_id": OTHER_ID,
    "transfer_date": "2023-01-10T14:15:22Z",
}


def _errors(name: str, body: Any) -> list[tuple[str, str]]:
    """The kind and the place of each error."""
    with pytest.raises(ValidationError) as refused:
        validator(name).validate_json(orjson.dumps(body), strict=True)
    return [(each["type"], ".".join(map(str, each["loc"]))) for each in refused.value.errors()]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"post_tax": None}, ("bool_type", "post_tax")),
        ({"surprise": 1}, ("extra_forbidden", "surprise")),
        ({"side": "HOLD"}, ("enum", "side")),
        ({"user_id": "not-a-uuid"}, ("string_pattern_mismatch", "user_id")),
        ({"cash_amount": "1e3"}, ("string_pattern_mismatch", "cash_amount")),
        ({"cash_amount": 100}, ("string_type", "cash_amount")),
        ({"post_tax": "true"}, ("bool_type", "post_tax")),
    ],
)
def test_a_wrong_member_is_refused_where_it_stands(change: dict[str, Any], error: tuple[str, str]) -> None:
    assert _errors("PortfoliosOrderPlaceRequest", {**ORDER, **change}) == [error]


def test_null_is_not_a_way_to_leave_a_member_out() -> None:
    body = {"allocation_id": None}
    assert _errors("PortfoliosConfigurationUpdateRequest", body) == [("null", "allocation_id")]


def test_null_is_taken_where_the_contract_takes_it() -> None:
    parsed = validator("UserDataChangeRequest").validate_json(b'{"postal_address": null}', strict=True)
    assert orjson.loads(parsed.wire) == {"postal_address": None}


@pytest.mark.parametrize("body", [{}, {"user_id": ID, "business_id": OTHER_ID}], ids=["none", "both"])
def test_exactly_one_owner_must_be_given(body: dict[str, str]) -> None:
    assert _errors("AccountLiquidationRequest", body) == [("exactly_one_of", "")]


@pytest.mark.parametrize("body", [{}, {"accounts": [ID], "allocations": [OTHER_ID]}], ids=["none", "both"])
def test_a_rebalancing_is_for_accounts_or_for_allocations(body: dict[str, Any]) -> None:
    assert _errors("PortfoliosRebalancingTriggerRequest", body) == [("exactly_one_of", "")]


def test_an_open_form_with_the_marks_of_two_is_refused() -> None:
    assert _errors("AccountCreateRequest", {**USER_ACCOUNT, "business_id": ID}) == [("exactly_one_of", "")]


def test_an_error_inside_a_form_names_the_form() -> None:
    errors = _errors("AccountCreateRequest", {**USER_ACCOUNT, "type": "CHECKING"})
    assert errors == [("enum", "UserAccountCreateRequest.type")]


def test_a_value_that_no_form_has_is_refused() -> None:
    assert _errors("AccountGroupCreateRequest", {"user_id": ID, "type": "CLUB"}) == [("by_value", "")]
    assert _errors("UserCheckCreateRequest", {"type": "CREDIT"}) == [("union_tag_invalid", "")]


@pytest.mark.parametrize(
    ("kind", "number"), [("STEUERNUMMER", "DE123456789"), ("WIRTSCHAFTSIDENTIFIKATIONSNUMMER", "12345678901")]
)
def test_a_tax_number_must_have_the_form_of_its_type(kind: str, number: str) -> None:
    body = {**BUSINESS_TAX, "tax_identification_type": kind, "tax_identification_number": number}
    assert _errors("BusinessTaxInformation", body) == [("matches", "")]


def test_a_proprietary_identification_needs_its_scheme() -> None:
    assert _errors("SettlementPartyIdentification", {"type": "PROPRIETARY", "value": "1"}) == [("given", "")]


@pytest.mark.parametrize(
    "parties",
    [
        ("settlement_intermediary_1",),
        ("settlement_party", "settlement_intermediary_1"),
        ("settlement_custodian", "settlement_intermediary_2"),
    ],
)
def test_an_intermediary_needs_the_party_before_it(parties: tuple[str, ...]) -> None:
    body = dict.fromkeys(("settlement_agent", *parties), PARTY)
    assert ("given", "") in _errors("SettlementCounterparties", body)


def test_a_settlement_custodian_needs_no_settlement_party() -> None:
    body = {"settlement_agent": PARTY, "settlement_custodian": PARTY}
    assert validator("SettlementCounterparties").validate_json(orjson.dumps(body), strict=True)


def test_a_settlement_party_is_identified_and_may_have_no_account() -> None:
    account = {"account": {"type": "SAFE", "value": "7001"}}
    assert _errors("SettlementCounterparties", {"settlement_agent": account}) == [
        ("missing", "settlement_agent.identification")
    ]
    assert validator("SettlementCounterparties").validate_json(orjson.dumps({"settlement_agent": PARTY}), strict=True)


def test_an_external_isa_transfer_needs_its_counterparty_and_an_internal_one_its_value() -> None:
    assert _errors("IsaTransferCreateRequest", ISA) == [("given", "")]
    assert _errors("IsaTransferCreateRequest", {**ISA, "transfer_type": "ISA_INTERNAL"}) == [("given", "")]


def test_an_empty_change_is_refused() -> None:
    assert ("members", "UserDataChangeOther") in [
        (kind, place.rpartition(", ")[2].rstrip("]")) for kind, place in _errors("UserDataChangeRequest", {})
    ]


def test_equal_items_are_refused_where_they_must_be_unique() -> None:
    errors = _errors("UserDataChangeRequest", {"tags": ["CLIENT_EMPLOYEE", "CLIENT_EMPLOYEE"]})
    assert "unique_items" in [kind for kind, _ in errors]


def test_an_allocation_needs_an_item() -> None:
    assert _errors("PortfoliosAllocationUpdateRequest", {"allocation": []}) == [("too_short", "allocation")]


@pytest.mark.parametrize("instrument", [ISIN.lower(), "1ea60f56-b67b-61fc-829a-0242ac130003"])
def test_an_instrument_is_an_isin_or_a_uuid_of_the_versions_that_are_listed(instrument: str) -> None:
    item = {"instrument_id": instrument, "instrument_id_type": "ISIN", "weight": "1"}
    assert _errors("PortfoliosAllocationItem", item)
