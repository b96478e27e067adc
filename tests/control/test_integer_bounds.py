"""Integers have one bound at every door: bodies, queries, scenarios, the command line, the plugin, the library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from mockserver.cli import main
from mockserver.control.commands import command
from mockserver.control.router import Control
from mockserver.kernel.integers import ANY
from mockserver.kernel.profile import Profile
from mockserver.kernel.rules import Refusal
from mockserver.pytest_plugin.marks import marked_world
from mockserver.pytest_plugin.misuse import MisuseError
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load
from mockserver.scenario.schema import Scenario
from mockserver.server import ServerSettings, host_of
from tests.conftest import Api

REGISTERED = Control
"""Importing it registers every command."""

D = "/_mock/worlds/default"
BODIES: list[type[BaseModel]] = [each.takes for each in command.all if each.takes is not None]
LONG = (2**63, 2**64, 10**400)
TOO_LONG = f"must be at least {-(2**63)} and at most {2**63 - 1}, not "


@pytest.mark.parametrize("model", [*BODIES, Scenario, Profile], ids=lambda model: model.__name__)
def test_every_integer_of_a_model_has_bounds_of_64_bits(model: type[BaseModel]) -> None:
    schema = model.model_json_schema()
    for place, each in _integers(schema, model.__name__):
        assert -(2**63) <= each["minimum"] <= each["maximum"] < 2**63, place


def test_every_integer_of_a_query_has_bounds_of_64_bits() -> None:
    for each in command.all:
        for name, schema in each.query.items():
            if schema.get("type") == "integer":
                assert -(2**63) <= schema["minimum"] <= schema["maximum"] < 2**63, f"{each.path}?{name}"


def _integers(schema: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "integer":
            yield place, schema
        for name, each in schema.items():
            yield from _integers(each, f"{place}.{name}")
    elif isinstance(schema, list):
        for index, each in enumerate(schema):
            yield from _integers(each, f"{place}.{index}")


def sent(number: int) -> list[tuple[str, str, Any]]:
    """A request for each integer, and for each member of any JSON, that a body of the control API takes."""
    fault = {"request": {"path": "/users"}, "status": 503}
    return [
        ("POST", "/_mock/worlds", {"seed": number}),
        ("POST", "/_mock/worlds", {"scenario": {"name": "x", "seed": number}}),
        ("POST", "/_mock/worlds", {"scenario": {"name": "x", "profile": {"limits": {"kept": number}}}}),
        ("POST", "/_mock/worlds", {"scenario": {"name": "x", "accounts": {"generate": number}}}),
        ("POST", "/_mock/worlds", {"scenario": {"name": "x", "steps": [{"request": {"path": "/", "body": number}}]}}),
        ("POST", "/_mock/worlds", {"scenario": {"name": "x", "steps": [{"expect_state": {"count": number}}]}}),
        *(("POST", f"{D}/requests/verify", {name: number}) for name in ("since", "count", "at_least", "at_most")),
        *(("POST", f"{D}/requests/verify", {name: number}) for name in ("body", "status")),
        ("POST", f"{D}/requests/verify", {"body": {"a": [{"b": number}]}}),
        ("POST", f"{D}/faults", fault | {"request": {"path": "/users", "nth": number}}),
        ("POST", f"{D}/faults", fault | {"request": {"path": "/users", "nth": [number]}}),
        ("POST", f"{D}/faults", fault | {"request": {"path": "/users", "nth": {"from": number}}}),
        ("POST", f"{D}/faults", fault | {"request": {"path": "/users", "times": number}}),
        ("POST", f"{D}/faults", fault | {"body": number}),
        ("POST", f"{D}/faults", fault | {"status": number}),
        ("POST", f"{D}/faults", fault | {"retry_after": number}),
        *(("POST", f"{D}/faults", {"webhook": {}, name: number}) for name in ("duplicate", "split", "fail")),
        ("POST", f"{D}/webhooks", {"url": "http://127.0.0.1:9/", "config": {"max_package_size": number}}),
        ("POST", f"{D}/moves", {"resource": "accounts", "id": "x", "to": "CLOSED", "with": {"a": number}}),
        ("PUT", f"{D}/webhook_keys/fault", {"fault": "wrong_signature", "count": number}),
    ]


@pytest.mark.parametrize("number", LONG, ids=["2**63", "2**64", "10**400"])
async def test_no_body_takes_an_integer_of_more_than_64_bits(number: int, client: Api) -> None:
    worlds = (await client.get("/_mock/worlds")).body
    for method, path, body in sent(number):
        answer = await client.request(method, path, data=json.dumps(body))
        assert answer.status == 400, (body, answer.status)
        assert "must be" in answer.detail, (body, answer.detail)
        assert (await client.get("/_mock/worlds")).body == worlds


async def test_a_negative_integer_is_an_answer_and_no_failure(client: Api) -> None:
    for method, path, body in sent(-1):
        answer = await client.request(method, path, data=json.dumps(body))
        assert answer.status < 500, (body, answer.detail)
    assert (await client.get("/_mock/worlds")).status == 200


@pytest.mark.parametrize("number", [-1, *LONG], ids=["-1", "2**63", "2**64", "10**400"])
async def test_no_query_takes_one_either(number: int, client: Api) -> None:
    for each in command.all:
        for name, schema in each.query.items():
            if schema.get("type") == "integer" and each.method == "GET":
                path = each.path.format(world="default", resource="accounts")
                answer = await client.get(f"{path}?{name}={number}")
                assert answer.status == 400, path
                assert answer.detail.startswith(f"(query).{name}: must be at least 0 and at most "), answer.detail


@pytest.mark.parametrize("seed", [-(2**63), -1, 2**63 - 1])
async def test_every_seed_of_64_bits_is_taken(seed: int, client: Api, tmp_path: Path) -> None:
    for body in ({"seed": seed}, {"scenario": {"name": "x", "seed": seed}}):
        answer = await client.post("/_mock/worlds", json=body)
        assert answer.status == 201, answer.detail
        assert answer.json["seed"] == seed
    file = tmp_path / "mine.yaml"
    file.write_text(f"name: mine\nseed: {seed}\n")
    assert load(file).seed == seed
    assert marked_world({"seed": seed}, tmp_path).seed.value == seed
    assert host_of(ServerSettings(seed=seed)).worlds.get("default").world.seed == seed


@pytest.mark.parametrize("seed", LONG, ids=["2**63", "2**64", "10**400"])
async def test_a_longer_one_is_refused_with_the_same_text_at_every_door(
    seed: int, client: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = str(seed) if seed < 10**100 else "a number of more than 100 digits"
    file = tmp_path / "mine.yaml"
    file.write_text(f"name: mine\nseed: {seed}\n")
    run = CliRunner().invoke
    with pytest.raises(ScenarioError) as of_file:
        load(file)
    with pytest.raises(ScenarioError) as of_mapping:
        load({"seed": seed})
    with pytest.raises(MisuseError) as of_plugin:
        marked_world({"seed": seed}, tmp_path)
    with pytest.raises(Refusal) as of_library:
        host_of(ServerSettings(seed=seed))
    monkeypatch.setenv("MOCKSERVER_SEED", str(seed))
    results = [run(main, ["serve", "--port", "0"])]
    monkeypatch.delenv("MOCKSERVER_SEED")
    results += [run(main, ["serve", "--port", "0", "--seed", str(seed)]), run(main, ["check", str(file)])]
    assert [each.exit_code for each in results] == [2, 2, 2]
    texts = [
        (await client.post("/_mock/worlds", data=json.dumps({"seed": seed}))).detail,
        (await client.post("/_mock/worlds", data=json.dumps({"scenario": {"name": "x", "seed": seed}}))).detail,
        *(str(each.value) for each in (of_file, of_mapping, of_plugin, of_library)),
        *(each.output for each in results),
    ]
    for text in texts:
        assert f"{TOO_LONG}{shown}" in " ".join(text.split()).replace("- ", "-"), text


def test_a_number_that_python_cannot_write_is_described() -> None:
    with pytest.raises(ValueError, match="not a number of more than 100 digits"):
        ANY.checked(10**10_000)
