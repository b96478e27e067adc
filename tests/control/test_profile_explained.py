"""What is due, and what waits, says which settings were changed, since when and by what."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kernel.world import World
from mockserver.scenario.build import build_world
from mockserver.scenario.load import load
from tests.conftest import Api

DEFAULT = "/_mock/worlds/default"
PROFILE = f"{DEFAULT}/profile"
MORNING = "2023-01-10T09:00:00Z"
ONE_DAY = {"settlement": {"buy": 1}}


LIVE = {
    "name": "explained",
    "clock": "2023-01-10T09:00:00Z",
    "profile": "live",
    "users": [{"as": "erika"}],
    "account_groups": [{"as": "group", "user_id": "erika"}],
    "accounts": [{"as": "trading", "account_group_id": "group", "type": "TRADING"}],
    "cash": [{"account_group_id": "group", "amount": "1000.00"}],
}


@pytest.fixture
def world() -> World:
    return build_world(load(LIVE))


async def placed(client: Api) -> str:
    account = (await client.get(f"{DEFAULT}/state/accounts")).json["data"][0]
    body = {"account_id": account["id"], "user_id": account["object"]["users"][0]["id"], "side": "BUY"}
    body |= {"instrument_id": "IE0032077012", "instrument_id_type": "ISIN", "cash_amount": "100"}
    return str((await client.post("/orders", json=body)).json["id"])


async def explained(client: Api, order: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"{DEFAULT}/state/orders/{order}")).json
    return found


STARTS_LATE = {"stages": {"order.start": {"delay": "3h"}}}


async def test_what_is_due_says_by_which_setting(client: Api) -> None:
    await client.patch(PROFILE, json=STARTS_LATE)
    order = await placed(client)
    told = await explained(client, order)
    assert told["explanation"] == (
        "NEW: due at 2023-01-10T12:00:00Z: order.start: NEW -> PROCESSING; "
        f"stages.order.start.delay 3h since {MORNING} (PATCH …/profile)"
    )
    (due,) = told["upcoming"]
    setting = {"setting": "stages.order.start.delay", "value": "3h", "was": "2s", "since": MORNING}
    assert due["settings"] == told["settings"] == [{**setting, "until": None, "by": "PATCH …/profile", "change": "c1"}]
    upcoming = (await client.get(f"{DEFAULT}/upcoming")).json["upcoming"]
    assert [each["settings"] != [] for each in upcoming].count(True) == 1


async def test_what_was_due_before_says_that_it_keeps_its_instant(client: Api) -> None:
    order = await placed(client)
    await client.patch(PROFILE, json=STARTS_LATE)
    told = await explained(client, order)
    assert told["explanation"] == (
        "NEW: due at 2023-01-10T09:00:02Z: order.start: NEW -> PROCESSING; it was due before that, and keeps its "
        f"instant: stages.order.start.delay 3h since {MORNING} (PATCH …/profile)"
    )
    assert told["upcoming"][0]["settings"] == []


async def test_what_waits_says_by_which_setting(client: Api) -> None:
    await client.patch(PROFILE, json={"changes": [{"from": "2023-01-01", "calendar": {"closed": ["2023-01-10"]}}]})
    order = await placed(client)
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1m"})
    told = await explained(client, order)
    assert told["explanation"] == (
        "waits: the market is closed; it is looked at again at 2023-01-11T08:00:00Z; "
        f'calendar.closed ["2023-01-10"] since {MORNING} (PATCH …/profile)'
    )


async def test_what_waits_for_a_command_says_since_when(client: Api) -> None:
    await client.patch(PROFILE, json={"stages": {"order.start": {"delay": "never"}}})
    told = await explained(client, await placed(client))
    assert told["waits"]["for"] == "command"
    assert told["explanation"].endswith(f"; stages.order.start.delay never since {MORNING} (PATCH …/profile)")


async def test_other_settings_are_not_named(client: Api) -> None:
    await client.patch(PROFILE, json={**ONE_DAY, "stages": {"order.execute": {"delay": "1h"}}})
    told = await explained(client, await placed(client))
    assert told["settings"] == []
    assert "since" not in told["explanation"]
