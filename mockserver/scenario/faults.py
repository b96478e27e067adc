"""The faults of a scenario: of requests and of deliveries, in one list, each by the one member that says which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

from pydantic import Discriminator, Tag

from mockserver.protocol import faults as of_requests
from mockserver.protocol.faults import RequestFault
from mockserver.webhooks import active_faults
from mockserver.webhooks import faults as of_deliveries
from mockserver.webhooks.faults import ANY, WebhookFault

KINDS: Final = ("request", "webhook")


def _form(value: Any) -> str | None:
    if isinstance(value, RequestFault | WebhookFault):
        return "a fault of requests" if isinstance(value, RequestFault) else "a fault of deliveries"
    given = [kind for kind in KINDS if isinstance(value, dict) and kind in value]
    if len(given) != 1:
        return None
    return "a fault of requests" if given == ["request"] else "a fault of deliveries"


Fault = Annotated[
    Annotated[RequestFault, Tag("a fault of requests")] | Annotated[WebhookFault, Tag("a fault of deliveries")],
    Discriminator(
        _form,
        custom_error_type="fault",
        custom_error_message="a fault has either request or webhook, which say what it meets: "
        "{request: {operation: place_order}, status: 503}",
    ),
]

Place = tuple[str, ...]


def mistakes(fault: RequestFault | WebhookFault) -> Iterator[tuple[Place, str]]:
    """What the contract says against one fault."""
    if isinstance(fault, RequestFault):
        yield from of_requests.mistakes(fault)
    else:
        yield from of_deliveries.mistakes(fault)


def references(fault: RequestFault | WebhookFault) -> Iterator[tuple[Place, str, str]]:
    """What a fault names of the world: where it does, the name or id, and of which family it is."""
    if isinstance(fault, RequestFault):
        named = {("request", "account"): fault.request.account}
    else:
        by = fault.overtaken_by
        named = {
            ("webhook", "account"): fault.webhook.account,
            ("webhook", "webhook_id"): fault.webhook.webhook_id,
            ("overtaken_by", "account"): None if by is None else by.account,
            ("overtaken_by", "webhook_id"): None if by is None or by.webhook_id == ANY else by.webhook_id,
        }
    for place, name in named.items():
        if name is not None:
            yield place, name, "accounts" if place[1] == "account" else "webhooks"


def resolved(fault: RequestFault | WebhookFault, ids: Mapping[str, str]) -> RequestFault | WebhookFault:
    """The same fault, with ids in the place of names."""
    for (part, member), name, _ in references(fault):
        if name in ids:
            fault = fault.model_copy(update={part: getattr(fault, part).model_copy(update={member: ids[name]})})
    return fault


def contradictions(faults: Mapping[int, RequestFault | WebhookFault]) -> Iterator[tuple[int, int]]:
    """Which fault of a list would never act, and which other one is why."""
    requests: list[of_requests.ActiveFault] = []
    deliveries: list[active_faults.ActiveFault] = []
    for index, fault in faults.items():
        other: of_requests.ActiveFault | active_faults.ActiveFault | None
        if isinstance(fault, RequestFault):
            other = of_requests.shadowing(requests, fault)
            requests.append(of_requests.ActiveFault(str(index), fault))
        else:
            other = active_faults.shadowing(deliveries, fault)
            deliveries.append(active_faults.ActiveFault(str(index), fault))
        if other is not None:
            yield index, int(other.id)
