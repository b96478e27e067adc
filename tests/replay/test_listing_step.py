"""The step that lists instruments: onboarded and changed in the middle of a scenario, with their events."""

from __future__ import annotations

from typing import Any

from mockserver.replay.player import replay
from mockserver.scenario.load import load
from mockserver.server import ServerSettings, start

SCENARIO: dict[str, Any] = {
    "name": "listing",
    "webhooks": [{"url": "${receiver}", "type": ["INSTRUMENT"]}],
    "steps": [
        {"instruments": [{"isin": "US0378331005", "name": "Apple Inc.", "bid": "130.00"}]},
        {"expect_event": {"type": "INSTRUMENT.ONBOARDED", "object": {"isin": "US0378331005"}}},
        {"instruments": [{"isin": "US0378331005", "trading_status": "INACTIVE", "fractional_trading": False}]},
        {"expect_event": ["INSTRUMENT.FRACTIONAL_TRADING_DISABLED", "INSTRUMENT.DEACTIVATED"]},
        {
            "request": {"path": "/instruments/isin:US0378331005"},
            "expect": {"body": {"name": "Apple Inc.", "trading_status": "INACTIVE", "fractional_trading": False}},
            "save": {"apple": "id"},
        },
        {"move": {"resource": "instruments", "id": "${apple}", "to": "ACTIVE"}},
        {"advance": "idle"},
        {"expect_webhook": ["INSTRUMENT.ACTIVATED"]},
    ],
}


async def test_listed_instruments_are_told() -> None:
    async with await start(ServerSettings(port=0)) as server:
        played = await replay(load(SCENARIO), server.url)
    assert [entry.problems for entry in played.failures] == []
