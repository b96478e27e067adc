"""The subscription operations (concepts.md §7.1)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from mockserver.kernel.operations import Nothing
from mockserver.kernel.rules import Refusal
from mockserver.models import validator as model_of
from mockserver.models.webhooks import Webhook
from mockserver.webhooks.subscriptions import seed_subscription
from tests.conformance import component_validator
from tests.webhooks.tenants import URL, Tenant, tenant

UNKNOWN = "a8eb3540-5a84-40f9-b2bb-7f99f282fc5a"
PUBLISHED = {
    "title": "User webhook",
    "url": "https://tenant.tld/webhooks/users",
    "type": ["USER"],
    "config": {"delay": "1s", "max_package_size": 51200},
}
"""The example request of the contract."""


def create(tenant: Tenant, **body: Any) -> dict[str, Any]:
    request = {"title": "Webhook", "url": URL, **body}
    return shown(tenant.call("create_webhook", body=parsed("WebhookCreateRequest", request)))


def update(tenant: Tenant, webhook: dict[str, Any], **body: Any) -> dict[str, Any]:
    return shown(tenant.call("update_webhook", webhook["id"], parsed("WebhookUpdateRequest", body)))


def parsed(model: str, body: dict[str, Any]) -> Any:
    return model_of(model).validate_json(orjson.dumps(body), strict=True)


def shown(webhook: Webhook) -> dict[str, Any]:
    """The answer's JSON, which must fit the contract."""
    answer: dict[str, Any] = orjson.loads(webhook.wire)
    component_validator("Webhook").validate(answer)
    return answer


def listed(tenant: Tenant, sort: str) -> list[Any]:
    return [getattr(webhook, sort) for webhook in tenant.call("list_webhooks", sort=sort).rows]


def test_a_created_subscription_is_disabled_and_otherwise_as_asked_for(tenant: Tenant) -> None:
    webhook = create(tenant, **PUBLISHED)
    times = {"created_at": "2023-01-10T08:00:00Z", "updated_at": "2023-01-10T08:00:00Z"}
    assert webhook == {**PUBLISHED, **times, "id": webhook["id"], "enabled": False}


def test_what_is_left_out_has_defaults(tenant: Tenant) -> None:
    webhook = create(tenant)
    assert webhook["type"] == ["ALL"]
    assert webhook["config"] == {"delay": "5s", "max_package_size": 51200}
    assert "exclude_type" not in webhook


@pytest.mark.parametrize(
    ("config", "stored"),
    [
        ({}, {"delay": "9s", "max_package_size": 777}),
        ({"delay": "2s"}, {"delay": "2s", "max_package_size": 777}),
        ({"max_package_size": 500}, {"delay": "9s", "max_package_size": 500}),
        ({"delay": "2s", "batches": True}, {"delay": "2s", "max_package_size": 777}),
    ],
)
def test_the_defaults_of_the_configuration_are_the_profiles(config: dict[str, Any], stored: dict[str, Any]) -> None:
    other = tenant({"webhooks": {"delay": "9s", "max_package_size": 777}})
    assert create(other, config=config)["config"] == stored


def test_excluded_families_are_kept(tenant: Tenant) -> None:
    assert create(tenant, exclude_type=["ORDER"])["exclude_type"] == ["ORDER"]


def test_a_subscription_can_be_read_and_listed(tenant: Tenant) -> None:
    webhook = create(tenant)
    assert shown(tenant.call("retrieve_webhook", webhook["id"])) == webhook
    assert listed(tenant, "created_at") == [tenant.world.now]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another"},
        {"url": "http://127.0.0.1/other"},
        {"enabled": True},
        {"type": ["USER", "ORDER"]},
        {"exclude_type": ["USER"]},
        {},
    ],
)
def test_a_change_leaves_what_it_does_not_name(tenant: Tenant, change: dict[str, Any]) -> None:
    webhook = create(tenant, **PUBLISHED)
    tenant.advance("1h")
    assert update(tenant, webhook, **change) == {**webhook, **change, "updated_at": "2023-01-10T09:00:00Z"}


@pytest.mark.parametrize(
    ("config", "stored"),
    [
        ({"delay": "2s"}, {"delay": "2s", "max_package_size": 51200}),
        ({"max_package_size": 500}, {"delay": "1s", "max_package_size": 500}),
        ({}, {"delay": "1s", "max_package_size": 51200}),
    ],
)
def test_a_change_of_one_setting_keeps_the_other(
    tenant: Tenant, config: dict[str, Any], stored: dict[str, Any]
) -> None:
    assert update(tenant, create(tenant, **PUBLISHED), config=config)["config"] == stored


