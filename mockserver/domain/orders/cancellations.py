"""Cancelling single orders by the client: accepted always, decided later (trading.md §12)."""

from __future__ import annotations

from functools import cached_property
from operator import attrgetter
from typing import Final

from mockserver.domain.orders.orders import ORDER_LIFE, ORDERS, Order, cancel, order
from mockserver.kernel.actions import action
from mockserver.kernel.frozen import frozen
from mockserver.kernel.lifecycle import Awaited, LifeCycle, Row
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.record import Record
from mockserver.kernel.stages import Stage
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.orders import (
    OrderCancellation,
    OrderCancellationReason,
    OrderCancelResponse,
    OrderInitiationFlow,
    OrderStatus,
)

REASON: Final = "Cancellation not possible"
"""What a rejection says (§12 [X])."""


@frozen(slots=False)
class Cancellation(Record):
    """A client's wish to cancel that the partner decides on, or one that was rejected; the API shows only the latter.

    ``account_id`` and ``instrument_id`` (an ISIN) are there for profiles to tell cancellations apart.
    """

    id: str
    order_id: str
    account_id: str
    instrument_id: str
    status: str

    @cached_property
    def wire(self) -> bytes:
        if self.status != "REJECTED":
            return super().wire
        return OrderCancellation(order_id=self.order_id, status="REJECTED", reason=REASON).wire


CANCELLATIONS: Kind[Cancellation] = Kind("order_cancellations", indexes={"order": attrgetter("order_id")})

CANCELLATION_LIFE: Final = LifeCycle(
    CANCELLATIONS,
    [
        Row(None, "REQUESTED", None, "asked of the trading partner", "trading.md §12 [D]"),
        Row(None, "REJECTED", "ORDER_CANCELLATION.REJECTED", "final, or of a larger order", "trading.md §12 [X]"),
        Row("REQUESTED", "CANCELLED", None, "the partner agrees", "trading.md §12 [D]"),
        Row("REQUESTED", "REJECTED", "ORDER_CANCELLATION.REJECTED", "the partner does not agree", "trading.md §12 [X]"),
    ],
    stamped=False,
)

Stage("order.cancel", CANCELLATION_LIFE, "REQUESTED", "CANCELLED")


@operation("cancel_order")
def cancel_order(world: World, call: Call[None]) -> OrderCancelResponse:
    """Accepted whatever the status of the order; what comes of it is told by an event (§12 [N, D])."""
    found = order(world, call.path["order_id"])
    world.clock.at(world.now, "order.cancel", found.id, reason="cancellation requested by the client")
    return OrderCancelResponse(id=found.id)


@action("order.cancel")
def cancel_for_client(world: World, order_id: str) -> None:
    """By the order's status at this moment; one that belongs to a larger order is cancelled with that (inferred)."""
    found = world.table(ORDERS).get(order_id)
    if found is None:
        return
    if found.final or found.parent or found.initiation_flow != OrderInitiationFlow.API:
        _enter(world, found, "REJECTED", "the order is final" if found.final else "it belongs to a larger order")
    elif found.status == OrderStatus.NEW:
        cancel(world, found, OrderCancellationReason.CANCELLED_BY_CLIENT)
    else:
        _enter(world, found, "REQUESTED", "cancellation requested by the client")


@CANCELLATION_LIFE.does("REQUESTED", "CANCELLED")
def agree(world: World, cancellation: Cancellation) -> None:
    """Cancel what is not executed yet; an order that came to its end meanwhile cannot be cancelled any more."""
    found = world.table(ORDERS)[cancellation.order_id]
    if found.final:
        CANCELLATION_LIFE.move(world, cancellation, "REJECTED", f"the order is {found.status} meanwhile")
        return
    cancel(world, found, OrderCancellationReason.CANCELLED_BY_CLIENT)
    CANCELLATION_LIFE.move(world, cancellation, "CANCELLED", "the partner agrees")


@ORDER_LIFE.explains("PROCESSING")
def in_cancellation(world: World, of: Order) -> Awaited | None:
    """The partner has the order, and has not decided yet whether it is cancelled."""
    for row in world.table(CANCELLATIONS).by("order", of.id):
        if row.status == "REQUESTED":
            return Awaited(
                f"its cancellation {row.id} is REQUESTED, and not decided yet by the trading partner",
                f"order_cancellations/{row.id}",
            )
    return None


def _enter(world: World, of: Order, status: str, cause: str) -> None:
    row = Cancellation(world.ids.new("order_cancellation"), of.id, of.account_id, of.instrument_id, status)
    CANCELLATION_LIFE.enter(world, row, cause)
