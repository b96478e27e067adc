"""Query parameters of commands: an unknown one is refused, and so is a value that its schema does not take."""

from __future__ import annotations

import pytest

from mockserver.control.commands import Command, command
from mockserver.control.router import Control
from tests.conftest import Api

REGISTERED = Control
"""Importing it registers every command."""

VALUES = {
    "world": "default",
    "id": "x",
    "resource": "accounts",
    "key_id": "k",
    "kid": "k",
    "request_id": "x",
    "number": "1",
}
HEALTH = "/_mock/health"


@pytest.mark.parametrize(
    "each", [each for each in command.all if each.path != HEALTH], ids=lambda each: f"{each.method} {each.path}"
)
async def test_no_command_takes_a_parameter_that_it_does_not_know(each: Command, client: Api) -> None:
    answer = await client.request(each.method, f"{each.path.format(**VALUES)}?nothing=1")
    assert answer.status == 400
    assert answer.detail.startswith("(query).nothing: is unknown; this command takes ")
    for name in each.query:
        assert name in answer.detail


async def test_a_misspelled_parameter_is_named_with_the_one_that_was_meant(client: Api) -> None:
    answer = await client.get("/_mock/worlds/default/events?sinc=3")
    assert (
        answer.detail == "(query).sinc: is unknown (did you mean since?); this command takes type, since, before, limit"
    )


async def test_since_is_no_parameter_of_tokens(client: Api) -> None:
    assert (await client.get("/_mock/worlds/default/tokens?since=3")).status == 400


async def test_the_health_check_takes_whatever_a_prober_adds(client: Api) -> None:
    assert (await client.get(f"{HEALTH}?t=1700000000")).status == 200


async def test_of_a_repeated_parameter_the_last_counts(client: Api) -> None:
    answer = await client.get("/_mock/worlds/default/state/accounts?limit=x&limit=1")
    assert answer.status == 200
