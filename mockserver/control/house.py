"""What the commands of the control API work on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Any, Final

from aiohttp import web

from mockserver.contract import contract
from mockserver.control.founding import Defaults
from mockserver.control.worlds import Worlds
from mockserver.kernel.frozen import frozen
from mockserver.scenario.library import Library
from mockserver.webhooks.sender import Sender

PREFIX: Final = "/_mock/"
"""Where the control API is."""
HEALTH: Final = "/_mock/health"
NAME: Final = "mockserver"
"""What the health check calls the server: clients recognise it by that."""


@frozen
class House:
    """The worlds of a server, what sends their webhooks, and what holds for worlds that are made later."""

    worlds: Worlds
    sender: Sender
    defaults: Defaults
    library: Library = field(default_factory=Library)
    """The scenarios that commands may name."""
    serve: Callable[[House], web.Server] | None = None
    """Makes what answers connections as the server does, for steps that are sent over a port of their own."""


def health(house: House) -> dict[str, Any]:
    """What the health check tells, once requests are answered."""
    return {"name": NAME, "status": "ready", "worlds": len(house.worlds), "contract": contract().version}
