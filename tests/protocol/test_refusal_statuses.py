"""The status of an inferred refusal is a setting, of each of them: what is documented is none."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.cli.fidelity import basis
from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.portfolios.allocations import ALLOCATIONS
from mockserver.hosting.registry import DEFAULT_CLIENT_ID
from mockserver.kernel.profile import Behaviour
from mockserver.kernel.rules import Rule
from mockserver.kernel.world import World
from mockserver.protocol.clients import Auth
from mockserver.scenario.build import build_world
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load
from mockserver.scenario.refusals import refusals
from tests.conftest import NOW, Api

INFERRED = [rule for rule in refusals().values() if basis(rule.source) in ("inferred", "partly")]
OTHERS = [rule for rule in refusals().values() if rule not in INFERRED]
OTHER_STATUS = {400: 422, 422: 400, 404: 400, 403: 400, 401: 403, 406: 400}
EXISTS = "configuration.exists"


def with_statuses(statuses: Any) -> dict[str, Any]:
    return {"name": "refused", "profile": {"base": "sandbox", "behaviour": {"refusal_statuses": statuses}}}


def test_a_name_belongs_to_one_rule() -> None:
    assert all(name == rule.name for name, rule in refusals().items())
    assert len(INFERRED) > len(OTHERS) > 0


@pytest.mark.parametrize("rule", INFERRED, ids=lambda rule: rule.name)
def test_each_inferred_refusal_answers_with_the_status_that_a_profile_gives_it(rule: Rule) -> None:
    wanted = OTHER_STATUS.get(rule.status, 400)
    world = build_world(load(with_statuses({rule.name: wanted})), now=NOW, seed=1)
    answered = rule.answered(world.profile.behaviour.refusal_statuses)
    assert (answered.name, answered.status, rule.status) == (rule.name, wanted, rule.status)


@pytest.mark.parametrize("rule", OTHERS, ids=lambda rule: rule.name)
def test_the_status_of_a_documented_refusal_is_no_setting(rule: Rule) -> None:
    with pytest.raises(ScenarioError, match=f"the status of {rule.name}, {rule.status}, is documented"):
        load(with_statuses({rule.name: 409}))


def test_an_unknown_rule_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(
        ScenarioError, match=r"'configuration.exist' is no refusal \(did you mean 'configuration.exists'"
    ):
        load(with_statuses({"configuration.exist": 409}))


@pytest.mark.parametrize("status", [200, 399, 500, "many"])
def test_a_refusal_is_answered_with_a_status_of_its_class(status: Any) -> None:
    with pytest.raises(ScenarioError, match=r"refusal_statuses"):
        load(with_statuses({EXISTS: status}))


# --- Over HTTP ---


@pytest.fixture
def auth() -> Auth:
    return Auth.OFF


SCENARIO = {
    **with_statuses({"configuration.account-type": 400}),
    "instruments": [{"isin": "IE00B4L5Y983"}],
    "users": [{"as": "erika"}],
    "account_groups": [{"as": "group", "user_id": "erika"}],
    "accounts": [{"as": "trading", "account_group_id": "group", "type": "TRADING"}],
    "allocations": [{"as": "all", "allocation": [{"instrument_id": "IE00B4L5Y983", "weight": "1"}]}],
}


@pytest.fixture
def world() -> World:
    return build_world(load(SCENARIO), now=NOW, seed=1)


async def test_the_answer_has_the_status_and_its_words(client: Api) -> None:
    (account,), (allocation,) = client.world.table(ACCOUNTS), client.world.table(ALLOCATIONS)
    body = {"account_id": account.id, "allocation_id": allocation.id}
    headers = {"upvest-client-id": DEFAULT_CLIENT_ID, "idempotency-key": "aaaaaaaa-0000-4000-8000-000000000001"}
    answer = await client.post("/portfolios/configurations", json=body, headers=headers)
    assert (answer.status, answer.json["status"], answer.json["title"]) == (400, 400, "Invalid request")
    *_, last = client.tenant.journal
    assert (last.status, last.refusal) == (400, "configuration.account-type")


def test_nothing_is_set_by_itself() -> None:
    assert Behaviour().refusal_statuses == {}
