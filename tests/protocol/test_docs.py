"""docs/requests.md does what it says: its examples are played in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from mockserver.hosting.registry import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET
from mockserver.kernel.profile import Refusals
from mockserver.protocol.clients import Auth
from mockserver.protocol.idempotency import MOST_REPLIES
from mockserver.protocol.tokens import MOST_TOKENS, all_scopes
from mockserver.scenario.build import build_world
from mockserver.scenario.load import load
from tests.conftest import Api

PAGE = (Path(__file__).parents[2] / "docs" / "requests.md").read_text(encoding="utf-8")
ANYTHING = "…"


@pytest.fixture
def auth() -> Auth:
    return Auth.TOKEN


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found


def read(block: str) -> tuple[str, dict[str, str], str]:
    """The first line, the headers and the body of a message."""
    head, _, body = block.partition("\n\n")
    first, *headers = head.strip().splitlines()
    return first, dict(header.split(": ", 1) for header in headers), body.strip()


def exchanges() -> Iterator[tuple[str, str]]:
    messages = iter(blocks("http"))
    return zip(messages, messages, strict=True)


def agrees(shown: Any, found: Any) -> bool:
    """Whether what was answered is what is shown; an object may have more members."""
    if isinstance(shown, dict):
        return isinstance(found, dict) and all(name in found and agrees(shown[name], found[name]) for name in shown)
    if isinstance(shown, list):
        return isinstance(found, list) and len(shown) == len(found) and all(map(agrees, shown, found))
    if isinstance(shown, str) and isinstance(found, str):
        return re.fullmatch(".*".join(map(re.escape, shown.split(ANYTHING))), found) is not None
    return bool(shown == found)


async def test_the_examples_get_the_answers_that_are_shown(client: Api) -> None:
    token = ""
    for asked, told in exchanges():
        (line, headers, body), (answered, _, shown) = read(asked), read(told)
        headers = {name: value.replace(f"ory_at_{ANYTHING}", token) for name, value in headers.items()}
        method, path = line.split(" ")
        answer = await client.request(method, path, data=body or None, headers=headers)
        assert f"HTTP/1.1 {answer.status}" == answered, (asked, answer.body)
        assert agrees(orjson.loads(shown), answer.json), (shown, answer.body)
        token = answer.json.get("access_token", token)


def test_the_settings_are_some() -> None:
    strict, limited = (build_world(load(yaml.safe_load(text))).profile for text in blocks("yaml"))
    assert [name for name, refused in strict.refusals if refused] == ["content_type_parameters"]
    assert limited.limits.requests_per_second == 300
    assert limited.behaviour.token_lifetime.total_seconds() == 3600


def test_every_inferred_refusal_has_a_line() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \|", PAGE.partition("| Setting of `refusals`")[2].partition("\n## ")[0], re.MULTILINE
    )
    assert rows == list(Refusals.model_fields)


def test_the_numbers_are_those_of_the_program() -> None:
    assert f"all {len(all_scopes())}" in PAGE
    assert f"last {MOST_TOKENS:,} tokens" in PAGE
    assert f"more than {MOST_REPLIES:,} answers" in PAGE
    assert DEFAULT_CLIENT_ID in PAGE
    assert DEFAULT_CLIENT_SECRET in PAGE
