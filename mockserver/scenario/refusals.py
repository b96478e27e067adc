"""Every refusal of the mock by its name: of the protocol, of signatures, of the domain and of webhooks."""

from __future__ import annotations

from functools import cache

from mockserver.domain import rules as of_domain
from mockserver.kernel.rules import Rule
from mockserver.protocol import refusals as of_protocol
from mockserver.protocol.signing import refusals as of_signatures
from mockserver.webhooks import refusals as of_webhooks


@cache
def refusals() -> dict[str, Rule]:
    """The rows in the order of the fidelity table."""
    rows = (*of_protocol.ALL, *of_signatures.ALL, *of_domain.ALL, *of_webhooks.ALL)
    return {rule.name: rule for rule in rows}
