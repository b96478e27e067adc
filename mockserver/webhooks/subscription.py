"""A subscription as it is stored: which events it wants, how long it collects them, how large its bundles grow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from mockserver.kernel.durations import duration
from mockserver.kernel.store import Kind
from mockserver.models.webhooks import Webhook, WebhookConfig, WebhookEventFamily

if TYPE_CHECKING:
    from mockserver.kernel.settings import JsonFormat
    from mockserver.kernel.world import World

WEBHOOKS: Final[Kind[Webhook]] = Kind("webhooks")

ALL: Final = WebhookEventFamily.ALL


def wants(webhook: Webhook, family: str) -> bool:
    """Whether events of ``family`` are for this subscription, enabled or not.

    Families match by their exact name; ``BUSINESS_CHECK`` and ``CASH_BALANCE_TRANSFER`` can be chosen like all others
    (newer.md §1, inferred). ``exclude_type`` has an effect only where the type is ``ALL`` (concepts.md §7.1 [N, D]).
    """
    if ALL in webhook.type:
        return family not in (webhook.exclude_type or ())
    return family in webhook.type


def by_creation(world: World) -> Sequence[Webhook]:
    """The subscriptions, oldest first."""
    return world.table(WEBHOOKS).sorted_by("created_at", "id")


def configured(world: World, given: WebhookConfig | None = None) -> WebhookConfig:
    """A configuration with both members: those of ``given`` where it has them, else the profile's defaults."""
    section = world.profile.webhooks
    defaults = {"delay": section.delay, "max_package_size": section.max_package_size}
    own = given.model_dump(include={*defaults}, exclude_unset=True) if given is not None else {}
    return WebhookConfig(**{**defaults, **own})


def delay_of(world: World, webhook: Webhook) -> timedelta:
    """How long a bundle collects events, from its first one."""
    return duration(webhook.config.delay or world.profile.webhooks.delay)


def largest_bundle(world: World, webhook: Webhook) -> int:
    """The bytes a delivered body should not exceed."""
    return webhook.config.max_package_size or world.profile.webhooks.max_package_size


def json_format_of(world: World) -> JsonFormat:
    """How a bundle that is closed now is formatted."""
    return world.profile.webhooks.json_format
