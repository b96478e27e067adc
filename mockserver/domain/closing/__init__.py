"""Closing accounts and account groups, offboarding users."""
