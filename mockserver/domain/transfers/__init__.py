"""Transfers of securities from and to other custodians, without a change of owner (payments.md §11)."""
