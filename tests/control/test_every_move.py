"""Every move of every life cycle can be forced, and every state says what it waits for."""

from __future__ import annotations

from typing import Any

import pytest

import mockserver.domain  # noqa: F401 - importing it makes the life cycles
from mockserver.kernel.lifecycle import CYCLES, Row
from mockserver.kernel.world import World
from tests.conftest import Api
from tests.control import reaching_businesses, reaching_isas, reaching_plans, reaching_taxes, reaching_transfers
from tests.control.reaching import SETTINGS, builder_for
from tests.domain.support.desk import Desk, check_event, open_desk

DEFAULT = "/_mock/worlds/default"

MOVES = [
    pytest.param(resource, row, id=f"{resource}-{row.before}-{row.to}")
    for resource, cycle in CYCLES.items()
    for row in cycle.rows.values()
    if row.before is not None  # creating is no move that can be forced
]
STATES = [
    pytest.param(resource, state, id=f"{resource}-{state}")
    for resource, cycle in CYCLES.items()
    for state in dict.fromkeys(row.before for row in cycle.rows.values() if row.before is not None)
]
REGISTERED = (reaching_businesses, reaching_isas, reaching_plans, reaching_taxes, reaching_transfers)
"""Modules with rows of the registry beside ``reaching`` itself."""
EMPTY = ("account_groups", "accounts")
"""Their desk has no cash: what is to be closed may hold none."""


@pytest.fixture
def desk(request: pytest.FixtureRequest) -> Desk:
    resource = request.node.callspec.params["resource"]
    return open_desk("manual", SETTINGS, cash="0" if resource in EMPTY else "10000")


@pytest.fixture
def world(desk: Desk) -> World:
    return desk.world


async def explained(client: Api, resource: str, identity: str) -> Any:
    answer = await client.get(f"{DEFAULT}/state/{resource}/{identity}")
    assert answer.status == 200, answer.body
    return answer.json


@pytest.mark.parametrize(("resource", "row"), MOVES)
async def test_every_row_of_every_life_cycle_can_be_forced(client: Api, desk: Desk, resource: str, row: Row) -> None:
    identity = builder_for(resource, row.before or "", row.to)(desk)
    assert (await explained(client, resource, identity))["state"] == row.before
    position, moves = desk.world.events.end, desk.world.moves.end
    answer = await client.post(f"{DEFAULT}/moves", json={"resource": resource, "id": identity, "to": row.to})
    assert answer.status == 200, answer.body
    made = [
        (move.source, move.to)
        for move in desk.world.moves.since(moves)
        if (move.resource, move.id) == (resource, identity)
    ]
    assert made == [(row.before, row.to)]
    emitted = [event for event in desk.world.events.since(position) if event.type == row.event]
    assert len([event for event in emitted if getattr(event.object, "id", identity) == identity]) == (
        row.event is not None
    )
    told = await explained(client, resource, identity)
    assert (told["state"], told["object"]) == (row.to, answer.json["object"])
    assert told["history"][-1]["to"] == row.to
    assert (await client.post(f"{DEFAULT}/clock/advance", json={"until": "idle"})).json["counts"]["failures"] == 0
    for event in desk.world.events:
        check_event(event)


@pytest.mark.parametrize(("resource", "state"), STATES)
async def test_every_state_that_is_not_final_says_what_it_waits_for(
    client: Api, desk: Desk, resource: str, state: str
) -> None:
    """In the manual profile nothing is due by itself, so that a state with a stage waits for something nameable."""
    identity = builder_for(resource, state)(desk)
    told = await explained(client, resource, identity)
    assert told["state"] == state
    assert told["explanation"]
    if any(not stage.exceptional for stage in CYCLES[resource].stages.get(state, [])):
        assert told["waits"]["reason"] in told["explanation"]
        assert told["waits"]["for"]
    elif CYCLES[resource].stages.get(state):
        assert (told["waits"], "it stays so" in told["explanation"]) == (None, True)
    for move in told["possible"]:
        asked = {"resource": resource, "id": identity, "to": move["to"], "with": {"colour": "red"}}
        answer = await client.post(f"{DEFAULT}/moves", json=asked)
        assert answer.status == 400, answer.body
        assert "'colour' is unknown" in answer.detail
        listed = ", ".join(move["with"]) or "no options"
        assert f"{resource} {state} -> {move['to']} takes {listed}"[:300] in answer.detail
    assert (await explained(client, resource, identity))["state"] == state


@pytest.mark.parametrize(("resource", "row"), MOVES)
async def test_no_move_changes_whose_something_is_or_how_much(client: Api, desk: Desk, resource: str, row: Row) -> None:
    """payments.md §18: no amount of forcing makes money appear."""
    identity = builder_for(resource, row.before or "", row.to)(desk)
    (move,) = [each for each in (await explained(client, resource, identity))["possible"] if each["to"] == row.to]
    books = {"amount", "cash_amount", "currency", "quantity", "account_group_id", "account_id", "user_id"}
    assert books.isdisjoint(move["with"])
