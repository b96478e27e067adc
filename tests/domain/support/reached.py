"""A plugin of pytest that writes down which refusals were raised and which types of events were emitted in a run."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

from mockserver.kernel.events import Event
from mockserver.kernel.log import Log
from mockserver.kernel.rules import Refusal

FILE: Final = "REACHED_FILE"
"""The environment variable with the file to write."""

_refusals: set[str] = set()
_events: set[str] = set()


def pytest_configure() -> None:
    """Have every refusal and every event noted as it is made."""
    refusal, append = Refusal.__init__, Log.append

    def refuse(self: Refusal, rule: Any, detail: str) -> None:
        _refusals.add(rule.name)
        refusal(self, rule, detail)

    def record(self: Log[Any], entry: Any) -> None:
        if isinstance(entry, Event):
            _events.add(entry.type)
        append(self, entry)

    Refusal.__init__ = refuse  # type: ignore[method-assign]
    Log.append = record  # type: ignore[method-assign]


def pytest_sessionfinish() -> None:
    reached = {"refusals": sorted(_refusals), "events": sorted(_events)}
    Path(os.environ[FILE]).write_text(json.dumps(reached), encoding="utf-8")
