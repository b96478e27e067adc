"""Allocations, portfolio orders, rebalancing, strategies, liquidations."""

from mockserver.domain.portfolios import (
    allocations,
    cancellation,
    configurations,
    drift,
    liquidations,
    orders,
    planning,
    rebalancing,
    refusals,
    splitting,
    strategies,
    tracking,
)

__all__ = [
    "allocations",
    "cancellation",
    "configurations",
    "drift",
    "liquidations",
    "orders",
    "planning",
    "rebalancing",
    "refusals",
    "splitting",
    "strategies",
    "tracking",
]
