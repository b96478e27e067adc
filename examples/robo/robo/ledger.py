"""What the company does with the events that webhooks bring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Ledger:
    """The orders that are settled, each once, however often its event comes."""

    def __init__(self) -> None:
        self.settled: dict[str, str] = {}
        """The day of settlement by order."""
        self._seen: set[str] = set()

    def take(self, event: Mapping[str, Any]) -> None:
        if event["id"] in self._seen:
            return
        self._seen.add(event["id"])
        if event["type"] == "PORTFOLIO_ORDER.SETTLED":
            self.settled[event["object"]["id"]] = event["created_at"][:10]
