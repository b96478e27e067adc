"""A session with a fee model, recorded: the id of the model is a name in the scenario, which replays green."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from mockserver.server import ServerSettings, start
from tests.domain.support.fee_models import LADDER, by, ladder, model_request
from tests.recording.test_recorder import ISIN, SCENARIO, Hand


@pytest.fixture
async def hand() -> AsyncIterator[Hand]:
    settings = ServerSettings(port=0, auth="off", clock="manual", scenarios=[SCENARIO])
    async with await start(settings) as server, aiohttp.ClientSession(server.url) as http:
        yield Hand(server, http)


async def test_an_order_that_names_a_model_of_the_session_replays_green(hand: Hand) -> None:
    model = await hand.ask("POST", "/transaction_fees/models", model_request(ladder(LADDER)))
    user, account = await hand.known()
    sized = {"side": "BUY", "instrument_id": ISIN, "instrument_id_type": "ISIN", "cash_amount": "500.00"}
    order = await hand.ask("POST", "/orders", {"user_id": user, "account_id": account, **sized, **by(model["id"])})
    await hand.command("POST", "/clock/advance", {"until": "idle"})
    filled = await hand.ask("GET", f"/orders/{order['id']}")
    assert (filled["status"], filled["fee"]) == ("FILLED", "2")
    data = await hand.replayed()
    (placed,) = [step["request"] for step in data["steps"] if step.get("request", {}).get("path") == "/orders"]
    (named,) = placed["body"]["fee_configuration"]
    assert named["transaction_fee_model_id"].startswith("${")
