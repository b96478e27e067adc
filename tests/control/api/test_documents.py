"""The document that is served is the contract."""

from __future__ import annotations

from mockserver.contract import contract
from tests.conftest import Api


async def test_the_openapi_document_of_the_mocked_api_is_served(client: Api) -> None:
    answer = await client.get("/_mock/openapi.json")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json == contract().document


async def test_events_since_a_position_come_in_pages_that_miss_none(client: Api) -> None:
    for name in ("one", "two", "three"):
        body = {
            "name": name,
            "allocation": [{"instrument_id": "DE0005933931", "instrument_id_type": "ISIN", "weight": "1"}],
        }
        assert (await client.post("/portfolios/allocations", json=body)).status == 200
    seen: list[str] = []
    position = 0
    for _ in range(2):
        page = (await client.get(f"/_mock/worlds/default/events?since={position}&limit=2")).json
        position = page["next"]
        seen += [event["object"]["name"] for event in page["events"]]
    assert seen == ["one", "two", "three"]
    assert (await client.get(f"/_mock/worlds/default/events?since={position}")).json["events"] == []
    last = (await client.get("/_mock/worlds/default/events?limit=1")).json["events"]
    assert [event["object"]["name"] for event in last] == ["three"]
