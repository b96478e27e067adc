"""The webhook receiver that a replay brings along: it answers 200 and keeps the bytes of every bundle.

It listens on a free port: of loopback, where the server is on this machine. The port differs from run to run, so
everything that is recorded is masked: the address reads ``http://receiver`` there.
"""

from __future__ import annotations

from mockserver.testing.reachability import ReceiverAddress
from mockserver.testing.received import Received
from mockserver.testing.receiver import AsyncReceiver

__all__ = ["MASK", "Received", "Receiver", "ReceiverAddress"]

MASK = "http://receiver"


class Receiver(AsyncReceiver):
    """A receiver of which what came can be compared with another run's."""

    def masked(self, body: bytes) -> bytes:
        """The bytes with a fixed name in place of this run's address."""
        return body.replace(self.url.encode(), MASK.encode()) if self.url else body

    def by_subscription(self) -> list[Received]:
        """All bundles, those of one subscription in the order of arrival; subscriptions do not wait for each other."""
        return sorted(self.received, key=lambda bundle: (bundle.path, bundle.webhook_id))
