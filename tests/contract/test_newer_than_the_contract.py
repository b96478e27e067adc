"""What the contract takes over from versions after 1.150: names, members, and which calls cause which events."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract import contract
from mockserver.control.verification import Pattern
from mockserver.models import validator as model
from mockserver.protocol.faults import RequestMatch
from mockserver.protocol.known_names import contradicted, unknown_operation
from mockserver.scenario.steps import ExpectRequest
from tests.conformance import component_validator as validator

WITHOUT_A_CALL = {
    "ACCOUNT.LOCKED": "by command",
    "ACCOUNT_GROUP.LOCKED": "by command",
    "ACCOUNT_RETURNS.CREATED": "daily run",
    "ACCOUNT_VALUATION.CREATED": "daily run",
    "BUSINESS.OFFBOARDED": "by command: the API offboards no business",
    "BUSINESS.OFFBOARDING_INITIATED": "by command: the API offboards no business",
    "CORPORATE_ACTION.UPDATED": "an announcement of the market",
    "INSTRUMENT.ACTIVATED": "an announcement of the market",
    "INSTRUMENT.DATA_CHANGED": "an announcement of the market",
    "INSTRUMENT.DEACTIVATED": "an announcement of the market",
    "INSTRUMENT.FRACTIONAL_TRADING_DISABLED": "an announcement of the market",
    "INSTRUMENT.FRACTIONAL_TRADING_ENABLED": "an announcement of the market",
    "INSTRUMENT.ONBOARDED": "an announcement of the market",
    "INTRADAY_ACCOUNT_VALUATION.CREATED": "a run during the day",
    "TAX_COLLECTION.CANCELLED": "a yearly run: no operation",
    "TAX_COLLECTION.CREATED": "a yearly run: no operation",
    "TAX_COLLECTION.FINALISED": "a yearly run: no operation",
    "USER.DEACTIVATED": "by command",
}


def test_every_event_is_caused_by_a_call_or_has_another_cause() -> None:
    caused = {event for operation in contract().operations.values() for event in operation.events}
    assert contract().events.keys() - caused == WITHOUT_A_CALL.keys()


@pytest.mark.parametrize(
    ("operation", "events"),
    [
        ("create_direct_debit", ["ISA_WRAPPER_ALLOWANCE.UPDATED"]),
        ("create_topup", ["ISA_WRAPPER_ALLOWANCE.UPDATED"]),
        ("cancel_topup", ["ISA_WRAPPER_ALLOWANCE.UPDATED"]),
        ("create_cash_withdrawal", ["ISA_WRAPPER_ALLOWANCE.UPDATED"]),
        ("create_virtual_cash_increase", ["ISA_WRAPPER_ALLOWANCE.UPDATED"]),
        ("create_bank_transaction", ["ISA_WRAPPER_ALLOWANCE.UPDATED", "CREDIT_FUNDING.CANCELLED"]),
        ("create_business_check", ["BUSINESS.ACTIVATED"]),
        ("create_role", ["BUSINESS.ACTIVATED"]),
        ("role_deactivation", ["BUSINESS.DEACTIVATED"]),
        ("set_tax_residencies", ["ISA_WRAPPER.ACTIVE", "ISA_WRAPPER_ALLOWANCE.CREATED"]),
        ("account_group_closure", ["SAVINGS_PLAN.CANCELLED", "SAVINGS_PLAN_EXECUTION.CANCELLED", "ISA_WRAPPER.CLOSED"]),
        ("account_closure", ["SAVINGS_PLAN.CANCELLED", "SAVINGS_PLAN_EXECUTION.CANCELLED"]),
        ("delete_portfolios_configuration", ["SAVINGS_PLAN.CANCELLED", "SAVINGS_PLAN_EXECUTION.CANCELLED"]),
        ("create_savings_plan", ["EXECUTION.FILLED", "CASH_BALANCE.UPDATED", "POSITION.UPDATED", "REPORT.CREATED"]),
        ("create_fee_collection", ["EXECUTION.FILLED", "CASH_BALANCE.UPDATED", "POSITION.UPDATED", "REPORT.CREATED"]),
        ("place_order", ["REPORT.CREATED"]),
        ("create_account_group", ["REPORT.CREATED"]),
    ],
)
def test_a_call_names_what_it_causes_in_other_families(operation: str, events: list[str]) -> None:
    assert set(events) <= set(contract().operations[operation].events)


@pytest.mark.parametrize("enum", ["WebhookEventFamily", "WebhookExcludableEventFamily"])
def test_every_family_can_be_subscribed_to_and_left_out(enum: str) -> None:
    assert contract().families.keys() <= set(contract().document["components"]["schemas"][enum]["enum"])


def test_a_former_id_leads_to_an_operation_and_is_none() -> None:
    assert contract().former["create_isa_tax_wrapper"] == "create_isa_wrapper"
    for former, today in contract().former.items():
        assert today in contract().operations
        assert unknown_operation(former) is not None


@pytest.mark.parametrize("asked", [RequestMatch, Pattern, ExpectRequest])
def test_users_may_name_an_operation_by_its_former_id(asked: Any) -> None:
    found = asked.model_validate({"operation": "create_isa_tax_wrapper"})
    assert found.operation == "create_isa_wrapper"
    assert list(contradicted(found.operation, "POST", "/isa/wrappers")) == []
    assert asked.model_validate({"operation": "place_order"}).operation == "place_order"


ACTION = {"id": "b96b1ee7-d491-43eb-b5e4-4833af9c9c2f", "iso_type": "DVCA", "instrument": {"isin": "FR0010524777"}}
NEWER = {
    "corporate_action_reference": "CA-1",
    "buyer_protection_deadline": "2023-12-01",
    "actual_payment_rate": "1.10",
    "nominal_coupon_rate": "2.5",
    "additional_text": "see the notice of the issuer",
}


@pytest.mark.parametrize("more", [{}, NEWER, *({name: value} for name, value in NEWER.items()), {"of_tomorrow": [1]}])
def test_a_corporate_action_may_have_members_of_later_versions_and_keeps_them(more: dict[str, Any]) -> None:
    action = {**ACTION, **more}
    assert validator("CorporateAction").is_valid(action)
    read = model("CorporateAction").validate_python(action)
    assert read.model_dump(mode="json", exclude_unset=True) == action


@pytest.mark.parametrize("reference", ["4XD8Z53CST3LGEZBYO", "b82dc5985558fdr2"])
def test_the_reference_of_an_isa_transfer_has_the_letters_of_swift(reference: str) -> None:
    assert validator("TransferReference").is_valid(reference)
    assert not validator("TransferReference").is_valid(f"{reference}_")
    for name in ("IsaTransferCreateRequest", "IsaTransfer"):
        member = contract().document["components"]["schemas"][name]["properties"]["reference"]
        assert member == {"$ref": "#/components/schemas/TransferReference"}
