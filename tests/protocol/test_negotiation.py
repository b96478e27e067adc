from __future__ import annotations

import pytest

from mockserver.contract import contract
from mockserver.kernel.rules import Refusal
from mockserver.protocol.negotiation import JSON, acceptable, check_content_type, check_version, offered


@pytest.mark.parametrize(
    "accept",
    [
        "application/json",
        "*/*",
        "application/*",
        "APPLICATION/JSON",
        "text/html, application/json;q=0.1",
        "application/json; charset=utf-8",
        "",
        "text/html,*/*;q=0.8",
        "application/problem+json, application/json",
    ],
)
def test_what_takes_json(accept: str) -> None:
    assert acceptable(accept, (JSON,))


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "application/pdf",
        "application/problem+json",
        "application/json;q=0",
        "application/json;q=0, */*",
        "application/*;q=0",
        "json",
        "*/*;q=nonsense",
    ],
)
def test_what_does_not(accept: str) -> None:
    assert not acceptable(accept, (JSON,))


def test_a_report_may_be_asked_for_as_pdf() -> None:
    assert acceptable("application/pdf", offered(contract().operations["retrieve_report"]))


def test_a_delete_that_answers_nothing_offers_what_the_contract_says() -> None:
    # concepts.md §4 [S]: 406 is missing on most DELETEs answering 204
    for operation in contract().operations.values():
        assert offered(operation) == (() if 406 not in operation.statuses else (operation.answer_types or (JSON,)))


@pytest.mark.parametrize("given", ["application/json", "Application/JSON", " application/json "])
def test_the_bare_content_type_passes(given: str) -> None:
    check_content_type(given, JSON)


@pytest.mark.parametrize("given", ["application/json; charset=utf-8", "text/json", "", None])
def test_any_other_is_refused(given: str | None) -> None:
    # concepts.md §2.4 [T]: a charset is rejected too
    with pytest.raises(Refusal, match="unexpected request Content-Type") as caught:
        check_content_type(given, JSON)
    assert caught.value.rule.status == 400


def test_version_1_is_the_one() -> None:
    check_version("1")


@pytest.mark.parametrize("version", ["0", "2", "1.0", '"1"', "", "\udcff"])
def test_other_versions_are_refused(version: str) -> None:
    with pytest.raises(Refusal, match="there is the version 1"):
        check_version(version)
