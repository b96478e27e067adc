"""Subscriptions: listed, created, read, changed and deleted (concepts.md §7.1), or seeded by a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.kernel.operations import Call, Listing, Nothing, operation
from mockserver.models.webhooks import Webhook, WebhookConfig
from mockserver.webhooks import address
from mockserver.webhooks.outbox import outbox_of
from mockserver.webhooks.refusals import UNKNOWN
from mockserver.webhooks.subscription import WEBHOOKS, configured

if TYPE_CHECKING:
    from mockserver.kernel.world import World
    from mockserver.models.messages.webhooks import WebhookCreateRequest, WebhookUpdateRequest


def found(world: World, webhook_id: str) -> Webhook:
    """The subscription, or a refusal."""
    webhook = world.table(WEBHOOKS).get(webhook_id)
    if webhook is None:
        raise UNKNOWN.refuse(id=webhook_id)
    return webhook


@operation("list_webhooks")
def list_webhooks(world: World, call: Call[None]) -> Listing:
    sort = call.query["sort"]
    return Listing(world.table(WEBHOOKS).sorted_by(sort, "id"), sort)


@operation("create_webhook")
def create_webhook(world: World, call: Call[WebhookCreateRequest]) -> Webhook:
    """A new subscription is disabled (concepts.md §7.1 [S, N, E])."""
    body = call.body
    address.check(world, body.url)
    webhook = Webhook(
        id=world.ids.new("webhook"),
        created_at=world.now,
        updated_at=world.now,
        title=body.title,
        url=body.url,
        enabled=False,
        type=body.type,
        config=configured(world, _config(body)),
    )
    if body.exclude_type is not None:
        webhook = webhook.evolve(exclude_type=body.exclude_type)
    return world.table(WEBHOOKS).put(webhook)


@operation("retrieve_webhook")
def retrieve_webhook(world: World, call: Call[None]) -> Webhook:
    return found(world, call.path["webhook_id"])


@operation("update_webhook")
def update_webhook(world: World, call: Call[WebhookUpdateRequest]) -> Webhook:
    """Members left out keep their values, in ``config`` too; ``id`` and times in the body are passed over (§7.1)."""
    webhook, body = found(world, call.path["webhook_id"]), call.body
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if body.url is not None:
        address.check(world, body.url)
    given = _config(body)
    if given is not None:
        changes["config"] = webhook.config.evolve(**given.model_dump(exclude_unset=True))
    webhook = world.table(WEBHOOKS).put(webhook.evolve(**changes, updated_at=world.now))
    outbox = outbox_of(world)
    if outbox is not None:
        outbox.follow(webhook)
    return webhook


@operation("delete_webhook")
def delete_webhook(world: World, call: Call[None]) -> Nothing:
    """What the subscription was still to get is discarded."""
    webhook = found(world, call.path["webhook_id"])
    outbox = outbox_of(world)
    if outbox is not None:
        outbox.remove(webhook.id)
    else:
        world.table(WEBHOOKS).remove(webhook.id)
    return Nothing()


def seed_subscription(world: World, **fields: Any) -> Webhook:
    """Put a subscription into a world; ``fields`` are those of the resource, as in JSON, and only ``url`` is needed.

    It is enabled unless told otherwise: a seeded subscription was set up before the story begins. A member that the
    contract forbids is a pydantic ``ValidationError``, a URL against the rules of the world a ``Refusal``, an id that
    is taken a ``ValueError``.
    """
    defaults = {
        "id": None,
        "title": "Webhook",
        "enabled": True,
        "type": ["ALL"],
        "created_at": world.now,
    }
    members = {**defaults, **fields}
    members["id"] = members["id"] or world.ids.new("webhook")
    members.setdefault("updated_at", members["created_at"])
    members["config"] = configured(world, WebhookConfig.model_validate(fields.get("config") or {}))
    webhook = Webhook.model_validate(members)
    address.check(world, webhook.url)
    if webhook.id in world.table(WEBHOOKS):
        raise ValueError(f"there are two webhooks with the id {webhook.id}: give each its own, or leave the id out")
    return world.table(WEBHOOKS).put(webhook)


def _config(body: WebhookCreateRequest | WebhookUpdateRequest) -> WebhookConfig | None:
    given = body.config
    return WebhookConfig(**given.model_dump(exclude_unset=True)) if given is not None else None
