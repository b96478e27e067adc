"""Orders from placement to settlement, cancellation, expiry and mistrade."""

from mockserver.domain.orders import (
    blocks,
    buffers,
    dealing,
    executions,
    expiry,
    gate,
    mistrades,
    order_cancelling,
    order_fees,
    order_taxes,
    orders,
    placing,
    settlement,
    triggers,
)

__all__ = [
    "blocks",
    "buffers",
    "dealing",
    "executions",
    "expiry",
    "gate",
    "mistrades",
    "order_cancelling",
    "order_fees",
    "order_taxes",
    "orders",
    "placing",
    "settlement",
    "triggers",
]
