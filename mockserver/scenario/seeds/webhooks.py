"""Subscriptions to webhooks."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from mockserver.kernel.world import World
from mockserver.models.webhooks import WebhookEventFamily, WebhookExcludableEventFamily
from mockserver.scenario.document import Found, Path
from mockserver.scenario.error_messages import unknown
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Closed, Named
from mockserver.webhooks import subscriptions

RECEIVER: Final = "${receiver}"
"""In the URL of a webhook: whoever listens while the scenario is played."""

NOBODY: Final = "http://localhost/no-receiver"
"""Where such a webhook points when nobody does; it is disabled then."""


class WebhookConfig(Closed):
    delay: Annotated[str, StringConstraints(pattern=r"^([1-9]|[12][0-9]|30)s$")] | None = None
    max_package_size: int | None = Field(None, ge=100, le=1_048_576)


class Webhook(Named):
    """A subscription. ``${receiver}`` in its URL is the receiver that a replay brings along."""

    title: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9 ()\[\]{}.-]{1,32}$")] = "Scenario webhook"
    url: Annotated[str, StringConstraints(pattern=r"^(https?://|\$\{receiver\})", max_length=1000)]
    enabled: bool = True
    type: tuple[str, ...] = ("ALL",)
    exclude_type: tuple[str, ...] | None = None
    config: WebhookConfig | None = None


KNOWN: Final = {
    "type": tuple(map(str, WebhookEventFamily)),
    "exclude_type": tuple(map(str, WebhookExcludableEventFamily)),
}


def known_families(_: object, path: Path, entry: Webhook) -> Found:
    """Subscriptions are to families that exist."""
    for member, known in KNOWN.items():
        for index, family in enumerate(getattr(entry, member) or ()):
            if family not in known:
                yield (*path, member, index), unknown(family, known, "is no webhook family")


def webhook(world: World, *, url: str, receiver: str | None, **members: Any) -> object:
    """A subscription whose URL may name the receiver; disabled if there is none."""
    if RECEIVER in url:
        url = url.replace(RECEIVER, receiver or NOBODY)
        if receiver is None:
            members["enabled"] = False
    return subscriptions.seed_subscription(world, url=url, **members)


WEBHOOKS = SeedFamily(
    name="webhooks",
    entry=Webhook,
    put=webhook,
    check=known_families,
    receiver=True,
    says="`url`, `title`, `type`, `exclude_type`, `enabled`, `config: {delay, max_package_size}`",
    without="all families; enabled",
)
