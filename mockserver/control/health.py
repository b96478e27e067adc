"""Where the control API is, and the health check that is answered before any command is loaded."""

from __future__ import annotations

from typing import Any, Final

from mockserver.contract import contract
from mockserver.hosting.host import Host

PREFIX: Final = "/_mock/"
"""Where the control API is."""
PAGES: Final = "/_mock/ui"
"""Where the dashboard is."""
HEALTH: Final = "/_mock/health"
NAME: Final = "mockserver"
"""What the health check calls the server: clients recognise it by that."""


def health(host: Host) -> dict[str, Any]:
    """The answer of the health check, once requests are answered."""
    return {"name": NAME, "status": "ready", "worlds": len(host.worlds), "contract": contract().version}
