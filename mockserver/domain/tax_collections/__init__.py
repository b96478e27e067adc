"""Taxes that cannot be taken out of proceeds: they are collected from an account group."""
