"""``POST /webhooks/{id}/test``: one event sent at once, and what the target answered to it (concepts.md §7.1).

The content of the vendor's test event is not published: the first event of the subscription's family is chosen, with
the object that the contract shows as an example; ``POST /_mock/worlds/{world}/events`` emits the others. Nor is what is
answered when the target fails: an answer of any status is passed on as it is; where there is none, ``status`` is 0,
``headers`` and ``body`` are empty and ``error`` says why (inferred). A target that answers 401 may expect the other
version of signatures: the header ``mockserver-hint`` of the answer says so, as the contract has no member for it.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final

from mockserver.contract import contract
from mockserver.kernel.events import Event
from mockserver.kernel.operations import Call, Content, operation
from mockserver.models.webhooks import Webhook, WebhookEventFamily, WebhookTestResponse, WebhookTestTargetResponse
from mockserver.webhooks.attempts import Courier
from mockserver.webhooks.delivery import bundle
from mockserver.webhooks.outbox import outbox_of
from mockserver.webhooks.refusals import NO_SENDER
from mockserver.webhooks.samples import sample
from mockserver.webhooks.subscription import json_format_of
from mockserver.webhooks.subscriptions import found

if TYPE_CHECKING:
    from mockserver.kernel.world import World

HINT: Final = "mockserver-hint"
JSON: Final = "application/json"

OTHERS: Final[dict[str, str]] = {
    "ALL": "USER.CREATED",
    "PORTFOLIO": "PORTFOLIO_ALLOCATION.CREATED",  # no event of the contract begins with PORTFOLIO alone
}
"""The test event of what may be subscribed to and is no family of events."""


def trial_event(world: World, webhook: Webhook) -> Event:
    """An event of the subscription's first family, as the contract shows it, with ids that shift no others."""
    family = webhook.type[0] if webhook.type else WebhookEventFamily.ALL
    type_ = OTHERS[family] if family in OTHERS else contract().families[family][0]
    subject = sample(type_, {}, id=world.ids.new("test object"), now=world.now)
    return Event(world.ids.new("test event"), world.now, type_, subject)


@operation("test_webhook")
def send_trial(world: World, call: Call[None]) -> Coroutine[Any, Any, WebhookTestResponse | Content]:
    """Send now, whether the subscription is enabled or not (inferred), past its queue, and without a retry."""
    webhook = found(world, call.path["webhook_id"])
    outbox = outbox_of(world)
    if outbox is None or outbox.sender is None:
        raise NO_SENDER.refuse(id=webhook.id)
    body = bundle(webhook.id, (trial_event(world, webhook),), json_format_of(world))
    return _send(outbox.sender, world, webhook.url, body)


async def _send(courier: Courier, world: World, url: str, body: bytes) -> WebhookTestResponse | Content:
    outcome = await courier.send(world, url, body)
    response = WebhookTestTargetResponse(status=outcome.status, headers=dict(outcome.headers), body=outcome.body)
    if outcome.error is not None:
        response = response.evolve(error=outcome.error)
    answer = WebhookTestResponse(url=url, response=response)
    return Content(answer.wire, JSON, {HINT: outcome.hint}) if outcome.hint else answer
