"""Faults and subscriptions by command in a recorded scenario."""

from __future__ import annotations

import pytest

from mockserver.server import ServerSettings
from tests.recording.test_recorder import SCENARIO, Hand, hand
from tests.webhooks.targets import target

__all__ = ["hand"]  # a fixture


@pytest.fixture
def settings() -> ServerSettings:
    return ServerSettings(port=0, auth="off", clock="manual", scenarios=[SCENARIO])


async def test_faults_that_were_set_and_taken_away(hand: Hand) -> None:
    user, account = await hand.known()
    await hand.command("POST", "/faults", {"request": {"account": account, "nth": 2}, "status": 503, "retry_after": 1})
    for _ in range(3):
        await hand.ask("GET", f"/accounts/{account}/positions")
    await hand.command("DELETE", "/faults")
    await hand.command("POST", "/faults", {"request": {"times": 1}, "malformed": True})
    await hand.ask("GET", f"/users/{user}")
    data = await hand.replayed()
    assert data["steps"][2] == {
        "faults": [{"request": {"account": "${savings}", "nth": 2}, "status": 503, "retry_after": 1}]
    }
    assert [step["expect"]["status"] for step in data["steps"][3:6]] == [200, 503, 200]
    assert data["steps"][6] == {"faults": []}


async def test_one_fault_of_several_changed_and_taken_away(hand: Hand) -> None:
    await hand.command("POST", "/faults", {"as": "busy", "request": {"operation": "list_users"}, "status": 503})
    await hand.command("POST", "/faults", {"request": {"operation": "list_webhooks"}, "status": 503})
    await hand.command("PATCH", "/faults/busy", {"status": 500, "retry_after": 1})
    await hand.ask("GET", "/users")
    await hand.command("DELETE", "/faults/busy")
    await hand.command("DELETE", "/faults/r2")
    await hand.ask("GET", "/users")
    await hand.ask("GET", "/webhooks")
    data = await hand.replayed()
    assert [step["expect"]["status"] for step in data["steps"] if "expect" in step] == [500, 200, 200]
    assert data["steps"][2] == {"change_fault": {"fault": "busy", "with": {"status": 500, "retry_after": 1}}}
    assert [step["remove_fault"] for step in data["steps"] if "remove_fault" in step] == ["busy", "r2"]


async def test_a_subscription_by_command_begins_where_it_was_made(hand: Hand) -> None:
    async with target() as receiver:
        await hand.ask("GET", "/webhooks")
        made = await hand.command("POST", "/webhooks", {"url": receiver.url, "type": ["PORTFOLIO_ORDER"]})
        await hand.ask("GET", f"/webhooks/{made['id']}")
        await hand.ask("GET", "/webhooks")
        data = await hand.replayed()
    assert data["steps"][1] == {"subscribe": {"url": "${receiver}/hooks", "type": ["PORTFOLIO_ORDER"]}}
