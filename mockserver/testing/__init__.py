"""For your own tests: check in a webhook receiver that a delivery is what was sent, and that your checks hold."""

from __future__ import annotations

from mockserver.testing.bad_delivery import BadDelivery, Check
from mockserver.testing.deliveries import Verified, verify_delivery

__all__ = ["BadDelivery", "Check", "Verified", "verify_delivery"]