def test_a_change_may_send_the_whole_object_back(tenant: Tenant) -> None:
    """The vendor's proxy does, and so does an example of the docs (concepts.md §7.1)."""
    webhook = create(tenant, **PUBLISHED)
    sent = {**webhook, "enabled": True, "id": UNKNOWN, "created_at": "2021-07-21T14:10:00.00Z"}
    assert update(tenant, webhook, **sent) == {**webhook, "enabled": True}


def test_a_deleted_subscription_is_gone(tenant: Tenant) -> None:
    webhook = create(tenant)
    assert tenant.call("delete_webhook", webhook["id"]) == Nothing()
    with pytest.raises(Refusal):
        tenant.call("retrieve_webhook", webhook["id"])
    assert listed(tenant, "created_at") == []


@pytest.mark.parametrize("operation_id", ["retrieve_webhook", "update_webhook", "delete_webhook", "test_webhook"])
def test_an_unknown_subscription_is_404(tenant: Tenant, operation_id: str) -> None:
    with pytest.raises(Refusal, match=f"no webhook {UNKNOWN}") as refusal:
        tenant.call(operation_id, UNKNOWN, parsed("WebhookUpdateRequest", {}))
    assert refusal.value.rule.status == 404


def test_a_url_that_cannot_be_called_is_refused_and_changes_nothing(tenant: Tenant) -> None:
    webhook = create(tenant)
    with pytest.raises(Refusal, match=r"\(root\).url") as refusal:
        create(tenant, url="ftp://tenant.tld/")
    assert refusal.value.rule.status == 400
    with pytest.raises(Refusal, match=r"\(root\).url"):
        update(tenant, webhook, url="ftp://tenant.tld/", enabled=True)
    assert shown(tenant.call("retrieve_webhook", webhook["id"])) == webhook
    assert len(listed(tenant, "url")) == 1


@pytest.mark.parametrize("sort", ["created_at", "updated_at", "title", "url", "enabled"])
def test_the_list_is_in_ascending_order_of_what_was_asked_for(tenant: Tenant, sort: str) -> None:
    for number in (2, 0, 1):
        webhook = create(tenant, title=f"Webhook {number}", url=f"{URL}/{number}")
        tenant.advance("1s")
        if number:
            update(tenant, webhook, enabled=number == 2)
        tenant.advance("1s")
    rows = listed(tenant, sort)
    assert rows == sorted(rows)
    assert len(set(map(str, rows))) == (2 if sort == "enabled" else 3)


def test_equals_are_listed_by_id(tenant: Tenant) -> None:
    made = [create(tenant)["id"] for _ in range(8)]
    rows = tenant.call("list_webhooks", sort="title").rows
    assert [webhook.id for webhook in rows] == sorted(made) != made


# --- Seeding ---


def test_a_seeded_subscription_is_enabled_at_once(tenant: Tenant) -> None:
    assert shown(seed_subscription(tenant.world, url=URL))["enabled"] is True
    assert shown(seed_subscription(tenant.world, url=URL, enabled=False))["enabled"] is False


def test_a_seeded_subscription_has_the_members_given(tenant: Tenant) -> None:
    members = {**PUBLISHED, "id": UNKNOWN, "exclude_type": ["ORDER"], "created_at": "2021-07-21T14:10:00Z"}
    webhook = shown(seed_subscription(tenant.world, **members))
    assert webhook == {**members, "updated_at": "2021-07-21T14:10:00Z", "enabled": True}


def test_a_seeded_subscription_needs_no_outbox() -> None:
    bare = tenant()
    bare.world.parts.pop("outbox")
    webhook = seed_subscription(bare.world, url=URL)
    assert bare.call("update_webhook", webhook.id, parsed("WebhookUpdateRequest", {"enabled": False})).enabled is False
    assert bare.call("delete_webhook", webhook.id) == Nothing()


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, ValidationError),
        ({"url": URL, "title": "Ümläute"}, ValidationError),
        ({"url": URL, "type": ["WEATHER"]}, ValidationError),
        ({"url": URL, "config": {"delay": "31s"}}, ValidationError),
        ({"url": URL, "config": {"dealy": "3s"}}, ValidationError),
        ({"url": URL, "colour": "red"}, ValidationError),
        ({"url": "localhost"}, ValidationError),
        ({"url": "ftp://localhost/"}, Refusal),
        ({"url": URL, "id": UNKNOWN}, ValueError),
    ],
)
def test_a_seed_with_a_mistake_is_refused(tenant: Tenant, fields: dict[str, Any], error: type[Exception]) -> None:
    seed_subscription(tenant.world, url=URL, id=UNKNOWN)
    with pytest.raises(error):
        seed_subscription(tenant.world, **fields)
    assert len(listed(tenant, "url")) == 1
