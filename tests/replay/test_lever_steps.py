"""Steps that change single faults, the keys of deliveries and subscriptions."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.replay.player import replay
from mockserver.scenario.captions import caption
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load, load_text
from mockserver.server import ServerSettings, start

FAULTS = """\
name: faults
faults: [{as: busy, request: {operation: list_users}, status: 503}]
steps:
  - request: {path: /users}
    expect: {status: 503}
  - change_fault: {fault: busy, with: {status: 500, request: {nth: 2}}}
  - request: {path: /users}
    expect: {status: 500}
  - request: {path: /users}
  - expect_fault: {fault: busy, matched: 3, acted: 2}
  - remove_fault: busy
  - faults: [{as: gone, request: {path: /accounts}, reset: true}, {request: {}, delay: 1ms}]
  - remove_fault: gone
  - remove_fault: r3
  - request: {path: /accounts}
"""
DELIVERIES = """\
name: deliveries
steps:
  - emit: TOPUP.SETTLED
  - subscribe: {as: hooks, url: "${receiver}/in", type: [TOPUP], config: {delay: 1s}}
  - request: {path: "/webhooks/${hooks}"}
    expect: {body: {type: [TOPUP], enabled: true}}
  - emit: {type: TOPUP.CONFIRMED, object: {cash_amount: "25.00"}}
  - advance: 10s
  - expect_webhook: {type: TOPUP.CONFIRMED, count: 1}
  - request: {path: /auth/verify_keys, as: before}
    expect: {body: {keys: {$length: 1}}}
  - webhook_keys: rotate
  - request: {path: /auth/verify_keys}
    expect: {body: {keys: {$length: 2}}}
  - webhook_keys: {retire: oldest}
  - request: {path: /auth/verify_keys}
    expect: {body: {keys: {$length: 1}}}
  - webhook_keys: {fault: wrong_signature, count: 1}
  - webhook_keys: {fault: null}
"""


@pytest.mark.parametrize("text", [FAULTS, DELIVERIES], ids=["faults", "deliveries"])
async def test_they_do_what_they_say_and_the_same_twice(text: str) -> None:
    async with await start(ServerSettings(port=0)) as server:
        first, second = [await replay(load_text(text), server.url) for _ in range(2)]
    assert [(entry.number, entry.problems) for entry in first.failures] == []
    assert first.bytes == second.bytes


async def test_a_fault_that_acted_less_often_is_a_problem() -> None:
    steps = [
        {"faults": [{"as": "busy", "request": {}, "status": 500}]},
        {"expect_fault": {"fault": "busy", "acted": 2}},
    ]
    async with await start(ServerSettings(port=0)) as server:
        played = await replay(load({"name": "x", "steps": steps}), server.url)
    assert [entry.problems for entry in played.failures] == [["expected acted 2, got 0"]]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (
            {"remove_fault": "bussy"},
            "'bussy' is no fault that was set before this step with 'as' (did you mean 'busy'?)",
        ),
        ({"change_fault": {"fault": "later", "with": {"status": 500}}}, "'later' is no fault that was set before"),
        ({"change_fault": {"fault": "busy"}}, "with"),
        ({"change_fault": {"fault": "busy", "with": {}}}, "with"),
        ({"expect_fault": {"fault": "busy"}}, "expects nothing: give matched or acted"),
        ({"expect_fault": {"fault": "none", "acted": 1}}, "'none' is no fault that was set"),
        ({"webhook_keys": "rotated"}, "webhook_keys"),
        ({"webhook_keys": {"fault": "wrong"}}, "webhook_keys"),
        ({"subscribe": {"type": ["ORDER"]}}, "url"),
        ({"faults": [{"as": "r1", "request": {}, "status": 500}]}, "is how ids of faults are made"),
    ],
)
def test_wrong_uses_are_found_before_anything_is_played(step: dict[str, Any], said: str) -> None:
    faults = [{"as": "busy", "request": {"nth": 2}, "status": 503}]
    later = {"faults": [{"as": "later", "request": {"nth": 3}, "status": 503}]}
    with pytest.raises(ScenarioError) as caught:
        load({"name": "x", "faults": faults, "steps": [step, later]})
    assert said in str(caught.value)


def test_a_name_of_two_faults_is_a_mistake() -> None:
    faults = [{"as": "busy", "request": {"nth": number}, "status": 503} for number in (1, 2)]
    with pytest.raises(ScenarioError, match="a fault with the name busy stands on line"):
        load({"name": "x", "faults": faults})


def test_the_captions_are_the_same_in_every_run() -> None:
    scenario = load_text(FAULTS), load_text(DELIVERIES)
    captions = [caption(step) for each in scenario for step in each.steps if step.request is None]
    assert {"change fault busy", "expect fault busy", "remove fault gone", "rotate webhook keys"} <= {*captions}
    assert {"subscribe to TOPUP", "sign the next 1 deliveries with wrong_signature"} <= {*captions}
