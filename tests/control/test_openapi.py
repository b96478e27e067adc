"""The control API's own OpenAPI document: every command is in it, and every body that one reads."""

from __future__ import annotations

import inspect
from typing import Any

import jsonschema_rs
import orjson
import pytest
import schemathesis
from pydantic import BaseModel, ValidationError

from mockserver.control.api.clock import Advance
from mockserver.control.api.instruments import Instruments
from mockserver.control.api.prices import Prices
from mockserver.control.api.tokens import Expiry
from mockserver.control.api.webhook_keys import Spoil
from mockserver.control.commands import Command, Commands, command
from mockserver.control.openapi import described
from mockserver.control.pages import PAGED
from mockserver.control.router import Control
from mockserver.control.verification import Verification
from tests.conftest import Api

REGISTERED = Control
"""Importing it registers every command."""

EVERY = pytest.mark.parametrize("each", command.all, ids=lambda each: f"{each.method} {each.path}")


async def test_it_is_served_beside_the_one_of_the_mocked_api(client: Api) -> None:
    own = (await client.get("/_mock/control/openapi.json")).json
    assert own["openapi"] == "3.1.0"
    assert (await client.get("/_mock/openapi.json")).json["paths"].keys().isdisjoint(own["paths"])


def test_it_is_a_valid_document() -> None:
    schema = schemathesis.openapi.from_dict(described(command.all))
    assert sum(1 for _ in schema.get_all_operations()) == len(command.all)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return described(command.all)


@EVERY
def test_no_command_is_missing(each: Command, document: dict[str, Any]) -> None:
    operation = document["paths"][each.path][each.method.lower()]
    assert operation["summary"]
    assert str(each.status) in operation["responses"]
    assert ("requestBody" in operation) is (each.takes is not None)


@EVERY
def test_a_command_says_which_body_it_reads(each: Command) -> None:
    source = inspect.getsource(each.function)
    reads = "request.read(" in source or "_read(request)" in source
    assert reads is (each.takes is not None)


@EVERY
def test_a_command_says_which_query_it_reads(each: Command) -> None:
    source = inspect.getsource(each.function)
    if "dict(request.query)" in source:  # takes all of it
        return
    paged = PAGED.keys() if "page(request, " in source else set()
    assert {name for name in each.query if f'request.value("{name}"' in source} == each.query.keys() - paged
    assert source.count("request.value(") == len(each.query.keys() - paged)


def test_operation_ids_are_unique() -> None:
    names = [each.name for each in command.all]
    assert len(names) == len(set(names))


def test_every_schema_of_a_body_can_be_checked_against(document: dict[str, Any]) -> None:
    for name in document["components"]["schemas"]:
        root = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        jsonschema_rs.Draft202012Validator(root)


def test_a_command_without_a_docstring_is_refused() -> None:
    async def mute(_: object) -> None: ...

    with pytest.raises(ValueError, match="GET /_mock/x has no docstring"):
        Commands()("GET", "/_mock/x")(mute)


@EVERY
async def test_a_body_is_required_where_none_is_refused(each: Command, document: dict[str, Any], client: Api) -> None:
    operation = document["paths"][each.path][each.method.lower()]
    if "requestBody" not in operation or not operation["requestBody"]["required"]:
        return
    path = each.path.format(world="default", id="x", key_id="k", kid="k")
    assert (await client.request(each.method, path)).status == 400


def test_the_media_types_of_bodies_and_answers_are_those_of_the_commands(document: dict[str, Any]) -> None:
    paths = document["paths"]
    create = paths["/_mock/worlds"]["post"]["requestBody"]
    assert list(create["content"]) == ["application/json", "application/yaml"]
    assert not create["required"]
    recorded = paths["/_mock/worlds/{world}/scenario"]["get"]["responses"]["200"]
    assert set(recorded["content"]) == {"application/yaml", "application/json"}


BODIES: list[tuple[type[BaseModel], list[object]]] = [
    (Advance, [{}, {"by": "1d"}, {"by": "1d", "next": True}, {"by": None, "next": True}, {"next": False}]),
    (Advance, [{"next": None}, {"until": "idle"}, {"until": "x"}, {"at": 1}, {"to": None, "until": "idle"}]),
    (Expiry, [{}, {"all": True}, {"all": False}, {"token": "x"}, {"all": True, "token": "x"}]),
    (Verification, [{}, {"count": 1}, {"count": 1.0}, {"count": 1.5}, {"count": 1, "never": True}, {"status": 600}]),
    (Verification, [{"at_least": 1, "at_most": 2}, {"at_least": 1, "count": 2}, {"since": -1}, {"at_least": 0}]),
    (Spoil, [{}, {"fault": None}, {"fault": None, "count": 1}, {"fault": "expired_key", "count": 2}]),
    (Prices, [{"prices": [{"instrument": "x", "bid": it}]} for it in ("1.5", 1.5, 1, "0", 0, "-1", "x", None)]),
    (Instruments, [{"instruments": [{"isin": "DE0005933931", "buy_tax": it}]} for it in ("0.5", 1, 2, "1.1", "x")]),
]


@pytest.mark.parametrize(("model", "body"), [(model, body) for model, bodies in BODIES for body in bodies], ids=repr)
def test_the_schema_of_a_body_takes_what_the_command_takes(model: type[BaseModel], body: object) -> None:
    schema = jsonschema_rs.Draft202012Validator(model.model_json_schema())
    try:
        model.model_validate_json(orjson.dumps(body), strict=True)
    except ValidationError:
        assert not schema.is_valid(body)
    else:
        assert schema.is_valid(body)
