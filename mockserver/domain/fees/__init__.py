"""Fees on the value of an account: configurations, what accrues each day, collections."""
