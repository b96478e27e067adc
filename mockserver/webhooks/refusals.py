"""Why a request about webhooks is refused: one row a rule, so that a correction is one line."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

OWN: Final = "the mock's own"

UNKNOWN: Final = Rule("webhook.unknown", 404, "There is no webhook {id}.", "concepts.md §7.1 [S]")
NOT_A_TARGET: Final = Rule(
    "webhook.url",
    400,
    "(root).url: {problem}; a webhook goes to an http or https URL with a host, such as http://localhost:8000/webhooks.",
    "concepts.md §7.1 [D], status inferred",
)
NOT_ALLOWED: Final = Rule(
    "webhook.url-strict",
    400,
    "(root).url: {problem}; this world has the vendor's strict rules (profile behaviour.webhook_urls): https and a "
    "full DNS name, such as https://tenant.tld/webhooks.",
    "concepts.md §7.1 [D], status inferred",
)
NO_SENDER: Final = Rule(
    "webhook.no-sender",
    503,
    "Webhook {id} cannot be tested: this world runs without a server, so nothing is sent.",
    OWN,
)

# Keys that sign deliveries
UNKNOWN_KEY: Final = Rule("webhook.key", 404, "This world publishes no such key; it publishes: {known}.", OWN)
KEY_SIGNS: Final = Rule(
    "webhook.key-signs", 409, "The key {kid} signs the deliveries of this world: rotate first, then retire it.", OWN
)
TOO_MANY_KEYS: Final = Rule("webhook.keys", 409, "There are {limit} keys already; retire some.", OWN)

ALL: Final = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""Every row, for the fidelity table."""
