"""An IBAN shows six and four characters, whoever looks (payments.md §18): API, events, state, logs.

Only what the client itself sent is kept as it was sent: the journal of its requests, and the recording made of it,
which has to be replayed.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from mockserver.control.commands import command
from mockserver.control.feed import KINDS
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world
from mockserver.scenario.load import load
from tests.conftest import NOW, Api
from tests.control.feed_reader import DEFAULT, reading

USER = "83d83ec2-d2ca-49ff-bbea-b92b5c3be202"
GROUP = "1ea60f56-b67b-41fc-829a-0242ac130003"
MIDDLES = ("0500000054", "0600000065")
"""Of the IBAN in the requests, and of that in the seeds: what nobody may see."""
IBAN, SEEDED_IBAN = f"DE0210{MIDDLES[0]}549005", f"DE0210{MIDDLES[1]}659002"
SENT_BY_THE_CLIENT = frozenset({"requests", "scenario", "play"})
WITHOUT_END = "feed"
"""It is read until its last entry of now, without the requests, which the client sent."""


@pytest.fixture
def world() -> World:
    seeds: dict[str, Any] = {
        "name": "banking",
        "users": [{"id": USER}],
        "account_groups": [{"id": GROUP, "user_id": USER}],
        "reference_accounts": [{"as": "giro", "user_id": USER, "iban": SEEDED_IBAN}],
        "mandates": [{"as": "bank", "user_id": USER, "iban": SEEDED_IBAN}],
        "direct_debits": [{"mandate_id": "bank", "cash_amount": 10}],
    }
    return build_world(load(seeds), now=NOW, seed=1)


async def test_no_look_at_a_world_shows_a_whole_iban(client: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    details = {"user_id": USER, "iban": IBAN, "bic": "BELADEBE", "confirmed_at": "2023-01-09T14:15:22Z"}
    shown = [await client.post("/payments/reference_accounts", json={**details, "account_owner": "Erika"})]
    shown.append(await client.post("/payments/mandates", json=details))
    collect = {"account_group_id": GROUP, "mandate_id": shown[-1].json["id"], "cash_amount": "20.00"}
    shown.append(await client.post("/payments/direct_debits", json=collect))
    shown.append(await client.post(f"{DEFAULT}/clock/advance", json={"by": "5s"}))
    lists = [f"/users/{USER}/payments/{name}" for name in ("reference_accounts", "mandates")]
    shown += [await client.get(path) for path in (*lists, *await looks(client))]
    assert [answer.body for answer in shown if answer.status != 200] == []
    everything = b"".join(answer.body for answer in shown).decode() + caplog.text + await feed(client)
    assert [middle for middle in MIDDLES if middle in everything] == []
    assert everything.count("DE0210**********9005") >= 4  # twice in answers, in lists, in the state


async def feed(client: Api) -> str:
    """What the feed tells of everything since the world began."""
    kinds = ",".join(kind for kind in KINDS.values() if kind != "request")
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1s"})  # its end is the last entry
    end = (await client.get(f"{DEFAULT}/clock")).json["feed"]
    async with reading(client, f"?since=0&kind={kinds}") as reader:
        entries = await reader.until(end - 1)
    assert {"move", "event", "clock"} <= {entry["kind"] for entry in entries}
    return orjson.dumps(entries).decode()


async def looks(client: Api) -> list[str]:
    """The paths of every command that looks at a world, and of every object in it."""
    names = [each.path.partition("{world}/")[2] for each in command.all if each.method == "GET"]
    paths = [
        f"{DEFAULT}/{name}"
        for name in names
        if name and "{" not in name and name not in {*SENT_BY_THE_CLIENT, WITHOUT_END}
    ]
    for resource in (await client.get(f"{DEFAULT}/state")).json["resources"]:
        found = (await client.get(f"{DEFAULT}/state/{resource}")).json["data"]
        paths += [
            f"{DEFAULT}/state/{resource}",
            *(f"{DEFAULT}/state/{resource}/{quote(each['id'], safe='')}" for each in found),
        ]
    assert len(paths) > 15
    return paths
