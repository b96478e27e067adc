"""``…/webhooks``: subscribing a receiver without a request of the client, as if the scenario had seeded it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

import orjson
from pydantic import Field, ValidationError

from mockserver.control.bodies import as_in_contract
from mockserver.control.commands import CommandRequest, CommandResponse, RequestBody, command
from mockserver.control.refusals import BAD_SUBSCRIPTION
from mockserver.hosting.command_log import Recorded
from mockserver.kernel.quoting import shortened
from mockserver.kernel.rules import Refusal
from mockserver.kernel.violations import listed
from mockserver.models.webhooks import WebhookEventFamily, WebhookExcludableEventFamily
from mockserver.protocol.known_names import unknown_family
from mockserver.webhooks.subscriptions import seed_subscription

URL: Final = (
    r"^https?://([A-Za-z0-9._~!$&'()*+,;=:-]+@)?([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
    r"(:[0-9]{1,5})?([/?#]([A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?$"
)
"""An http or https URL; the rules of the world's profile may want more of it."""
REQUEST: Final = "WebhookCreateRequest"

FAMILIES: Final[dict[str, type[StrEnum]]] = {
    "type": WebhookEventFamily,
    "exclude_type": WebhookExcludableEventFamily,
}
"""The families that each member may hold."""


class Subscription(RequestBody):
    """Members of the API's webhook; all but ``url`` may be left out."""

    url: str = Field(max_length=2048, json_schema_extra={"pattern": URL})
    title: str | None = Field(None, json_schema_extra=as_in_contract(REQUEST, "title"))
    type: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        None, json_schema_extra=as_in_contract(REQUEST, "type")
    )
    exclude_type: tuple[str, ...] | None = Field(None, json_schema_extra=as_in_contract(REQUEST, "exclude_type"))
    enabled: bool | None = None
    config: dict[str, Any] | None = None


def subscribed(request: CommandRequest, _: Any) -> Recorded:
    """The step that subscribes alike."""
    return Recorded(({"subscribe": request.data},))


@command("POST", "/_mock/worlds/{world}/webhooks", takes=Subscription, status=201, records=subscribed)
def subscribe(request: CommandRequest) -> CommandResponse:
    """A subscription like a seeded one: enabled, and with all families of events, unless told otherwise."""
    members = request.read(Subscription).model_dump(mode="json", exclude_none=True)
    for member, known in FAMILIES.items():
        for index, family in enumerate(members.get(member, ())):
            wrong = unknown_family(family, known)
            if wrong is not None:
                raise BAD_SUBSCRIPTION.refuse(problem=f"{member}.{index}: {wrong}")
    try:
        webhook = seed_subscription(request.world, **members)
    except (ValidationError, ValueError, Refusal) as error:
        raise BAD_SUBSCRIPTION.refuse(problem=shortened(_problem(error), 500)) from None
    return CommandResponse(201, orjson.Fragment(webhook.wire))


def _problem(error: Exception) -> str:
    if isinstance(error, Refusal):
        return error.detail
    if isinstance(error, ValidationError):
        return listed(error)
    return str(error)
