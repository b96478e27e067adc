"""Valuations of accounts, and the returns computed from them."""
