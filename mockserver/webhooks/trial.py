"""``POST /webhooks/{id}/test``: one event sent at once, and what the target answered to it (concepts.md §7.1).

The content of the vendor's test event is not published: an ordinary event with a small object is chosen. Nor is what
is answered when the target fails: an answer of any status is passed on as it is; where there is none, ``status`` is 0,
``headers`` and ``body`` are empty and ``error`` says why (inferred).
"""

from __future__ import annotations

import json
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mockserver.kernel.events import Event, stamp
from mockserver.kernel.operations import Call, operation
from mockserver.models.webhooks import Webhook, WebhookEventFamily, WebhookTestResponse, WebhookTestTargetResponse
from mockserver.webhooks.delivery import bundle
from mockserver.webhooks.outbox import Courier, outbox_of
from mockserver.webhooks.refusals import NO_SENDER
from mockserver.webhooks.subscriptions import found

if TYPE_CHECKING:
    from mockserver.kernel.world import World

UNUSUAL: Final = {
    "ALL": "USER.CREATED",
    "PORTFOLIO": "PORTFOLIO_ALLOCATION.CREATED",  # no event of the contract begins with PORTFOLIO alone
    "ORDER": "ORDER.NEW",
    "ORDER_CANCELLATION": "ORDER_CANCELLATION.REJECTED",
    "EXECUTION": "EXECUTION.FILLED",
    "POSITION": "POSITION.UPDATED",
    "CASH_BALANCE": "CASH_BALANCE.UPDATED",
    "INSTRUMENT": "INSTRUMENT.ONBOARDED",
    "DIRECT_DEBIT": "DIRECT_DEBIT.NEW",
    "WITHDRAWAL": "WITHDRAWAL.NEW",
    "PORTFOLIO_ORDER": "PORTFOLIO_ORDER.NEW",
    "CORPORATE_ACTION": "CORPORATE_ACTION.UPDATED",
    "CASH_TRANSACTION": "CASH_TRANSACTION.EXECUTED",
    "SECURITY_TRANSACTION": "SECURITY_TRANSACTION.EXECUTED",
    "ACCOUNT_LIQUIDATION": "ACCOUNT_LIQUIDATION.NEW",
    "VIRTUAL_CASH_INCREASE": "VIRTUAL_CASH_INCREASE.ISSUED",
    "VIRTUAL_CASH_DECREASE": "VIRTUAL_CASH_DECREASE.ISSUED",
    "SAVINGS_PLAN_EXECUTION": "SAVINGS_PLAN_EXECUTION.NEW",
    "REBALANCING_EXECUTION_ORDER": "REBALANCING_EXECUTION_ORDER.NEW",
    "ISA_WRAPPER": "ISA_WRAPPER.NEW",
    "CREDIT_FUNDING": "CREDIT_FUNDING.CONFIRMED",
    "SECURITIES_TRANSFER": "SECURITIES_TRANSFER.NEW",
    "ACCOUNT_TRANSFER": "ACCOUNT_TRANSFER.NEW",
    "TOPUP": "TOPUP.CONFIRMED",
    "CASH_BALANCE_TRANSFER": "CASH_BALANCE_TRANSFER.ISSUED",
    "ISA_TRANSFER": "ISA_TRANSFER.NEW",
}
"""The first event type of each family where it is not ``….CREATED``."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The object of a test event."""

    wire: bytes


def trial_event(world: World, webhook: Webhook) -> Event:
    """An event of the subscription's first family, with ids that shift no others."""
    family = webhook.type[0] if webhook.type else WebhookEventFamily.ALL
    members = {"id": world.ids.new("test object"), "created_at": stamp(world.now), "updated_at": stamp(world.now)}
    sample = Sample(json.dumps(members, separators=(",", ":")).encode())
    return Event(world.ids.new("test event"), world.now, UNUSUAL.get(family, f"{family}.CREATED"), sample)


@operation("test_webhook")
def send_trial(world: World, call: Call[None]) -> Coroutine[Any, Any, WebhookTestResponse]:
    """Send now, whether the subscription is enabled or not (inferred), past its queue, and without a retry."""
    webhook = found(world, call.path["webhook_id"])
    outbox = outbox_of(world)
    if outbox is None or outbox.sender is None:
        raise NO_SENDER.refuse(id=webhook.id)
    body = bundle(webhook.id, (trial_event(world, webhook),))
    return _send(outbox.sender, world, webhook.url, body)


async def _send(courier: Courier, world: World, url: str, body: bytes) -> WebhookTestResponse:
    outcome = await courier.send(world, url, body)
    response = WebhookTestTargetResponse(status=outcome.status, headers=dict(outcome.headers), body=outcome.body)
    if outcome.error is not None:
        response = response.evolve(error=outcome.error)
    return WebhookTestResponse(url=url, response=response)
