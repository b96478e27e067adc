"""Charging a direct debit back by command: over HTTP, from Python, as a step of a scenario, and recorded."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kernel.world import World
from mockserver.replay.player import replay
from mockserver.scenario.build import build_world
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load
from mockserver.server import ServerSettings, start
from tests.conftest import NOW, Api
from tests.recording.test_recorder import Hand, hand

DEFAULT = "/_mock/worlds/default"
RESOURCE = "direct_debit_returns"
NOBODY = "404b170a-9042-41ed-9a51-2eabd0c03f8a"
GROUP = "1ea60f56-b67b-41fc-829a-0242ac130003"
USER = "83d83ec2-d2ca-49ff-bbea-b92b5c3be202"

OPTIONS = {"with": {"colour": "red"}}
"""A return has none."""

SEEDED: dict[str, Any] = {
    "name": "charge-back",
    "users": [{"id": USER}],
    "account_groups": [{"id": GROUP, "user_id": USER}],
}
MANDATE = {
    "user_id": USER,
    "iban": "DE02100500000054540402",
    "bic": "BELADEBE",
    "confirmed_at": "2023-01-09T14:15:22Z",
}
DEBIT = {"account_group_id": GROUP, "mandate_id": "${mandate}", "cash_amount": "200.00"}


__all__ = ["hand"]  # a fixture


@pytest.fixture
def world() -> World:
    return build_world(load(SEEDED), now=NOW, seed=1)


async def collected(client: Api, advance: str = "1s") -> str:
    """The id of a direct debit after ``advance``."""
    mandate = (await client.post("/payments/mandates", json=MANDATE)).json["id"]
    body = {**DEBIT, "mandate_id": mandate}
    made: str = (await client.post("/payments/direct_debits", json=body)).json["id"]
    await client.post(f"{DEFAULT}/clock/advance", json={"by": advance})
    return made


async def balance(client: Api) -> str:
    found: str = (await client.get(f"/account_groups/{GROUP}/payments/cash_balance")).json["balance"]
    return found


async def force(client: Api, identity: str, to: str = "BOOKED", **more: Any) -> Any:
    return await client.post(f"{DEFAULT}/moves", json={"resource": RESOURCE, "id": identity, "to": to, **more})


async def test_now(client: Api) -> None:
    debit = await collected(client)
    assert await balance(client) == "200"
    told = (await force(client, debit)).json
    assert [(move["resource"], move["to"]) for move in told["moves"]] == [(RESOURCE, "DUE"), (RESOURCE, "BOOKED")]
    assert [event["type"] for event in told["events"]] == ["CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]
    assert (told["object"]["id"], told["object"]["status"], await balance(client)) == (debit, "BOOKED", "0")


async def test_after_the_delay_of_its_stage(client: Api) -> None:
    debit = await collected(client)
    assert (await force(client, debit, "DUE")).json["object"]["status"] == "DUE"
    explained = (await client.get(f"{DEFAULT}/state/{RESOURCE}/{debit}")).json
    assert explained["explanation"] == "DUE: due at 2023-01-10T09:00:02Z: direct_debit.return: DUE -> BOOKED"
    assert [row["to"] for row in explained["possible"]] == ["BOOKED"]
    assert await balance(client) == "200"
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1s"})
    assert await balance(client) == "0"


async def test_who_looks_at_the_direct_debit_is_told_how(client: Api) -> None:
    debit = await collected(client)
    hint = f"is final; to charge it back, move {RESOURCE}/{debit} to BOOKED"
    assert (await client.get(f"{DEFAULT}/state/direct_debits/{debit}")).json["explanation"] == f"CONFIRMED {hint}"
    asked = {"resource": "direct_debits", "id": debit, "to": "CANCELLED"}
    refused = (await client.post(f"{DEFAULT}/moves", json=asked)).detail
    assert refused == f"direct_debits {debit} is CONFIRMED and cannot become CANCELLED (possible: none: it {hint})"


@pytest.mark.parametrize("to", ["DUE", "BOOKED"])
async def test_what_was_returned_is_not_returned_again(client: Api, to: str) -> None:
    debit = await collected(client)
    await force(client, debit)
    answer = await force(client, debit, to)
    assert (answer.status, answer.detail) == (
        409,
        f"{RESOURCE} {debit} is BOOKED and cannot become {to} (possible: none: it is final)",
    )


async def test_an_unknown_direct_debit(client: Api) -> None:
    answer = await force(client, NOBODY)
    detail = f"{RESOURCE} has no '{NOBODY}', and none can begin: there is no direct debit {NOBODY}"
    assert (answer.status, answer.detail) == (404, detail)


async def test_one_that_is_not_confirmed(client: Api) -> None:
    debit = await collected(client, "0s")
    answer = await force(client, debit)
    assert (answer.status, answer.detail) == (
        409,
        f"direct debit {debit} is NEW: only a CONFIRMED one is returned",
    )
    assert (await client.get(f"{DEFAULT}/state/{RESOURCE}")).json["total_count"] == 0


@pytest.mark.parametrize(("to", "more", "status"), [("LOST", {}, 409), ("BOOKED", OPTIONS, 400), ("DUE", OPTIONS, 409)])
async def test_a_command_that_is_refused_begins_nothing(
    client: Api, to: str, more: dict[str, Any], status: int
) -> None:
    debit = await collected(client)
    assert (await force(client, debit, to, **more)).status == status
    assert (await client.get(f"{DEFAULT}/state/{RESOURCE}")).json["total_count"] == 0


async def test_a_closed_group_holds_it(client: Api) -> None:
    debit = await collected(client)
    for to in ("CLOSING", "CLOSED"):
        await client.post(f"{DEFAULT}/moves", json={"resource": "account_groups", "id": GROUP, "to": to})
    answer = await force(client, debit)
    assert (answer.status, f"account group {GROUP} is CLOSED" in answer.detail) == (409, True)
    assert (await client.get(f"{DEFAULT}/state/{RESOURCE}")).json["total_count"] == 0


STEPS: list[dict[str, Any]] = [
    {
        "request": {"method": "POST", "path": "/payments/mandates", "body": MANDATE},
        "save": {"mandate": "id"},
    },
    {"request": {"method": "POST", "path": "/payments/direct_debits", "body": DEBIT}, "save": {"debit": "id"}},
    {"advance": "1s"},
    {"move": {"resource": RESOURCE, "id": "${debit}", "to": "BOOKED"}},
    {"expect_state": {"resource": RESOURCE, "id": "${debit}", "object": {"status": "BOOKED", "reject_fee": "0"}}},
    {
        "request": {"path": f"/account_groups/{GROUP}/payments/cash_balance"},
        "expect": {"body": {"balance": "0"}},
    },
]


async def test_as_a_step_of_a_scenario() -> None:
    async with await start(ServerSettings(port=0)) as server:
        played = await replay(load({**SEEDED, "steps": STEPS}), server.url)
    assert [entry.problems for entry in played.entries if not entry.passed] == []


@pytest.fixture
def settings() -> ServerSettings:
    """Of the server on which somebody records."""
    return ServerSettings(
        port=0, auth="off", clock="manual", scenarios=[{"name": "recorded", "accounts": [{"as": "savings"}]}]
    )


async def test_what_was_done_by_hand_is_recorded_as_that_step(hand: Hand) -> None:
    (group,) = (await hand.ask("GET", "/account_groups"))["data"]
    details = {**MANDATE, "user_id": group["users"][0]["id"]}
    mandate = (await hand.ask("POST", "/payments/mandates", details))["id"]
    collection = {"account_group_id": group["id"], "mandate_id": mandate, "cash_amount": "200.00"}
    debit = (await hand.ask("POST", "/payments/direct_debits", collection))["id"]
    await hand.command("POST", "/clock/advance", {"by": "1s"})
    await hand.command("POST", "/moves", {"resource": RESOURCE, "id": debit, "to": "BOOKED"})
    assert (await hand.ask("GET", f"/account_groups/{group['id']}/payments/cash_balance"))["balance"] == "0"
    (step,) = [step for step in (await hand.replayed())["steps"] if "move" in step]
    assert step["move"]["resource"] == RESOURCE
    assert step["move"]["id"].startswith("${")  # of another run it has another id


@pytest.mark.parametrize("to", ["DUE", "BOOKED"])
def test_a_scenario_may_begin_it_in_either_state(to: str) -> None:
    load({**SEEDED, "steps": [{"move": {"resource": RESOURCE, "id": NOBODY, "to": to}}]})


def test_a_scenario_that_names_another_state_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"no state that direct_debit_returns move to \(did you mean 'BOOKED'"):
        load({**SEEDED, "steps": [{"move": {"resource": RESOURCE, "id": NOBODY, "to": "BOOKD"}}]})
