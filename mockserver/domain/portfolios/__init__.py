"""Allocations, portfolio orders, rebalancing, strategies, liquidations."""

from mockserver.domain.portfolios import (
    allocations,
    cancelling,
    configurations,
    dividing,
    drift,
    liquidations,
    portfolio_orders,
    progress,
    rebalancing,
    splitting,
    strategies,
)

__all__ = [
    "allocations",
    "cancelling",
    "configurations",
    "dividing",
    "drift",
    "liquidations",
    "portfolio_orders",
    "progress",
    "rebalancing",
    "splitting",
    "strategies",
]
