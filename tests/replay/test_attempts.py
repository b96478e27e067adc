"""A webhook that did not come: the replay quotes the last attempts of the deliveries, in every form of its report."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from xml.etree import ElementTree as ET

import orjson
import pytest

from mockserver.cli.reports import as_json, as_junit
from mockserver.cli.timeline import Timeline
from mockserver.replay.player import replay
from mockserver.replay.timeline import Replay
from mockserver.scenario.load import load
from mockserver.scenario.schema import Scenario
from mockserver.server import RunningServer, ServerSettings, start
from mockserver.testing.reachability import ReceiverAddress

ELSEWHERE = ReceiverAddress("127.0.0.9", "127.0.0.1")
"""Where nothing listens, as in a container whose own loopback this is."""

ALLOCATION = {"allocation": [{"instrument_id": "IE00B4L5Y983", "instrument_id_type": "ISIN", "weight": "1"}]}
CREATED = {"request": {"method": "POST", "path": "/portfolios/allocations", "body": {"name": "Mine", **ALLOCATION}}}
EXPECTED = {"expect_webhook": {"type": "PORTFOLIO_ALLOCATION.CREATED"}}
REFUSED = "nothing listens at http://127.0.0.9:{port}: connection refused (PORTFOLIO_ALLOCATION.CREATED)"


def scenario(*steps: dict[str, Any], **more: Any) -> Scenario:
    webhooks = {"webhooks": [{"url": "${receiver}/hooks", "type": ["ALL"]}]}
    instruments = {"instruments": [{"isin": "IE00B4L5Y983", "bid": "80.00", "ask": "80.00"}]}
    return load({**instruments, **webhooks, **more, "steps": list(steps)})


@pytest.fixture
async def server() -> AsyncIterator[RunningServer]:
    async with await start(ServerSettings(port=0)) as running:
        yield running


async def last(server: RunningServer, *steps: dict[str, Any], **more: Any) -> list[str]:
    """What is quoted with the last step, which failed."""
    address = more.pop("address", None)
    replayed = await replay(scenario(*steps, **more), server.url, address=address)
    *_, entry = replayed.entries
    assert not entry.passed
    return list(entry.deliveries)


@pytest.fixture
async def failed(server: RunningServer) -> Replay:
    """A replay whose receiver the server does not reach."""
    return await replay(scenario(CREATED, {"advance": "5s"}, EXPECTED), server.url, address=ELSEWHERE)


def attempted(lines: list[str]) -> tuple[str, str]:
    """The quoted attempt, and the port in it."""
    quote = lines[1].strip()
    return quote, quote.partition("127.0.0.9:")[2].partition("/")[0]


async def test_the_state_the_url_and_the_error_of_the_last_attempt_are_quoted(failed: Replay) -> None:
    lines = list(failed.entries[-1].deliveries)
    quote, port = attempted(lines)
    assert lines[0] == "deliveries of this world: 1 RETRYING"
    assert quote.startswith(f"RETRYING http://127.0.0.9:{port}/hooks: attempt ")
    assert quote.endswith(REFUSED.format(port=port))


async def test_the_remedy_is_named_where_nothing_ever_arrived(failed: Replay) -> None:
    advice = failed.entries[-1].deliveries[-1]
    assert advice.startswith("nothing ever arrived at the receiver of this replay, http://127.0.0.9:")
    assert "--receiver-host (MOCKSERVER_RECEIVER_HOST)" in advice


async def test_json_has_it(failed: Replay) -> None:
    (played,) = orjson.loads(as_json([failed], {}))["scenarios"]
    created, _, expected = played["steps"]
    assert created["deliveries"] == []
    assert expected["deliveries"] == list(failed.entries[-1].deliveries)


async def test_junit_has_it(failed: Replay) -> None:
    (failure,) = ET.fromstring(as_junit([failed])).iter("failure")
    assert failure.text is not None
    assert set(failed.entries[-1].deliveries) <= set(failure.text.splitlines())


async def test_the_timeline_has_it(failed: Replay, capsys: pytest.CaptureFixture[str]) -> None:
    with Timeline(scenario()).shown() as timeline:
        for entry in failed.entries:
            timeline.ended(entry)
    printed = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert {line.strip() for line in failed.entries[-1].deliveries} <= set(printed)


async def test_a_receiver_that_got_something_else_is_within_reach(server: RunningServer) -> None:
    wrong = {"expect_webhook": {"type": "ORDER.NEW"}}
    lines = await last(server, CREATED, {"advance": "5s"}, wrong)
    assert lines[0] == "deliveries of this world: 1 DELIVERED"
    assert lines[1].endswith("answered 200 (PORTFOLIO_ALLOCATION.CREATED)")
    assert len(lines) == 2


async def test_a_failure_by_a_fault_is_not_taken_for_a_receiver_out_of_reach(server: RunningServer) -> None:
    faults = [{"webhook": {}, "fail": "refused"}]
    lines = await last(server, CREATED, {"advance": "5s"}, EXPECTED, faults=faults)
    assert "connection refused" in lines[1]
    assert not [line for line in lines if "--receiver-host" in line]


async def test_without_an_event_it_says_that_nothing_was_to_be_delivered(server: RunningServer) -> None:
    lines = await last(server, EXPECTED)
    assert lines == ["deliveries of this world: none, no event was emitted that a webhook is subscribed to"]


async def test_a_bundle_that_waits_behind_another_does_not_hide_the_reason(server: RunningServer) -> None:
    more = {"request": {**CREATED["request"], "body": {"name": "Other", **ALLOCATION}}}
    lines = await last(server, CREATED, {"advance": "5s"}, more, {"advance": "5s"}, EXPECTED, address=ELSEWHERE)
    assert lines[0] == "deliveries of this world: 1 RETRYING, 1 WAITING"
    assert "connection refused" in lines[1]


async def test_a_met_expectation_quotes_nothing(server: RunningServer) -> None:
    replayed = await replay(scenario(CREATED, {"advance": "5s"}, EXPECTED), server.url)
    assert [(entry.problems, entry.deliveries) for entry in replayed.entries] == [([], [])] * 3
