"""Tax wrappers of ISA groups, their yearly allowances, and what is subscribed (payments.md §12.2)."""
