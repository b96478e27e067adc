"""Savings plans: one amount invested at regular dates (payments.md §9)."""
