"""Refusals of users, identifiers, checks and tax residencies (trading.md §2 to §6)."""

from __future__ import annotations
