"""Leases of a run's worlds on a server that others use too: while the run lives they are renewed, then they end."""

from __future__ import annotations

import logging
import threading
from typing import Final

from mockserver.client import ControlError, MockServer, World

LEASE: Final = "2m"
"""How long a world outlives a run that was killed."""
RENEWED_EVERY: Final = 20.0
"""Seconds."""

logger = logging.getLogger(__name__)


class Leases:
    """Renews leases in a thread of its own: it goes on while a test is halted at a breakpoint."""

    def __init__(self, server: MockServer, every: float = RENEWED_EVERY) -> None:
        self._server = server
        self._every = every
        self._held: dict[str, World] = {}
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self, world: World) -> None:
        """Renew the lease of a world from now on."""
        self._held[world.client_id] = world
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="mockserver-leases", daemon=True)
            # debuggers that halt every thread at a breakpoint (debugpy, PyCharm) leave this one alone
            self._thread.pydev_do_not_trace = True  # type: ignore[attr-defined]
            self._thread.is_pydev_daemon_thread = True  # type: ignore[attr-defined]
            self._thread.start()

    def release(self, world: World) -> None:
        """Let a lease end: its world was removed."""
        self._held.pop(world.client_id, None)

    def renew(self) -> None:
        """Renew all leases once."""
        for world in list(self._held.values()):
            try:
                world.renew_lease()
            except ControlError as error:
                if error.status == 404:  # removed by the test, or with its server
                    self.release(world)
            except Exception as error:  # a test may have broken sockets on purpose: the next time may do
                logger.debug("a lease was not renewed: %r", error)

    def close(self) -> None:
        self._end.set()
        if self._thread is not None:
            self._thread.join(self._every)

    def _run(self) -> None:
        while not self._end.wait(self._every):
            self.renew()
