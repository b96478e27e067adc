"""Webhooks: subscriptions, the bundles they get, and the sending of them (concepts.md §7)."""
