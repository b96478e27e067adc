"""``/_mock/health``: whether the server answers."""

from __future__ import annotations

from typing import Any

from mockserver.control import health as server
from mockserver.control.commands import (
    CommandRequest,
    command,
)


@command("GET", server.HEALTH)
def health(request: CommandRequest) -> Any:
    """200 once requests are answered. Open to everybody."""
    return server.health(request.host)
