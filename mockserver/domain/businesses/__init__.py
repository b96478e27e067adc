"""Businesses: companies and sole traders, their checks and changes of their data."""
