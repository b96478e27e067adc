"""Faults of deliveries in a recorded scenario: with names in the place of ids, and the same disorder in its replay."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.server import ServerSettings
from tests.recording.test_recorder import SCENARIO, Hand, hand

__all__ = ["hand"]  # a fixture


@pytest.fixture
def settings() -> ServerSettings:
    hooks = {"as": "hooks", "url": "http://127.0.0.1:9/hooks", "config": {"delay": "1s"}}
    return ServerSettings(port=0, auth="off", clock="manual", scenarios=[{**SCENARIO, "webhooks": [hooks]}])


async def test_what_names_accounts_and_subscriptions_is_recorded_by_name(hand: Hand) -> None:
    _, account = await hand.known()
    webhook = (await hand.ask("GET", "/webhooks"))["data"][0]["id"]
    fault: dict[str, Any] = {"webhook": {"account": account, "webhook_id": webhook}, "split": 1, "json": "escaped"}
    fault["overtaken_by"] = {"type": "ORDER.FILLED", "account": account, "webhook_id": webhook, "within": "1h"}
    made = await hand.command("POST", "/faults", fault)
    assert made["id"] == "w1", made
    await hand.buy()
    await hand.command("POST", "/clock/advance", {"by": "2h"})
    await hand.command("DELETE", "/faults")
    data = await hand.replayed()
    (recorded,) = (step["faults"] for step in data["steps"] if step.get("faults"))
    assert recorded == [
        {
            "webhook": {"account": "${savings}", "webhook_id": "${hooks}"},
            "split": 1,
            "json": "escaped",
            "overtaken_by": {
                "type": "ORDER.FILLED",
                "account": "${savings}",
                "webhook_id": "${hooks}",
                "within": "1h",
            },
        }
    ]


async def test_a_world_with_other_bytes_is_recorded_with_them(hand: Hand) -> None:
    profile = {"base": "sandbox", "webhooks": {"json": "spaced"}}
    made = await hand.ask("POST", "/_mock/worlds", {"scenario": {**SCENARIO, "client": {}, "profile": profile}})
    async with hand.http.get(f"/_mock/worlds/{made['client_id']}/scenario?format=json") as response:
        assert (await response.json())["profile"]["webhooks"] == {"json": "spaced"}
