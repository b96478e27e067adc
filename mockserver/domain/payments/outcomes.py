"""How a payment fails on demand: by the last four characters of the IBAN of its other side.

No such value is published for payments; this is the project's own convention (payments.md §16.3, inferred). The IBAN is
that of the mandate for a direct debit, of the reference account for a withdrawal, of the sender for an incoming
transfer. It works where the profile has ``payments.magic_ibans``; outcomes that the profile sets for the stage win.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

from mockserver.kernel.world import World

Payment = Literal["direct debit", "withdrawal", "incoming transfer"]


class Failure(StrEnum):
    """How a payment fails; the values are words for causes and explanations."""

    REFUSED_BY_BANK = "the bank refuses it"
    REFUSED_BY_UPVEST = "Upvest refuses it"
    RETURNED = "the bank sends it back afterwards"
    RETURNED_WITH_FEE = "the bank sends it back afterwards and charges a fee"
    STUCK = "the bank never answers"
    DROPPED = "it is for nobody"
    LATE = "it arrives a day late"


ENDS: Final[dict[str, dict[Payment, Failure]]] = {
    "9001": {
        "direct debit": Failure.REFUSED_BY_BANK,
        "withdrawal": Failure.RETURNED,
        "incoming transfer": Failure.RETURNED,
    },
    "9002": {"direct debit": Failure.RETURNED},
    "9003": {
        "direct debit": Failure.REFUSED_BY_UPVEST,
        "withdrawal": Failure.REFUSED_BY_UPVEST,
        "incoming transfer": Failure.DROPPED,
    },
    "9004": {
        "direct debit": Failure.STUCK,
        "withdrawal": Failure.STUCK,
        "incoming transfer": Failure.LATE,
    },
    "9005": {"direct debit": Failure.RETURNED_WITH_FEE},
}
"""What each end does to each kind of payment; what is not listed goes through."""

SOURCE: Final = "the mock's own; payments.md §16.3"
"""Of each row, for the fidelity table."""


def failure(world: World, payment: Payment, iban_end: str) -> Failure | None:
    """How a payment from or to an IBAN with these last four characters fails; ``None``: it goes through."""
    if not world.profile.payments.magic_ibans:
        return None
    return ENDS.get(iban_end, {}).get(payment)


def cause(iban_end: str, failed: Failure) -> str:
    """Why a payment failed, for the history of its object."""
    return f"{failed}: the IBAN ends in {iban_end}"
