"""A company onboarded by hand, recorded: its id and those of its roles and accounts are names; it replays green."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from mockserver.server import ServerSettings, start
from tests.domain.support.companies import ASSESSMENT, COMPANY, KYB, REQUIRED, role_for
from tests.recording.test_recorder import ISIN, SCENARIO, Hand, requests


@pytest.fixture
async def hand() -> AsyncIterator[Hand]:
    settings = ServerSettings(port=0, auth="off", clock="manual", scenarios=[SCENARIO])
    async with await start(settings) as server, aiohttp.ClientSession(server.url) as http:
        yield Hand(server, http)


async def onboard(hand: Hand) -> tuple[str, list[dict[str, Any]]]:
    """A company with checks, and the roles of one user; time has not moved."""
    business = await hand.ask("POST", "/businesses", COMPANY)
    user, _ = await hand.known()
    for check in (KYB, ASSESSMENT):
        await hand.ask("POST", f"/businesses/{business['id']}/checks", check)
    roles = [await hand.ask("POST", "/roles", role_for(business["id"], user, each)) for each in REQUIRED]
    return business["id"], roles


async def test_a_company_that_trades_and_loses_its_representative_replays_green(hand: Hand) -> None:
    business_id, roles = await onboard(hand)
    group = await hand.ask("POST", "/account_groups", {"business_id": business_id, "type": "BUSINESS"})
    body = {"business_id": business_id, "account_group_id": group["id"], "type": "TRADING"}
    account = await hand.ask("POST", "/accounts", body)
    await hand.command("POST", "/clock/advance", {"by": "1s"})
    await hand.command("POST", "/bank_transfers", {"account_group_id": group["id"], "amount": "500.00"})
    order = {"business_id": business_id, "account_id": account["id"], "side": "BUY", "cash_amount": "100.00"}
    order |= {"currency": "EUR", "instrument_id": ISIN, "instrument_id_type": "ISIN", "order_type": "MARKET"}
    placed = await hand.ask("POST", "/orders", {**order, "user_instrument_fit_acknowledgement": True})
    await hand.command("POST", "/clock/advance", {"until": "idle"})
    assert (await hand.ask("GET", f"/orders/{placed['id']}"))["status"] == "FILLED"
    await hand.ask("DELETE", f"/roles/{roles[1]['id']}")
    await hand.command("POST", "/clock/advance", {"by": "1s"})
    assert (await hand.ask("GET", f"/businesses/{business_id}"))["status"] == "INACTIVE"

    data = await hand.replayed()
    assert business_id not in str(data["steps"])
    assert requests(data).count("POST /roles") == len(REQUIRED)
    (deactivated,) = [each for each in requests(data) if each.startswith("DELETE /roles/${")]
    assert deactivated


async def test_moves_by_command_are_recorded_too(hand: Hand) -> None:
    business_id, _ = await onboard(hand)
    await hand.command("POST", "/clock/advance", {"by": "1s"})
    await hand.command("POST", "/moves", {"resource": "businesses", "id": business_id, "to": "OFFBOARDING"})
    await hand.command("POST", "/clock/advance", {"by": "1m"})
    assert (await hand.ask("GET", f"/businesses/{business_id}"))["status"] == "OFFBOARDED"
    data = await hand.replayed()
    (move,) = [step["move"] for step in data["steps"] if "move" in step]
    assert (move["resource"], move["to"], move["id"][:2]) == ("businesses", "OFFBOARDING", "${")
