"""docs/webhooks.md does what it says."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.hosting.refusals import UNANSWERED
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world
from mockserver.scenario.load import load
from mockserver.webhooks.attempts import skipped_view
from mockserver.webhooks.sender import Sender
from tests.conftest import Api
from tests.webhooks.targets import target
from tests.webhooks.tenants import Tenant
from tests.webhooks.test_sender import BODY
from tests.webhooks.test_skipping import Move, at, begun, hangs, only

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
KEYS = "/_mock/worlds/default/webhook_keys"


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found


async def run(client: Api, line: str, **variables: str) -> Any:
    """A ``curl`` of the page, sent by the client of the tests."""
    for name, value in {"URL": "", **variables}.items():
        line = line.replace(f"${name}", value)
    options = iter(shlex.split(line)[1:])
    method, path, data = "GET", "", None
    for option in options:
        if option == "-X":
            method = next(options)
        elif option == "-d":
            data = next(options)
        else:
            path = option
    answer = await client.request(method, path, data=data)
    assert answer.status < 300, line
    return answer.json if answer.body else None


def test_the_program_runs() -> None:
    (program,) = blocks("python")
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"signed by [0-9a-f-]{36}, version 6\n", done.stdout)


async def test_a_delivery_has_the_headers_that_are_shown(tenant: Tenant) -> None:
    (shown,) = blocks("http")
    wanted = [line.partition(":")[0] for line in shown.partition("\n\n")[0].splitlines()[1:]]
    sender = Sender()
    async with target() as receiver:
        await sender.send(tenant.world, receiver.url + "?tenant=7", BODY)
        await sender.close()
    headers = {name.lower(): value for name, value in receiver.requests[0].headers.items()}
    assert headers.keys() - {"host", "accept"} == set(wanted)
    covered = re.search(r"sig1=(\(.*?\))", shown)
    assert covered is not None
    assert headers["signature-input"].startswith(f"sig1={covered[1]};keyid=")


def test_the_scenario_can_be_used() -> None:
    profiles = [build_world(load(yaml.safe_load(text))).profile.webhooks for text in blocks("yaml")]
    assert [(each.signature, each.json_format) for each in profiles] == [("15", "compact"), ("6", "spaced")]


async def test_the_commands_work(client: Api, world: World) -> None:
    rotation, faults = (block.splitlines() for block in blocks("sh") if "webhook_keys" in block)
    (old,) = (await run(client, rotation[0]))["keys"]
    for line in rotation:
        await run(client, line, OLD_KID=old["kid"])
    (new,) = (await client.get(KEYS)).json["keys"]
    assert new["kid"] != old["kid"]
    for line in faults:
        told = await run(client, line)
        data = re.search(r"\{.*\}", line)
        assert data is not None
        assert told.items() >= json.loads(data[0]).items()


@pytest.mark.parametrize("fault", ["wrong_signature", "expired_key"])
def test_every_fault_is_explained(fault: str) -> None:
    assert f"| `{fault}` |" in PAGE


def test_skipped_attempts_are_as_shown() -> None:
    (shown,) = [json.loads(block) for block in blocks("json") if "after_attempt" in block]
    dead = begun(hangs)
    (skipped,) = Move(dead).by("1h").skipping.skipped
    assert {**skipped_view(skipped), "delivery_id": "…", "webhook_id": "…"} == shown


def test_the_table_of_an_hour_has_the_attempts_that_are_made_and_skipped() -> None:
    (made, skipped, last, later) = re.findall(r"^\| ([0-9, …]+) \| (?:made|skipped|) ?\|", PAGE, re.MULTILINE)
    dead = begun(hangs)
    move = Move(dead).by("1h")
    assert dead.seconds() == [*map(int, made.split(", ")), int(last)]
    first, *_, end = skipped.split(", ")
    (record,) = move.skipping.skipped
    assert (record.first, record.last) == (at(int(first)), at(int(end.removeprefix("… "))))
    assert only(dead).retry_at == at(int(later))


async def test_the_text_of_the_refusal_is_the_servers() -> None:
    (shown,) = [" ".join(block.split()) for block in blocks("text") if block.startswith("409")]
    assert shown == f"409 {UNANSWERED.refuse(id='5dd0b3a2-…').detail}"


async def test_any_event_is_emitted_as_it_is_shown(client: Api) -> None:
    (line,) = [each for block in blocks("sh") for each in block.splitlines() if "worlds/default/events" in each]
    event = (await run(client, line))["event"]
    assert (event["type"], event["object"]["status"]) == ("TAX_COLLECTION.FINALISED", "FINALISED")
    assert event["object"]["collection_amount"] == {"amount": "25.00", "currency": "EUR"}
