"""Names that the contract knows, and why others are wrong."""

from __future__ import annotations

import pytest

from mockserver.contract import contract
from mockserver.protocol.known_names import (
    contradicted,
    operations_at,
    unknown_event,
    unknown_family,
    unknown_path,
    wrong_method,
)

ID = "404b170a-9042-41ed-9a51-2eabd0c03f8a"


@pytest.mark.parametrize("operation", contract().operations.values(), ids=lambda each: each.id)
def test_every_path_of_the_contract_is_known_as_it_is_sent_and_as_a_pattern(operation: object) -> None:
    path, method = operation.path, operation.method  # type: ignore[attr-defined]
    values = {"{currency}": "EUR", "{folder}": "reports", "{file_name}": "a.pdf"}
    sent = "/".join(values.get(each, ID) if each.startswith("{") else each for each in path.split("/"))
    starred = "/".join("*" if each.startswith("{") else each for each in path.split("/"))
    for each in (sent, starred, "*", f"{sent}*"):
        assert unknown_path(each) is None
        assert operation in list(operations_at(each, method))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/ordres", "the API has no path '/ordres' (did you mean /orders?)"),
        (f"/accounts/{ID}/positons", "(did you mean /accounts/{account_id}/positions?)"),
        ("/accounts/*/positons", "(did you mean /accounts/{account_id}/positions?)"),
        ("/zzz", "the API has no path '/zzz' (* stands for a part, as in /accounts/*)"),
        ("/x*", "the API has no path '/x*' (* stands for a part, as in /accounts/*)"),
        ("/orders/", "the API has no path '/orders/'"),
    ],
)
def test_a_path_that_there_is_not(path: str, text: str) -> None:
    found = unknown_path(path)
    assert found is not None
    assert text in found


@pytest.mark.parametrize("path", ["/accounts/savings", "/acc*", "*/positions", f"/users/{ID}"])
def test_paths_that_a_request_may_have(path: str) -> None:
    assert unknown_path(path) is None


def test_a_long_pattern_of_stars_costs_little() -> None:
    assert unknown_path("/" + "*a" * 500 + "/") is not None


def test_events_families_and_methods() -> None:
    assert all(unknown_event(each) is None for each in (*contract().events, "ORDER"))
    assert unknown_event("ORDER", families=False) is not None
    assert unknown_event("ALL") is not None
    assert (unknown_event("EXECUTION.SETLED") or "").startswith(
        "'EXECUTION.SETLED' is no event of the API (did you mean EXECUTION.SETTLED"
    )
    assert unknown_family("ORDER.FILLED", ["ORDER", "USER"]) == (
        "'ORDER.FILLED' is no family of events (its family is ORDER)"
    )
    assert wrong_method("PUT", "/orders") == "/orders does not take PUT; it takes POST"
    assert wrong_method("HEAD", "/accounts") is None
    assert wrong_method("OPTIONS", "/orders") is None


@pytest.mark.parametrize(
    ("operation", "method", "path", "found"),
    [
        ("place_order", "POST", "/orders", []),
        ("place_order", None, "/o*", []),
        ("place_order", "GET", None, [("method", "place_order is POST /orders, never GET")]),
        ("place_order", None, "/users", [("path", "place_order is POST /orders, never /users")]),
        ("place_order", None, "/ordrs", [("path", "the API has no path '/ordrs' (did you mean /orders?)")]),
        (
            None,
            "PSOT",
            None,
            [("method", "'PSOT' is no method (did you mean POST?); expected one of GET, POST, PU")],
        ),
        (None, "PUT", "/orders", [("method", "/orders does not take PUT; it takes POST")]),
        (None, None, None, []),
    ],
)
def test_operation_method_and_path_go_together(
    operation: str | None, method: str | None, path: str | None, found: list[tuple[str, str]]
) -> None:
    told = list(contradicted(operation, method, path))
    assert [member for member, _ in told] == [member for member, _ in found]
    assert all(text.startswith(start) for (_, text), (_, start) in zip(told, found, strict=True))
