"""Refusals of instruments, prices, single orders and bank transfers (trading.md §9 to §16)."""

from __future__ import annotations
