"""Orders from placement to settlement, cancellation, expiry and mistrade."""

from mockserver.domain.orders import (
    admission,
    blocks,
    cancellations,
    execution,
    expiry,
    fees,
    mistrades,
    orders,
    parents,
    placement,
    price_limits,
    refusals,
    reservations,
    settlement,
    taxes,
    trades,
)

__all__ = [
    "admission",
    "blocks",
    "cancellations",
    "execution",
    "expiry",
    "fees",
    "mistrades",
    "orders",
    "parents",
    "placement",
    "price_limits",
    "refusals",
    "reservations",
    "settlement",
    "taxes",
    "trades",
]
