"""Why a delivery is not to be believed."""

from __future__ import annotations

from enum import StrEnum


class Check(StrEnum):
    """What was checked, in the order of the checks."""

    HEADERS = "headers"
    """The headers of a signature are there and can be read."""
    COVERED = "covered"
    """What the signature covers came with the delivery."""
    KEY = "key"
    """The key that signed is published."""
    SIGNATURE = "signature"
    """It is the signature of what came."""
    DIGEST = "digest"
    """The signed digest is that of the body."""
    TIME = "time"
    """It was made before now, and has not expired."""


class BadDelivery(Exception):  # noqa: N818 - it is the delivery that is bad
    """A delivery failed a check."""

    def __init__(self, check: Check, reason: str, base: str | None = None) -> None:
        text = f"{check}: {reason}"
        super().__init__(text if base is None else f"{text}\nThis should have been signed:\n{base}")
        self.check = check
        self.reason = reason
        self.base = base
        """The text that should have been signed, as far as it was made up."""
