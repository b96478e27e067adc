from __future__ import annotations

import pytest
from multidict import CIMultiDict

from mockserver.contract import contract
from mockserver.kernel.rules import Refusal
from mockserver.protocol.negotiation import FORM, JSON, acceptable, check_content_type, check_version, offered
from tests.conformance import assert_conforms
from tests.protocol.allocations import HANDLERS, PATH
from tests.protocol.conftest import Serve


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
        "application/json;q=0.001",
        "application/json;q=1.000",
        "application/json ; Q=0.5",
        "application/json;q=0, application/json;q=1",
        "application/*;q=0, application/json",
        ", ,application/json,",
    ],
)
def test_what_takes_json(accept: str) -> None:
    assert acceptable(accept, (JSON,))
    assert acceptable(accept, (JSON,), strictly=True)


@pytest.mark.parametrize(
    "accept",
    [
        "*/*;q=nonsense",
        "*/*;q=inf",
        "*/*;q=nan",
        "*/*;q=2",
        "*/*;q=-1",
        "*/*;q=" + "9" * 5000,
        "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
        "*",
        "*/*;q=1.5",
        "application/json;q=",
    ],
)
def test_what_takes_json_unless_the_grammar_counts(accept: str) -> None:
    assert acceptable(accept, (JSON,))
    assert not acceptable(accept, (JSON,), strictly=True)


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
        "application/json;q=.0",
        "application/json;q=0.000",
        "application/json5",
        "application/*;q=0, */*",
        "*/json",
    ],
)
def test_what_does_not(accept: str) -> None:
    assert not acceptable(accept, (JSON,))


REPORT = offered(contract().operations["retrieve_report"])


@pytest.mark.parametrize(
    "accept", ["application/pdf", "application/json", "application/pdf;q=0.1,application/json;q=0"]
)
def test_a_report_may_be_asked_for_as_pdf_or_json(accept: str) -> None:
    assert acceptable(accept, REPORT)


@pytest.mark.parametrize("accept", ["text/csv", "application/problem+json", "application/pdf;q=0,application/json;q=0"])
def test_and_as_nothing_else(accept: str) -> None:
    assert not acceptable(accept, REPORT)


HEADERS: list[tuple[dict[str, str], int, str]] = [
    ({}, 200, ""),
    ({"accept": "application/json"}, 200, ""),
    ({"accept": "*/*"}, 200, ""),
    ({"accept": "application/problem+json"}, 406, "(application/problem+json) is answered here: application/json is."),
    ({"accept": "application/pdf"}, 406, "application/json is."),
    ({"accept": "x" * 5000}, 406, "xxx…)"),
    ({"upvest-api-version": "1"}, 200, ""),
    ({"upvest-api-version": "2"}, 400, "The header upvest-api-version is '2'; there is the version 1."),
    ({"upvest-api-version": ""}, 400, "is ''"),
]


@pytest.mark.parametrize(("headers", "status", "detail"), HEADERS)
async def test_a_request_is_answered_in_what_it_accepts_or_refused(
    serve: Serve, headers: dict[str, str], status: int, detail: str
) -> None:
    answer = await (await serve(HANDLERS)).get(PATH, headers=headers)
    assert (answer.status, status == 200 or detail in answer.detail) == (status, True), answer.body


@pytest.mark.parametrize(
    ("lines", "status"), [(["text/html", "application/json"], 200), (["text/html", "text/csv"], 406)]
)
async def test_several_lines_are_one_list(serve: Serve, lines: list[str], status: int) -> None:
    api = await serve(HANDLERS)
    async with api.http.get(PATH, headers=CIMultiDict([("accept", line) for line in lines])) as response:
        body = await response.read()
        assert_conforms(("GET", PATH), response.status, response.headers, body)
        assert response.status == status
        assert status == 200 or b"(text/html, text/csv)" in body


async def test_a_request_for_a_report_as_pdf_passes(serve: Serve) -> None:
    path = "/reports/404b170a-9042-41ed-9a51-2eabd0c03f8a"
    api = await serve({})  # 501: it got as far as to the rule that is not there
    assert (await api.get(path, headers={"accept": "application/pdf"})).status == 501
    answer = await api.get(path, headers={"accept": "text/csv"})
    assert (answer.status, answer.detail[-45:]) == (406, "here: application/json or application/pdf is.")


async def test_a_request_for_a_token_is_no_exception(serve: Serve) -> None:
    api = await serve({})
    assert (await api.post("/auth/token", data=b"", headers={"accept": "text/html"})).status == 400  # whose world?
    named = {"upvest-client-id": api.tenant.client_id, "accept": "text/html"}
    assert (await api.post("/auth/token", data=b"", headers=named)).status == 406


async def test_a_delete_that_answers_nothing_takes_any_accept(serve: Serve) -> None:
    api = await serve(HANDLERS)
    path = "/webhooks/404b170a-9042-41ed-9a51-2eabd0c03f8a"
    assert (await api.delete(path, headers={"accept": "text/html"})).status == 204


async def test_a_content_type_counts_only_where_there_is_a_body_to_read(serve: Serve) -> None:
    assert (await (await serve(HANDLERS)).get(PATH, headers={"content-type": "text/html"})).status == 200


def test_a_delete_that_answers_nothing_offers_what_the_contract_says() -> None:
    # concepts.md §4 [S]: 406 is missing on most DELETEs answering 204
    for operation in contract().operations.values():
        documented = operation.answer_types or (JSON, "application/problem+json")
        assert offered(operation) == (() if 406 not in operation.statuses else documented)


@pytest.mark.parametrize("given", ["application/json", "Application/JSON", " application/json "])
def test_the_bare_content_type_passes(given: str) -> None:
    check_content_type(given, JSON)
    check_content_type(given, JSON, bare=True)


WITH_PARAMETERS = [
    ("application/json; charset=utf-8", JSON),
    ("application/json;charset=UTF-8", JSON),
    ('application/json; charset="utf-8"', JSON),
    ("application/json; odata.metadata=minimal; charset = utf8", JSON),
    ("application/json;", JSON),
    ("application/x-www-form-urlencoded;charset=UTF-8", FORM),
    ("application/x-www-form-urlencoded; charset=ISO-8859-1", FORM),
]


@pytest.mark.parametrize(("given", "wanted"), WITH_PARAMETERS)
def test_parameters_that_change_nothing_pass_unless_only_the_bare_type_does(given: str, wanted: str) -> None:
    check_content_type(given, wanted)
    # concepts.md §2.4 [T]: a charset is rejected
    with pytest.raises(
        Refusal, match=r"send exactly .* \(profile setting refusals.content_type_parameters\)"
    ) as caught:
        check_content_type(given, wanted, bare=True)
    assert caught.value.rule.status == 400


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize(
    "given", ["text/json", "application/json5; charset=utf-8", "application/json; charset=utf-16", "", None]
)
def test_any_other_is_refused(given: str | None, bare: bool) -> None:
    with pytest.raises(Refusal, match="unexpected request Content-Type") as caught:
        check_content_type(given, JSON, bare=bare)
    assert (caught.value.rule.name, caught.value.rule.status) == ("request.content-type", 400)


def test_version_1_is_the_one() -> None:
    check_version("1")


@pytest.mark.parametrize("version", ["0", "2", "1.0", '"1"', "", "\udcff"])
def test_other_versions_are_refused(version: str) -> None:
    with pytest.raises(Refusal, match="there is the version 1"):
        check_version(version)
