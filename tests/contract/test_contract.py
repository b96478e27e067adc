"""The contract as code sees it: operations, parameters, events."""

from __future__ import annotations

import re

import pytest

from mockserver.contract import Body, Operation, contract

OPERATIONS = list(contract().operations.values())
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)


def test_the_contract_is_loaded_once() -> None:
    assert contract() is contract()


def test_an_operation_that_writes_knows_its_body_scopes_and_events() -> None:
    operation = contract().operations["create_portfolios_allocation"]
    assert (operation.method, operation.path) == ("POST", "/portfolios/allocations")
    assert operation.scopes == ("portfolios:admin",)
    assert operation.idempotent
    assert operation.body == Body("application/json", "PortfoliosAllocationCreateRequest", required=True)
    assert (operation.success, operation.answer) == (200, "PortfoliosAllocation")
    assert operation.events == ("PORTFOLIO_ALLOCATION.CREATED",)


def test_an_operation_that_lists_knows_its_query() -> None:
    operation = contract().operations["list_portfolios_allocations"]
    assert operation.body is None
    assert not operation.idempotent
    query = {parameter.name: parameter for parameter in operation.query}
    assert query["limit"].schema["default"] == 100
    assert query["sort"].schema["enum"] == ["id"]
    assert not query["limit"].required


def test_an_answer_without_a_body_has_no_schema_and_no_type() -> None:
    operation = contract().operations["cancel_portfolios_order"]
    assert (operation.success, operation.answer, operation.answer_types) == (202, None, ())


def test_an_answer_may_have_two_types() -> None:
    operation = contract().operations["retrieve_report"]
    assert operation.answer == "RetrievedReport"
    assert operation.answer_types == ("application/json", "application/pdf")


def test_the_token_is_issued_without_a_token_for_a_form() -> None:
    operation = contract().operations["issue_token"]
    assert operation.scopes == ()
    assert operation.body == Body("application/x-www-form-urlencoded", "TokenRequest", required=True)


@each_operation
def test_path_parameters_are_those_of_the_path(operation: Operation) -> None:
    names = {parameter.name for parameter in operation.path_parameters}
    assert names == set(re.findall(r"{(\w+)}", operation.path))
    assert all(parameter.required for parameter in operation.path_parameters)


@each_operation
def test_a_parameter_schema_holds_no_reference(operation: Operation) -> None:
    for parameter in (*operation.path_parameters, *operation.query):
        assert "$ref" not in str(parameter.schema)


@each_operation
def test_an_operation_causes_known_events_only(operation: Operation) -> None:
    assert set(operation.events) <= contract().events.keys()


@each_operation
def test_security_lists_each_scope_as_an_alternative(operation: Operation) -> None:
    document = contract().document["paths"][operation.path][operation.method.lower()]
    assert document["security"] == [{"BearerToken": [scope]} for scope in operation.scopes]


@each_operation
def test_an_operation_with_a_body_declares_400(operation: Operation) -> None:
    assert operation.body is None or 400 in operation.statuses


def test_an_event_belongs_to_the_family_in_its_name() -> None:
    for family, events in contract().families.items():
        assert events
        assert all(event.startswith(f"{family}.") for event in events)


def test_a_family_with_two_forms_of_events_gives_each_event_its_form() -> None:
    events = contract().events
    assert events["TAX_EXEMPTION.CREATED"] == "TaxExemptionChangeEvent"
    assert events["TAX_EXEMPTION.CREATION_FAILED"] == "TaxExemptionFailureEvent"
    assert events["ORDER.NEW"] == "OrderEvent"
