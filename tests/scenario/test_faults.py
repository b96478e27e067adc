"""Faults of a scenario: read with every mistake on its line, and named by its own names."""

from __future__ import annotations

import pytest

from mockserver.hosting.plans import plan_of
from mockserver.kernel.garbage import at_once
from mockserver.protocol.faults import RequestFault
from mockserver.scenario.build import named_ids
from mockserver.scenario.document import parse
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.faults import resolved
from mockserver.scenario.load import read

HEAD = "name: a\naccounts: [{as: savings}]\nwebhooks: [{as: hooks, url: 'http://localhost/'}]\n"


def mistakes(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        read(parse(HEAD + text, "a.yaml"))
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("faults:\n  - {status: 500}", "a.yaml:5: faults[0]: a fault has either request or webhook"),
        (
            "faults:\n  - request: {nth: 0}\n    status: 500",
            "a.yaml:5: faults[0].request.nth: must be at least 1 and at most 1000000, not 0",
        ),
        (
            "faults:\n  - request: {}\n    status: 500\n    reset: true",
            "a.yaml:5: faults[0]: reset and status contradict",
        ),
        ("faults:\n  - request: {operation: list_usres}\n    status: 500", "a.yaml:5: faults[0].request.operation: "),
        (
            "faults:\n  - request: {account: savngs}\n    status: 500",
            "a.yaml:5: faults[0].request.account: 'savngs' is not",
        ),
        (
            "faults:\n  - webhook: {webhook_id: hoks}\n    drop: true",
            "a.yaml:5: faults[0].webhook.webhook_id: 'hoks' is",
        ),
        ("faults:\n  - webhook: {type: ORDR}\n    drop: true", "a.yaml:5: faults[0].webhook.type: 'ORDR' is no event"),
        (
            "faults:\n  - webhook: {account: savngs}\n    drop: true",
            "a.yaml:5: faults[0].webhook.account: 'savngs' is",
        ),
        (
            "faults:\n  - webhook: {}\n    overtaken_by: {account: savngs}",
            "a.yaml:6: faults[0].overtaken_by.account: 'savngs' is",
        ),
        (
            "faults:\n  - webhook: {}\n    overtaken_by: {webhook_id: hoks}",
            "a.yaml:6: faults[0].overtaken_by.webhook_id: 'hoks' is",
        ),
        (
            "faults:\n  - webhook: {}\n    overtaken_by: ORDER.FILED",
            "a.yaml:6: faults[0].overtaken_by.type: 'ORDER.FILED' is no event of the API (did you mean ORDER.FILLED",
        ),
        (
            "faults:\n  - webhook: {}\n    json: pretty",
            "a.yaml:6: faults[0].json: ",
        ),
        (
            "faults:\n  - {webhook: {}, reorder: deliveries}\n  - {webhook: {}, overtaken_by: next}",
            "a.yaml:6: faults[1]: never acts: the fault on line 5 takes all that it means",
        ),
        (
            "profile: {base: sandbox, webhooks: {json: pretty}}",
            "a.yaml:4: profile.webhooks.json: ",
        ),
        (
            "faults:\n  - {request: {}, status: 500}\n  - {request: {nth: 2}, reset: true}",
            "a.yaml:6: faults[1]: never acts: the fault on line 5 takes all that it means",
        ),
        ("steps:\n  - faults: [{request: {}}]", "a.yaml:5: steps[0].faults[0]: does nothing: give one of delay"),
        (
            "steps:\n  - faults:\n      - {request: {operation: x}, status: 500}",
            "a.yaml:6: steps[0].faults[0].request.operation: 'x' is no operation",
        ),
    ],
)
def test_a_mistake_has_its_line(text: str, mistake: str) -> None:
    (told,) = mistakes(text)
    assert told.startswith(mistake)


def test_names_become_ids() -> None:
    faults = "faults:\n  - {request: {account: savings}, status: 500}\n  - {webhook: {webhook_id: hooks}, drop: true}"
    scenario = read(parse(HEAD + faults, "a.yaml"))
    ids = named_ids(scenario)
    request, webhook = (resolved(fault, ids).model_dump() for fault in scenario.faults)
    assert request["request"]["account"] == ids["savings"]
    assert webhook["webhook"]["webhook_id"] == ids["hooks"]


def test_every_name_of_a_fault_becomes_an_id() -> None:
    fault = "{webhook: {account: savings, webhook_id: hooks}, overtaken_by: {account: savings, webhook_id: hooks}}"
    scenario = read(
        parse(f"{HEAD}faults:\n  - {fault}\n  - {{webhook: {{}}, overtaken_by: {{webhook_id: any}}}}", "a.yaml")
    )
    ids = named_ids(scenario)
    named, any_ = (resolved(each, ids).model_dump() for each in scenario.faults)
    for part in ("webhook", "overtaken_by"):
        assert (named[part]["account"], named[part]["webhook_id"]) == (ids["savings"], ids["hooks"])
    assert any_["overtaken_by"]["webhook_id"] == "any"


def test_an_id_may_be_of_what_comes_later() -> None:
    text = "faults:\n  - {request: {account: 404b170a-9042-41ed-9a51-2eabd0c03f8a}, status: 500}"
    assert len(read(parse(HEAD + text, "a.yaml")).faults) == 1


@pytest.mark.parametrize("seed", [0, 7])
def test_a_fault_names_what_has_a_name_under_every_seed(seed: int) -> None:
    busy = {"request": {"account": "savings"}, "status": 503}
    plan = plan_of({"name": "busy", "accounts": [{"as": "savings"}], "faults": [busy]})
    world = at_once(plan.make(profile=None, seed=seed, now=None, receiver=None))
    accounts = world.store.named("accounts")
    assert accounts is not None
    (fault,) = plan.faults(seed)
    assert isinstance(fault, RequestFault)
    assert [account.id for account in accounts] == [fault.request.account]
