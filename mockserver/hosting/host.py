"""The worlds of a server and what they share: what the commands of the control API work on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from aiohttp import web

from mockserver.hosting.creation import Defaults
from mockserver.hosting.registry import Worlds
from mockserver.kernel import system
from mockserver.kernel.frozen import frozen
from mockserver.scenario.library import Library
from mockserver.webhooks.sender import Sender


@frozen
class Host:
    """The worlds of a server, what sends their webhooks, and what holds for worlds that are made later."""

    worlds: Worlds
    sender: Sender
    defaults: Defaults
    library: Library = field(default_factory=Library)
    """The scenarios that commands may name."""
    serve: Callable[[Host], web.Server] | None = None
    """Makes what answers connections as the server does, for steps that are sent over a port of their own."""
    started: float = field(default_factory=system.monotonic, compare=False)
    """The machine's monotonic time at which it was made."""
