"""Reports and tax refunds on command: over HTTP, from a scenario, in a recording, and by the client."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.client import AsyncMockServer
from mockserver.client.errors import ControlError
from mockserver.domain.reports.records import REPORTS
from mockserver.domain.reports.statements import Statement
from mockserver.kernel.world import World
from mockserver.replay.player import replay
from mockserver.scenario.document import Document, parse
from mockserver.scenario.load import read
from mockserver.server import ServerSettings, start
from tests.conftest import Api
from tests.domain.support import companies
from tests.domain.support.desk import AT_100, NOBODY, Desk, open_desk

REPORTS_PATH = "/_mock/worlds/default/reports"
REFUNDS = "/_mock/worlds/default/tax_refunds"
CREATED = "REPORT.CREATED"
STATEMENT = "AD_HOC_ACCOUNT_STATEMENT"


@pytest.fixture
def desk() -> Desk:
    """Which makes no reports by itself, but by command."""
    return open_desk(overrides={"reports": {"made": "off"}})


@pytest.fixture
def world(desk: Desk) -> World:
    return desk.world


async def test_a_statement_is_made_whatever_the_profile_says(client: Api, desk: Desk) -> None:
    desk.place("BUY", AT_100, quantity="2")
    desk.advance("1m")
    answer = await client.post(REPORTS_PATH, json={"type": STATEMENT, "account_id": desk.account_id})
    assert answer.status == 200, answer.body
    assert [event["type"] for event in answer.json["events"]] == [CREATED]
    (record,) = desk.world.table(REPORTS)
    assert answer.json["object"]["id"] == record.id
    assert answer.json["object"]["data"]["references"] == [{"id": desk.account_id, "type": "ACCOUNT_ID"}]
    shown: Statement = record.subject
    # the quarter to date: 10,000 less 200
    assert (str(shown.period), str(shown.cash[0].closing)) == ("2023-01-01 to 2023-01-10", "9800")


async def test_the_days_may_be_named(client: Api, desk: Desk) -> None:
    desk.place("BUY", AT_100, quantity="2")
    desk.advance("1d")
    days = {"start_date": "2023-01-01", "end_date": "2023-01-09"}
    await client.post(REPORTS_PATH, json={"type": STATEMENT, "account_id": desk.account_id, **days})
    (record,) = desk.world.table(REPORTS)
    assert (record.subject.holdings, str(record.subject.cash[0].closing)) == ((), "10000")


@pytest.mark.parametrize(
    ("type_", "period"),
    [
        ("EX_POST_COST", "2022-01-01 to 2022-12-31"),
        ("ANNUAL_TAX_STATEMENT", "2022-01-01 to 2022-12-31"),
        ("ANNUAL_INCOME_STATEMENT", "2022-01-01 to 2022-12-31"),
        ("FRENCH_IFU", "2022-01-01 to 2022-12-31"),
        ("TAX_CONSOLIDATED_CERTIFICATE_UK", "2021-04-06 to 2022-04-05"),
        ("MONTHLY_BILLING_STATEMENT", "2022-12-01 to 2022-12-31"),
        ("INCOME_DISTRIBUTION", "2023-01-01 to 2023-01-10"),
    ],
)
async def test_each_type_has_its_usual_period(client: Api, desk: Desk, type_: str, period: str) -> None:
    answer = await client.post(REPORTS_PATH, json={"type": type_, "user_id": desk.user_id})
    assert answer.status == 200, answer.body
    (record,) = desk.world.table(REPORTS)
    assert (record.type, record.holder_id, str(record.subject.period)) == (type_, desk.user_id, period)


@pytest.mark.parametrize(
    ("type_", "period"),
    [("QUARTERLY_ACCOUNT_STATEMENT", "2022-10-01 to 2022-12-31"), ("LOSS_THRESHOLD", "2023-01-01 to 2023-01-10")],
)
async def test_each_type_of_an_account_has_its_usual_period(client: Api, desk: Desk, type_: str, period: str) -> None:
    await client.post(REPORTS_PATH, json={"type": type_, "account_id": desk.account_id})
    (record,) = desk.world.table(REPORTS)
    assert (record.type, str(record.subject.period)) == (type_, period)


async def test_a_communication_says_what_the_command_says(client: Api, desk: Desk) -> None:
    body = {"type": "GENERIC_COMMUNICATION", "user_id": desk.user_id, "text": "New terms\nas of May"}
    answer = await client.post(REPORTS_PATH, json=body)
    got = await client.get(f"/reports/{answer.json['object']['id']}", headers={"accept": "application/pdf"})
    assert (got.status, b"New terms" in got.body, b"as of May" in got.body) == (200, True, True)


async def test_a_company_has_reports_by_command(client: Api, desk: Desk) -> None:
    business_id = companies.onboarded(desk)
    answer = await client.post(REPORTS_PATH, json={"type": "EX_POST_COST", "business_id": business_id})
    assert answer.json["object"]["business_id"] == business_id


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"type": STATEMENT}, 400, f"{STATEMENT} takes one of account_id, got none"),
        ({"type": STATEMENT, "user_id": NOBODY}, 400, "takes one of account_id, got user_id"),
        ({"type": "EX_POST_COST", "account_id": NOBODY}, 400, "takes one of user_id, business_id, got account_id"),
        ({"type": "EX_POST_COST", "user_id": NOBODY, "business_id": NOBODY}, 400, "got user_id, business_id"),
        ({"type": STATEMENT, "account_id": NOBODY}, 404, NOBODY),
        ({"type": "EX_POST_COST", "user_id": NOBODY}, 404, NOBODY),
        ({"type": "BUY_ORDER", "user_id": NOBODY}, 400, "type"),
        ({"type": STATEMENT, "account_id": "ACCOUNT", "start_date": "2023-01-01"}, 400, "end_date"),
        (
            {"type": STATEMENT, "account_id": "ACCOUNT", "start_date": "2023-01-11", "end_date": "2023-01-12"},
            400,
            "up to today 2023-01-10, got 2023-01-11",
        ),
        (
            {"type": STATEMENT, "account_id": "ACCOUNT", "start_date": "2023-01-05", "end_date": "2023-01-04"},
            400,
            "up to end_date 2023-01-04",
        ),
    ],
)
async def test_what_cannot_be_is_refused(client: Api, desk: Desk, body: dict[str, Any], status: int, text: str) -> None:
    given = {name: desk.account_id if value == "ACCOUNT" else value for name, value in body.items()}
    answer = await client.post(REPORTS_PATH, json=given)
    assert (answer.status, text in answer.detail) == (status, True), answer.detail
    assert len(desk.world.table(REPORTS)) == 0


async def test_a_report_without_figures_has_no_days(client: Api, desk: Desk) -> None:
    days = {"start_date": "2023-01-01", "end_date": "2023-01-09"}
    body = {"type": "GENERIC_COMMUNICATION", "user_id": desk.user_id, **days}
    answer = await client.post(REPORTS_PATH, json=body)
    assert (answer.status, "has no period" in answer.detail) == (400, True)


async def test_a_refund_is_booked(client: Api, desk: Desk) -> None:
    answer = await client.post(REFUNDS, json={"account_group_id": desk.group_id, "amount": "3.10"})
    assert answer.status == 200, answer.body
    assert [event["type"] for event in answer.json["events"]] == ["CASH_BALANCE.UPDATED", "CASH_TRANSACTION.EXECUTED"]
    assert (answer.json["object"]["type"], desk.cash()["balance"]) == ("TAX_REFUND", "10003.10")


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"amount": "0.00"}, 409, "a tax of 0.00 is not refunded"),
        ({"instrument": "XX0000000000"}, 409, "there is no instrument"),
        ({"account_group_id": NOBODY}, 404, NOBODY),
    ],
)
async def test_a_refund_that_cannot_be_is_refused(
    client: Api, desk: Desk, body: dict[str, Any], status: int, text: str
) -> None:
    answer = await client.post(REFUNDS, json={"account_group_id": desk.group_id, "amount": "3.10", **body})
    assert (answer.status, text in answer.detail) == (status, True), answer.detail


STEPS = """
name: on-command
clock: 2023-01-10T09:00:00Z
users: [{as: erika}]
account_groups: [{as: group, user_id: erika}]
accounts: [{as: account, account_group_id: group, type: TRADING}]
cash: [{account_group_id: group, amount: "10.00"}]
webhooks: [{url: "${receiver}", type: [REPORT], config: {delay: 1s}}]
steps:
  - report: {type: AD_HOC_ACCOUNT_STATEMENT, account_id: "${account}", start_date: 2023-01-01, end_date: 2023-01-31}
  - refund_tax: {account_group_id: "${group}", amount: "3.10"}
  - report: {type: GENERIC_COMMUNICATION, user_id: "${erika}", text: New terms}
  - run: statements
  - advance: 1m
  - expect_webhook:
      - {type: REPORT.CREATED, object: {type: AD_HOC_ACCOUNT_STATEMENT}}
      - {type: REPORT.CREATED, object: {type: GENERIC_COMMUNICATION, user_id: "${erika}"}}
