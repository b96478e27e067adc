"""A scenario's profile changes by date and by step: checked before a replay, and the same at every run."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kernel.profile_changes import BEGIN
from mockserver.kernel.world import World
from mockserver.replay.player import replay
from mockserver.scenario.build import build_world
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load, load_text
from mockserver.scenario.schema import Scenario
from mockserver.server import ServerSettings, start

ISIN = "IE00B4L5Y983"
WORLD: dict[str, Any] = {
    "name": "cycle",
    "clock": "2023-01-10T08:00:00Z",
    "instruments": [{"isin": ISIN, "bid": "80.00", "ask": "80.00"}],
    "accounts": [{"as": "trading", "type": "TRADING"}],
    "positions": [{"account_id": "trading", "instrument": ISIN, "quantity": "5"}],
}


def made(profile: Any, **others: Any) -> World:
    return build_world(load({**WORLD, "profile": profile, **others}))


def problems(profile: Any, **others: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        load({**WORLD, "profile": profile, **others}, played=True)
    return str(caught.value)


def test_a_change_with_a_date_waits_for_it() -> None:
    world = made({"base": "live", "changes": [{"from": "2023-01-11", "settlement": {"sell": 1}}]})
    assert world.profile.settlement.sell == 2
    (change,) = world.clock.pending(BEGIN)
    assert change.reason == "profile: settlement.sell 1: the scenario"
    world.run(change.due)
    assert world.profile.settlement.sell == 1


def test_a_world_that_begins_later_begins_with_what_holds_then() -> None:
    changes = [
        {"from": "2022-01-01", "until": "2023-01-01", "settlement": {"buy": 7}},
        {"from": "2022-01-01", "until": "2023-02-01", "settlement": {"sell": 7}},
    ]
    world = build_world(load({**WORLD, "clock": {}, "profile": {"base": "live", "changes": changes}}))
    assert (world.profile.settlement.buy, world.profile.settlement.sell) == (1, 7)


def test_standing_runs_are_due_once_where_they_change_from_the_beginning() -> None:
    world = made({"changes": [{"from": "2022-01-01", "runs": {"strategies": True, "valuations": {"at": "03:00"}}}]})
    assert [task.due.hour for task in world.clock.pending("run.valuations")] == [3]
    assert len(world.clock.pending("run.strategies")) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"from": "2023-01-11", "settlment": {}},
            "profile.changes[0].settlment: 'settlment' is not known here (did you",
        ),
        (
            {"from": "2023-01-11", "stages": {"order.exec": {}}},
            "'order.exec' is no stage (did you mean 'order.execute'?)",
        ),
        ({"until": "2023-01-10", "settlement": {"buy": 1}}, "profile.changes[0].until: 2023-01-10 is past"),
        ({"from": "tomorrow", "settlement": {"buy": 1}}, "'tomorrow' is no day and no instant"),
    ],
)
def test_a_mistake_has_its_place(change: dict[str, Any], said: str) -> None:
    assert said in problems({"base": "live", "changes": [change]})


def test_a_mistake_has_its_line() -> None:
    text = """\
name: cycle
profile:
  base: live
  changes:
    - from: 2023-01-11
      settlement: {sell: -1}
"""
    with pytest.raises(ScenarioError, match=r"the text:6: profile.changes\[0\].settlement.sell: must be at least 0"):
        load_text(text, "the text")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"settlment": {}}, "steps[0].profile.settlment: 'settlment' is not known here (did you mean 'settlement'?)"),
        ({"base": "live"}, "steps[0].profile.base: cannot change in a world's life"),
        ({"changes": [{"settlement": {"buy": 1}}]}, "steps[0].profile.changes[0]: has neither from nor until"),
        ("orignal", "steps[0].profile"),
        ({}, "steps[0].profile: changes nothing"),
    ],
)
def test_a_mistake_in_a_step_is_found(step: Any, said: str) -> None:
    assert said in problems("live", steps=[{"profile": step}])


def sell(name: str) -> dict[str, Any]:
    body = {"account_id": "${trading}", "user_id": "${owner.body.users[0].id}", "side": "SELL", "quantity": "1"}
    body |= {"instrument_id": ISIN, "instrument_id_type": "ISIN"}
    return {"request": {"method": "POST", "path": "/orders", "body": body}, "save": {name: "id"}}


def settled_on(name: str, day: str) -> dict[str, Any]:
    return {"expect_state": {"resource": "executions", "object": {"order_id": f"${{{name}}}", "settlement_date": day}}}


STEPS: list[dict[str, Any]] = [
    {"request": {"path": "/accounts/${trading}", "as": "owner"}},
    sell("before"),
    {"advance": {"to": "2023-01-11T10:00:00Z"}},
    sell("after"),
    {"profile": {"settlement": {"sell": 0}}},
    {"advance": "1m"},
    sell("at_once"),
    {"profile": "original"},
    {"advance": {"to": "2023-01-14T10:00:00Z"}},
    settled_on("before", "2023-01-12"),  # Tuesday + 2
    settled_on("after", "2023-01-11"),  # it was executed after the step
]


def played() -> Scenario:
    profile = {"base": "live", "changes": [{"from": "2023-01-11", "settlement": {"sell": 1}}]}
    return load({**WORLD, "profile": profile, "steps": STEPS}, played=True)


async def test_it_is_the_same_at_every_run() -> None:
    async with await start(ServerSettings(port=0)) as server:
        first, second = [await replay(played(), server.url) for _ in range(2)]
    assert [entry.problems for entry in first.failures] == []
    assert first.record == second.record
    assert [entry.title for entry in first.entries if entry.action == "profile"] == [
        "change the profile: settlement.sell 0",
        "take changes of the profile back",
    ]
