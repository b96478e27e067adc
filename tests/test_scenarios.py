"""The shipped scenarios: each is green twice, with the same bytes, and all that comes conforms to the contract."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from mockserver.contract import contract
from mockserver.models.orders import OrderCancellationReason
from mockserver.models.portfolios import ExecutionOrderCancellationReason
from mockserver.replay.api import Answer, Api
from mockserver.replay.player import replay
from mockserver.replay.timeline import Replay
from mockserver.scenario import shipped
from mockserver.scenario.document import parse
from mockserver.scenario.load import load
from mockserver.scenario.schema import Scenario
from mockserver.server import ServerSettings, start
from tests.conformance import assert_conforms, assert_valid

SHIPPED = sorted(shipped.files().values())


async def played(file: Path) -> Replay:
    async with await start(ServerSettings(port=0)) as server:
        return await replay(load(file), server.url)


@pytest.fixture
def conforming(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer of the mocked API is checked against the contract."""
    send = Api.send

    async def checked(api: Api, method: str, path: str, **options: Any) -> Answer:
        answer = await send(api, method, path, **options)
        assert_conforms((method, path), answer.status, answer.headers, answer.content)
        return answer

    monkeypatch.setattr(Api, "send", checked)


def test_the_scenarios_of_portfolios_trading_and_payments_are_shipped() -> None:
    portfolios = {
        "seed-documents",
        "portfolio-switch",
        "rebalancing-outcomes",
        "configuration-deleted",
        "month-of-valuations",
        "live-settlement",
        "sell-and-liquidate",
        "generated-1000",
    }
    trading = {
        "onboarding-tol",
        "onboarding-byol",
        "failed-checks",
        "order-lifecycles",
        "limit-and-stop",
        "partial-fills",
        "closing-an-account",
        "offboarding",
    }
    payments = {
        "cash-between-groups",
        "moving-in",
        "first-deposit",
        "money-in-and-out",
        "payday",
        "returned-debit",
        "top-ups",
        "withdraw-everything",
    }
    fees = {"fee-ladder", "aum-fees-five-years", "sell-to-cover"}
    isas = {"isa-year"}
    plans = {"savings-plan-year", "portfolio-plan"}
    businesses = {"company"}
    taxes = {"exemption-year", "tax-season"}
    reports = {"order-confirmations", "ex-ante", "month-end"}
    guides = {"child-account", "block-orders", "late-cancellation", "instruments-and-prices"}
    plans |= isas | businesses | taxes | reports | guides
    assert set(shipped.files()) >= portfolios | trading | payments | fees | plans


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
async def test_a_shipped_scenario_is_green_twice_with_the_same_bytes(file: Path, conforming: None) -> None:
    first, second = await played(file), await played(file)
    assert [(entry.line, entry.problems) for entry in first.failures] == []
    assert second.passed
    assert first.record == second.record
    assert_events_conform(first)


OF_THE_FEED = {"number", "caused_by"}
"""What the control API shows of an event beside its members."""


def assert_events_conform(played: Replay) -> None:
    """Check what was emitted and what was delivered."""
    webhook = {"webhook_id": "9df39835-be87-4243-9018-f2500b39cee6"}
    delivered = 0
    for kept in played.record:
        label, _, content = kept.partition(b"\n")
        if label == b"# events":
            for event in orjson.loads(content):
                sent = {name: value for name, value in event.items() if name not in OF_THE_FEED}
                assert_valid(contract().events[event["type"]], orjson.dumps(sent | webhook))
        if label.startswith(b"# bundle"):
            for event in orjson.loads(content)["payload"]:
                assert_valid(contract().events[event["type"]], orjson.dumps(event))
                delivered += 1
    assert delivered, "a shipped scenario shows its webhooks"


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_scenario_is_described_and_explained(file: Path) -> None:
    scenario = load(file)
    assert scenario.name == file.stem
    assert 20 < len(scenario.description) < 120
    assert file.read_text().startswith("# ")
    assert scenario.steps


@pytest.fixture(scope="module")
def schema() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(Scenario.model_json_schema())


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_scenario_fits_the_json_schema_for_editors(
    file: Path, schema: jsonschema_rs.Draft202012Validator
) -> None:
    errors = list(schema.iter_errors(parse(file.read_bytes(), file.name).data))
    assert [f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in errors] == []


def test_every_reason_to_cancel_a_rebalancing_is_shown() -> None:
    text = shipped.files()["rebalancing-outcomes"].read_text()
    assert [reason for reason in ExecutionOrderCancellationReason if f"cancellation_reason: {reason}" not in text] == []


def test_every_reason_to_cancel_an_order_is_shown() -> None:
    text = shipped.files()["order-lifecycles"].read_text()
    assert [reason for reason in OrderCancellationReason if f"cancellation_reason: {reason}" not in text] == []


def test_the_onboarding_under_upvests_licence_has_every_type_of_check() -> None:
    schema = contract().document["components"]["schemas"]["UserCheckCreateRequest"]
    text = shipped.files()["onboarding-tol"].read_text()
    types = ["COMPLIANCE", *schema["discriminator"]["mapping"]]
    assert [type_ for type_ in types if f"type: {type_}" not in text] == []


async def test_replays_side_by_side_on_one_server_give_the_bytes_that_each_gives_alone() -> None:
    names = ["portfolio-switch", "seed-documents", "portfolio-switch", "rebalancing-outcomes"]
    files = shipped.files()
    alone = [(await played(files[name])).record for name in names]
    async with await start(ServerSettings(port=0)) as server:
        together = await asyncio.gather(*(replay(load(files[name]), server.url) for name in names))
    assert [each.record for each in together] == alone
