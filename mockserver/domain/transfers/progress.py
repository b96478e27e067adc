"""How securities transfers go on by themselves: instructed, settled, late, given up (payments.md §11.1, §16).

The ``settlement_reference`` decides on demand: the fail marker of checks in it cancels a transfer that is PROCESSING,
the marker ``transfers.late_marker`` delays it once, both in any case (payments.md §16.3, inferred). Outcomes that the
profile sets for ``securities_transfer.settle`` win.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from mockserver.domain.transfers.securities import SECURITIES_TRANSFER_LIFE, SECURITIES_TRANSFERS, SecuritiesTransfer
from mockserver.kernel.clock import Task
from mockserver.kernel.moves import Moved
from mockserver.kernel.stages import Stage
from mockserver.kernel.world import World

READS: Final = ("transfers", "calendar.settlement", "calendar.timezone", "settlement.at")
"""The settings that decide when."""

GIVEN_UP: Final = "not settled in time"


def _instructed_at(world: World, of: SecuritiesTransfer) -> datetime | None:
    """The hour of the trade date; ``None`` without one, for the stage's own delay."""
    at = world.profile.transfers.instruct_at
    return None if at is None else max(world.calendar.business_hour(of.trade_date, at), world.now)


def _settled_at(world: World, of: SecuritiesTransfer) -> datetime | None:
    """In the morning of the settlement date, as trades; ``None`` for the stage's own delay."""
    if world.profile.transfers.instruct_at is None:
        return None
    return max(datetime.combine(of.settlement_date, world.profile.settlement.at, UTC), world.now)


def _outcome(world: World, of: SecuritiesTransfer) -> str | None:
    reference = of.settlement_reference.lower()
    if world.profile.behaviour.check_fail_marker.lower() in reference:
        return "CANCELLED"
    return "PROCESSING" if world.profile.transfers.late_marker.lower() in reference else None


class _Settlement(Stage[SecuritiesTransfer]):
    def due(self, world: World, resource: SecuritiesTransfer, at: datetime) -> Task:
        """The transfer keeps what is due: a delay takes it back."""
        task, rows = super().due(world, resource, at), world.table(SECURITIES_TRANSFERS)
        rows.put(rows[resource.id].evolve(settlement=task))
        return task

    def decide(self, world: World, resource: SecuritiesTransfer) -> str:
        """A transfer is late once: from then on, late is settled (payments.md §11.1, inferred)."""
        outcome = super().decide(world, resource)
        return self.to if outcome == self.state and resource.delay_reason is not None else outcome


def _incoming(world: World, of: SecuritiesTransfer) -> bool:
    return of.incoming


Stage("securities_transfer.instruct", SECURITIES_TRANSFER_LIFE, "NEW", "PROCESSING", when=_instructed_at, reads=READS)
_Settlement(
    "securities_transfer.settle",
    SECURITIES_TRANSFER_LIFE,
    "PROCESSING",
    "SETTLED",
    when=_settled_at,
    outcome=_outcome,
    reads=("behaviour.check_fail_marker", *READS),
)
EXPIRES: Final = {
    state: Stage(
        name,
        SECURITIES_TRANSFER_LIFE,
        state,
        "CANCELLED",
        only=_incoming,
        ready=_incoming,
        background=True,
        since="created_at",
        options={"CANCELLED": {"reason": GIVEN_UP}},
    )
    for state, name in (("NEW", "securities_transfer.expire_new"), ("PROCESSING", "securities_transfer.expire"))
}
"""By the state in which a transfer in is given up, 30 days after its creation [D]; no world waits for it to be idle."""


def await_expiry(world: World, of: SecuritiesTransfer, moved: Moved | None = None) -> None:
    """Give a transfer in up some day, in the state to which it has come."""
    if of.incoming:
        forget_expiry(world, of)
        task, rows = EXPIRES[of.status].schedule(world, of), world.table(SECURITIES_TRANSFERS)
        rows.put(rows[of.id].evolve(expiry=task))


def forget_expiry(world: World, of: SecuritiesTransfer, moved: Moved | None = None) -> None:
    """Nothing is due for a transfer that is final."""
    if of.expiry is not None:
        world.clock.drop(of.expiry)
