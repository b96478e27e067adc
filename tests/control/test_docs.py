"""docs/faults.md does what it says: its examples are played in their order."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import yaml

from mockserver.protocol.faults import EFFECTS, RequestFault, RequestMatch
from mockserver.protocol.journal import MOST_BYTES, MOST_ENTRIES
from mockserver.replay.player import replay
from mockserver.scenario.document import parse
from mockserver.scenario.load import load, read
from mockserver.server import ServerSettings, start
from mockserver.webhooks.faults import EFFECTS as OF_DELIVERIES
from mockserver.webhooks.faults import WebhookFault, WebhookMatch
from tests.conftest import Api
from tests.protocol import test_docs as requests_page

PAGE = (Path(__file__).parents[2] / "docs" / "faults.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


async def test_the_examples_get_the_answers_that_are_shown(client: Api) -> None:
    messages = iter(blocks("http"))
    for asked, told in zip(messages, messages, strict=True):
        line, headers, body = requests_page.read(asked)
        answered, _, shown = requests_page.read(told)
        method, path = line.split(" ")
        answer = await client.request(method, path, data=body or None, headers=headers)
        assert f"HTTP/1.1 {answer.status}" == answered, (asked, answer.body)
        if shown:
            assert requests_page.agrees(orjson.loads(shown), answer.json), (shown, answer.body)


async def test_the_scenario_is_green() -> None:
    (text,) = blocks("yaml")
    async with await start(ServerSettings(port=0)) as server:
        played = await replay(read(parse(text, "faults.md")), server.url)
    assert [entry.problems for entry in played.failures] == []
    assert load(yaml.safe_load(text)).faults


def test_every_member_is_explained() -> None:
    models = (RequestMatch, RequestFault, WebhookMatch, WebhookFault)
    names = {info.alias or name for model in models for name, info in model.model_fields.items()} - {"note"}
    names |= {*EFFECTS, *OF_DELIVERIES}
    assert {name for name in names if not re.search(rf"\b{name}\b", PAGE)} == set()


def test_the_numbers_are_those_of_the_program() -> None:
    assert f"the last {MOST_ENTRIES:,} requests of a world, and at most {MOST_BYTES // 1_000_000} MB" in PAGE
