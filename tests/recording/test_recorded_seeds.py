"""Seeds in a recorded scenario: their ids stay as they are, whatever answers and requests say of them."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.server import ServerSettings
from tests.recording.test_recorder import Hand, hand

__all__ = ["hand"]  # a fixture

USER = "83d83ec2-d2ca-49ff-bbea-b92b5c3be202"
GROUP = "1ea60f56-b67b-41fc-829a-0242ac130003"
BY_ID: dict[str, Any] = {
    "name": "by-id",
    "users": [{"id": USER}],
    "account_groups": [{"id": GROUP, "user_id": USER}],
    "cash": [{"account_group_id": GROUP, "amount": "10.00"}],
}
BY_BOTH: dict[str, Any] = {
    "name": "by-both",
    "users": [{"id": USER, "as": "erika"}],
    "account_groups": [{"id": GROUP, "as": "savings", "user_id": USER}],
    "cash": [{"account_group_id": "savings", "amount": "10.00"}],
}


@pytest.fixture(params=[BY_ID, BY_BOTH], ids=["by id", "by id and name"])
def scenario(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.param
    return found


@pytest.fixture
def settings(scenario: dict[str, Any]) -> ServerSettings:
    return ServerSettings(port=0, auth="off", clock="manual", scenarios=[scenario])


async def test_ids_that_the_seeds_give_are_kept(hand: Hand, scenario: dict[str, Any]) -> None:
    """Told by an answer, asked for by a request: still they are ids of the seeds."""
    await hand.ask("GET", f"/users/{USER}/account_groups")
    await hand.ask("GET", f"/account_groups/{GROUP}")
    await hand.command("POST", "/moves", {"resource": "account_groups", "id": GROUP, "to": "LOCKED"})
    data = await hand.replayed()
    assert {name: data[name] for name in ("users", "account_groups", "cash")} == {
        name: scenario[name] for name in ("users", "account_groups", "cash")
    }


@pytest.mark.parametrize("scenario", [{"name": "by-name", "seed": 7, "users": [{"as": "erika"}]}])
async def test_names_follow_the_seed(hand: Hand, scenario: dict[str, Any]) -> None:
    """A recording has the seed of its world, and calls by its name what the scenario names."""
    user = (await hand.ask("GET", "/users"))["data"][0]["id"]
    await hand.ask("GET", f"/users/{user}/account_groups")
    data = await hand.replayed()
    assert data["seed"] == 7
    assert data["steps"][-1]["request"]["path"] == "/users/${erika}/account_groups"
