"""The life of a subscription over HTTP, each answer checked against the contract (concepts.md §7)."""

from __future__ import annotations

from tests.conftest import Api
from tests.contract.examples import body_of


async def test_a_subscription_is_created_read_changed_and_deleted(client: Api) -> None:
    created = await client.post("/webhooks", json=body_of("create_webhook"))
    assert (created.status, created.json["type"]) == (201, ["USER"])
    path = f"/webhooks/{created.json['id']}"
    assert [each["id"] for each in (await client.get("/webhooks")).json["data"]] == [created.json["id"]]
    changed = await client.patch(path, json={"title": "Orders", "type": ["ORDER"]})
    assert (changed.status, changed.json["title"], changed.json["type"]) == (200, "Orders", ["ORDER"])
    read = await client.get(path)
    assert (read.status, read.json) == (200, changed.json)
    deleted = await client.delete(path)
    assert (deleted.status, deleted.body) == (204, b"")
    assert (await client.get(path)).status == 404
    assert (await client.get("/webhooks")).json["data"] == []