"""


async def test_steps_make_reports_and_refunds_and_replay_to_the_same_bytes() -> None:
    scenario: Document = parse(STEPS, "reports.yaml")
    async with await start(ServerSettings(port=0)) as server:
        first, second = [await replay(read(scenario), server.url) for _ in range(2)]
    assert [failure.problems for failure in first.failures] == []
    assert first.record == second.record


async def test_a_recording_makes_the_same_reports() -> None:
    scenario = {**parse(STEPS, "reports.yaml").data, "webhooks": [], "steps": []}
    async with (
        await start(ServerSettings(port=0, auth="off", clock="manual")) as server,
        AsyncMockServer(server.url) as control,
    ):
        world = await control.worlds.create(scenario)
        (account,) = await world.state.list("accounts")
        await world.reports.make(STATEMENT, account_id=account.id, text="As you wished")
        await world.taxes.refund(account.object["account_group_id"], "3.10")
        made = [(row.id, row.object) for row in await world.state.list("reports")]
        recorded = parse(await world.scenario(), "recorded.yaml").data
        assert [next(iter(step)) for step in recorded["steps"]] == ["report", "refund_tax"]
        seen = {"expect_state": {"resource": "reports", "id": made[0][0], "object": made[0][1]}}
        again = await replay(read(Document("recorded", {**recorded, "steps": [*recorded["steps"], seen]})), server.url)
    assert [failure.problems for failure in again.failures] == []


async def test_the_client_makes_reports_and_refunds() -> None:
    async with (
        await start(ServerSettings(port=0, auth="off", clock="manual")) as server,
        AsyncMockServer(server.url) as control,
    ):
        scenario = parse(STEPS, "reports.yaml").data
        world = await control.worlds.create({**scenario, "steps": [], "webhooks": []})
        (account,) = await world.state.list("accounts")
        made = await world.reports.make(
            STATEMENT, account_id=account.id, end_date="2023-01-09", start_date="2023-01-01"
        )
        assert made.object is not None
        assert made.object["type"] == STATEMENT
        refunded = await world.taxes.refund(account.object["account_group_id"], "3.10")
        assert refunded.object is not None
        assert refunded.object["delta"]["amount"] == "3.10"
        with pytest.raises(ControlError, match="takes one of account_id"):
            await world.reports.make(STATEMENT, user_id=NOBODY)
