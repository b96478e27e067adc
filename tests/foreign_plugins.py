"""Plugins of pytest that are installed for this project's own tests, and that a user's project would not have."""

from __future__ import annotations

from typing import Final

FOREIGN: Final = ("schemathesis", "hypothesispytest", "fakefs", "faker", "pytest_httpserver", "time_machine", "socket")

WITHOUT_FOREIGN: Final = tuple(word for name in FOREIGN for word in ("-p", f"no:{name}"))
"""Options that leave them out: importing them is most of what a small run costs."""
