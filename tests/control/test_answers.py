"""One declaration of each answer: the document has its schema, the Python client reads it, the commands answer it."""

from __future__ import annotations

import dataclasses
from typing import Any

import orjson
import pytest

from mockserver.client.answers import About
from mockserver.client.reading import Answer
from mockserver.client.worlds import MockServer, World, Worlds
from mockserver.control.answers import ALSO, ANSWERS
from mockserver.control.commands import command
from mockserver.control.execution import Written
from mockserver.protocol.negotiation import JSON
from mockserver.protocol.routing import Found, Router
from tests.client.test_coverage import ABOUT, Recorder, called, methods
from tests.control.answers import assert_declared, document


def test_each_command_declares_its_answer() -> None:
    names = {each.name.strip("_") for each in command.all if each.status != 204 and each.shows is None}
    assert ANSWERS.keys() == names
    assert {each.name for each in command.all} >= ALSO.keys()


def read_by_the_client() -> dict[str, set[type[Answer]]]:
    """The types as which the client reads the answer of each command."""
    recorder: Any = Recorder()
    server = MockServer(recorder.url)
    server.connection = recorder
    server.worlds = Worlds(recorder)
    for thing in (server, World(recorder, About.read(ABOUT))):
        for method in methods(thing):
            called(method)
    router: Router[str] = Router()
    for each in command.all:
        router.add(each.method, each.path, each.name.strip("_"))
    found: dict[str, set[type[Answer]]] = {}
    for sent in recorder.sent:
        match = router.match(sent.method, sent.path)
        cls = getattr(sent.read, "__self__", None)
        if isinstance(match, Found) and isinstance(cls, type) and issubclass(cls, Answer):
            found.setdefault(match.target, set()).add(cls)
    return found


def test_the_client_reads_what_is_declared() -> None:
    found = read_by_the_client()
    declared = {name: {ANSWERS.get(name), *ALSO.get(name, {}).values()} for name in found}
    assert {name: read for name, read in found.items() if not read <= declared[name]} == {}
    assert len(found) > 20


def test_no_schema_of_an_answer_leaves_anything_open_without_saying_so() -> None:
    """Types that are generated have no ``unknown``: each object is closed, or says what else it may hold."""
    open_ones = [
        place
        for name, schema in document()["components"]["schemas"].items()
        for place, each in within(schema, name)
        if each == {}
        or each.get("additionalProperties") is True
        or (each.keys() == {"type"} and each["type"] == "object")
    ]
    assert open_ones == []


def within(schema: Any, place: str) -> list[tuple[str, dict[str, Any]]]:
    """Every schema in a schema, with its place."""
    if isinstance(schema, list):
        return [found for index, each in enumerate(schema) for found in within(each, f"{place}.{index}")]
    if not isinstance(schema, dict):
        return []
    inner = [
        found
        for key in ("items", "additionalProperties", "anyOf", "oneOf", "allOf")
        for found in within(schema.get(key), f"{place}.{key}")
    ]
    members = [
        found for name, each in schema.get("properties", {}).items() for found in within(each, f"{place}.{name}")
    ]
    return [(place, schema), *inner, *members]


@pytest.mark.parametrize("wrong", [{"more": 1}, {"now": None}, {"mode": ...}])
def test_an_answer_that_is_not_as_declared_is_seen(wrong: dict[str, Any]) -> None:
    """The check itself: with a member more, with another type, and without a member."""
    (show,) = (each for each in command.all if each.name == "show_clock")
    sound = {
        "now": "2023-01-10T08:00:00Z",
        "mode": "manual",
        "idle": True,
        "next_due": None,
        "under_way": False,
        "feed": 1,
        "move": None,
    }
    assert_declared(show, Written(200, orjson.dumps(sound), JSON))
    answer = {name: value for name, value in (sound | wrong).items() if value is not ...}
    with pytest.raises(AssertionError, match="does not declare"):
        assert_declared(show, Written(200, orjson.dumps(answer), JSON))


def test_every_member_is_described_or_plain() -> None:
    """The texts below the members of a type are the descriptions of its schema."""
    about = document()["components"]["schemas"]["About"]["properties"]
    assert about.keys() == {each.metadata.get("json", each.name) for each in dataclasses.fields(About)} - {"json"}
    assert about["removed_at"]["description"].startswith("The machine's time at which it is removed")
