"""Money arrives on command: over HTTP, from a scenario, and in a recording."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from mockserver.domain.payments.top_ups import TOP_UPS
from mockserver.kernel.world import World
from mockserver.replay.player import replay
from mockserver.scenario.document import Document, parse
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load, read
from mockserver.server import ServerSettings, start
from tests.conftest import Api
from tests.domain.support.desk import NOBODY, Desk, check_event, open_desk
from tests.domain.support.transfers import top_up, virtual_account

SEND = "/_mock/worlds/default/bank_transfers"
TOLD = ["CREDIT_FUNDING.CONFIRMED", "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]


@pytest.fixture
def desk() -> Desk:
    """In the live profile, where no request can pretend a transfer."""
    return open_desk("live", {"payments": {"magic_ibans": True}}, cash="0")


@pytest.fixture
def world(desk: Desk) -> World:
    return desk.world


async def sent(client: Api, **body: Any) -> Any:
    """What a transfer made happen."""
    answer = await client.post(SEND, json=body)
    assert answer.status == 200, answer.body
    return answer.json


def types(told: Any) -> list[str]:
    return [event["type"] for event in told["events"]]


async def test_money_arrives_at_once_with_its_events(client: Api, desk: Desk) -> None:
    told = await sent(client, account_group_id=desk.group_id, amount="1000.00")
    assert (types(told), told["object"]["status"], desk.cash()["balance"]) == (TOLD, "CREDITED", "1000")
    (funding,) = desk.told("CREDIT_FUNDING.CONFIRMED")
    assert (funding["cash_amount"], funding["counterparty"]["identification"]["name"]) == (
        "1000.00",
        "Erika Mustermann",
    )
    shown = await client.get(f"/_mock/worlds/default/state/bank_transfers/{told['object']['id']}")
    assert shown.json["explanation"] == "CREDITED is final"
    for event in desk.world.events:
        check_event(event)


@pytest.mark.parametrize(("amount", "balance"), [(7, "7"), ("0.01", "0.01"), ("7.5", "7.50"), (999999999, "999999999")])
async def test_an_amount_is_text_or_a_whole_number(client: Api, desk: Desk, amount: Any, balance: str) -> None:
    await sent(client, account_group_id=desk.group_id, amount=amount)
    assert desk.cash()["balance"] == balance


async def test_everything_may_be_said(client: Api, desk: Desk) -> None:
    body = {
        "account_group_id": desk.group_id,
        "amount": "5",
        "currency": "GBP",
        "counterparty_name": "ERIKA MUSTERMANN",
        "counterparty_iban": "FR7630006000011234567890189",
        "remittance_information": f"pocket money CF{await number(client, desk)}",
    }
    await sent(client, **body)
    (funding,) = desk.told("CREDIT_FUNDING.CONFIRMED")
    assert (funding["currency"], funding["remittance_information"]) == ("GBP", body["remittance_information"])
    assert funding["counterparty"]["account"]["identification"]["iban"] == body["counterparty_iban"]
    assert desk.cash("GBP")["balance"] == "5"


async def number(client: Api, desk: Desk) -> str:
    return str((await client.get(f"/account_groups/{desk.group_id}")).json["securities_account_number"])


async def test_money_arrives_at_a_virtual_bank_account(client: Api, desk: Desk) -> None:
    to = virtual_account(desk)
    assert types(await sent(client, virtual_bank_account_id=to.id, amount="5")) == TOLD
    assert desk.told("CREDIT_FUNDING.CONFIRMED")[0]["virtual_bank_account_id"] == to.id


async def test_a_top_up_is_paid_in_full(client: Api, desk: Desk) -> None:
    row = top_up(desk, "200")
    told = await sent(client, topup_id=row.id)
    assert (types(told), told["object"]["amount"]) == (["TOPUP.SETTLED"], "200.00")
    assert (desk.world.table(TOP_UPS)[row.id].status, desk.cash()["balance"]) == ("SETTLED", "200")


async def test_the_end_of_the_senders_iban_counts(client: Api, desk: Desk) -> None:
    """payments.md §16.3: dropped, a day late, and sent back after two business days."""
    body = {"account_group_id": desk.group_id, "amount": "5"}
    told = await sent(client, **body, counterparty_iban="DE00000000000000009003")
    assert (told["object"]["status"], types(told)) == ("UNMATCHED", [])
    told = await sent(client, **body, counterparty_iban="DE00000000000000009004")
    assert (told["object"]["status"], types(told), desk.cash()["balance"]) == ("RECEIVED", [], "0")
    desk.advance("1d")
    assert desk.cash()["balance"] == "5"
    assert types(await sent(client, **body, counterparty_iban="DE00000000000000009001")) == TOLD
    assert desk.cash()["balance"] == "10"
    desk.advance("4d")
    assert desk.cash()["balance"] == "5"


# --- Refused ---


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"amount": "5"}, "must have one of account_group_id, virtual_bank_account_id, topup_id"),
        ({"amount": "5", "account_group_id": NOBODY, "topup_id": NOBODY}, "must have one of account_group_id"),
        ({"account_group_id": NOBODY}, "must have an amount, unless it pays a top-up"),
        ({"account_group_id": NOBODY, "amount": "0.00"}, "amount"),
        ({"account_group_id": NOBODY, "amount": "0.001"}, 'must be text, such as "10.50", or a whole number'),
        ({"account_group_id": NOBODY, "amount": 10.5}, 'must be text, such as "10.50", or a whole number'),
        ({"account_group_id": NOBODY, "amount": True}, 'must be text, such as "10.50", or a whole number'),
        ({"account_group_id": NOBODY, "amount": "1000000000"}, "amount"),
        ({"account_group_id": NOBODY, "amount": "5", "currency": "USD"}, "currency"),
        ({"account_group_id": NOBODY, "amount": "5", "counterparty_name": "Müller"}, "counterparty_name"),
        ({"account_group_id": NOBODY, "amount": "5", "colour": "red"}, "colour"),
    ],
)
async def test_a_transfer_that_makes_no_sense_is_400(client: Api, body: Any, detail: str) -> None:
    answer = await client.post(SEND, json=body)
    assert (answer.status, detail in answer.detail) == (400, True), answer.detail


@pytest.mark.parametrize("to", ["account_group_id", "virtual_bank_account_id", "topup_id"])
async def test_an_unknown_receiver_is_404(client: Api, to: str) -> None:
    answer = await client.post(SEND, json={to: NOBODY, "amount": "5"})
    assert (answer.status, NOBODY in answer.detail) == (404, True)


async def test_what_would_be_dropped_is_refused_and_leaves_nothing(client: Api, desk: Desk) -> None:
    body = {"account_group_id": desk.group_id, "amount": "5", "counterparty_name": "Max Mustermann"}
    answer = await client.post(SEND, json=body)
    assert (answer.status, "'Max Mustermann' is not the name of a holder" in answer.detail) == (409, True)
    assert "/tests/payments/transactions" in answer.detail
    assert "bank_transfers" not in (await client.get("/_mock/worlds/default/state")).json["resources"]
    row = top_up(desk, "200")
    answer = await client.post(SEND, json={"topup_id": row.id, "amount": "199.99"})
    assert (answer.status, "199.99 EUR does not cover" in answer.detail) == (409, True)


# --- In a scenario ---

SCENARIO: dict[str, Any] = {
    "name": "arrives",
    "profile": "live",
    "clock": "2023-01-10T08:00:00Z",
    "users": [{"as": "erika"}],
    "account_groups": [{"as": "group", "user_id": "erika"}],
    "virtual_bank_accounts": [{"as": "savings", "account_group_id": "group"}],
    "cash": [{"account_group_id": "group", "amount": 200}],
    "topups": [{"as": "owed", "account_group_id": "group", "cash_amount": 200}],
}


def sends(**members: Any) -> dict[str, Any]:
    return {"bank_transfer": members}


async def played(*steps: Any) -> list[list[str]]:
    async with await start(ServerSettings(port=0)) as server:
        timeline = await replay(load({**SCENARIO, "steps": list(steps)}), server.url)
    return [list(entry.problems) for entry in timeline.failures]


async def test_a_step_lets_money_arrive() -> None:
    assert not await played(
        sends(account_group_id="group", amount="1000.00"),
        {"expect_event": [*TOLD[:2], {"type": TOLD[2], "object": {"balance": "1200"}}]},
        sends(virtual_bank_account_id="${savings}", amount=10.5, currency="GBP"),
        {"expect_event": {"type": TOLD[0], "object": {"cash_amount": "10.50", "currency": "GBP"}}},
        sends(topup_id="owed"),
        {"expect_event": {"type": "TOPUP.SETTLED", "object": {"id": "${owed}"}}},
    )


async def test_a_step_that_cannot_be_done_fails_with_the_reason() -> None:
    ((problem,),) = await played(sends(account_group_id="group", amount="5", counterparty_name="Nobody"))
    assert "'Nobody' is not the name of a holder" in problem


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (sends(amount="5"), "needs one of account_group_id, virtual_bank_account_id, topup_id"),
        (sends(amount="5", account_group_id="group", topup_id="owed"), "is for one receiver"),
        (sends(account_group_id="group"), "needs an amount, unless it pays a top-up"),
        (sends(account_group_id="${nobody}", amount="5"), "nobody"),
        (sends(account_group_id="group", amount="5", colour="red"), "colour"),
    ],
)
def test_a_mistake_in_a_step_is_found_before_it_is_played(step: Any, text: str) -> None:
    with pytest.raises(ScenarioError, match=text):
        load({**SCENARIO, "steps": [step]})


async def test_a_recording_has_the_step() -> None:
    settings = ServerSettings(port=0, auth="off", clock="manual", scenarios=[SCENARIO])
    async with await start(settings) as server, aiohttp.ClientSession(server.url) as http:
        (group,) = (await (await http.get("/_mock/worlds/default/state/account_groups")).json())["data"]
        asked = {"account_group_id": group["id"], "amount": "5.00", "currency": None}
        assert (await http.post(SEND, json=asked)).status == 200
        text = await (await http.get("/_mock/worlds/default/scenario")).text()
    data = dict(parse(text, "recorded.yaml").data)
    assert data["steps"] == [{"bank_transfer": {"account_group_id": "${group}", "amount": "5.00"}}]
    async with await start(ServerSettings(port=0)) as server:
        again = await replay(read(Document("recorded", data)), server.url)
    assert [entry.problems for entry in again.failures] == []
