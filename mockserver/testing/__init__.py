"""For your own tests: a webhook receiver, and the check that a delivery is what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.testing.bad_delivery import BadDelivery, Check
from mockserver.testing.deliveries import Verified, verify_delivery

if TYPE_CHECKING:
    from mockserver.testing.received import Event, Received
    from mockserver.testing.receiver import AsyncReceiver, NotReceivedError, Receiver

__all__ = [
    "AsyncReceiver",
    "BadDelivery",
    "Check",
    "Event",
    "NotReceivedError",
    "Received",
    "Receiver",
    "Verified",
    "verify_delivery",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # lazy: 100 ms, and who brings a receiver of their own needs the check alone, and no aiohttp
    from mockserver.testing import received, receiver

    return getattr(received if name in ("Event", "Received") else receiver, name)
