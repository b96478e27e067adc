"""Refusals of account groups, accounts and roles (trading.md §7, §8)."""

from __future__ import annotations
