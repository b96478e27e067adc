"""Allocations, portfolio orders, rebalancing, strategies, liquidations."""
