"""Changes of tax exemptions: a PUT or a DELETE is accepted, and decided later, in order (payments.md §12.1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Final

from mockserver.domain import topics
from mockserver.domain.tax_exemptions.exemptions import (
    ACTIVE,
    EXEMPTION_LIFE,
    TAX_EXEMPTIONS,
    TaxExemption,
    details,
    failure,
    obstacle,
    open_of,
)
from mockserver.kernel.events import emit
from mockserver.kernel.frozen import frozen
from mockserver.kernel.lifecycle import Hold, LifeCycle, Row
from mockserver.kernel.moves import Moved
from mockserver.kernel.record import Record
from mockserver.kernel.stages import Stage, stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.taxes import TaxExemptionType

UPDATE: Final = "UPDATE"
DELETION: Final = "DELETION"


@frozen(slots=False)
class Change(Record):
    """A request to replace or to delete an exemption; the API shows none of it."""

    id: str
    tax_exemption_id: str
    what: str
    """UPDATE or DELETION."""
    status: str
    user_ids: tuple[str, ...] = ()
    type: str = ""
    amount: Decimal = Decimal(0)
    valid_to_date: date | None = None

    @cached_property
    def pending(self) -> str | None:
        return self.tax_exemption_id if self.status == "REQUESTED" else None


CHANGES: Kind[Change] = Kind("tax_exemption_changes", indexes={"pending": attrgetter("pending")})

CHANGE_LIFE: Final = LifeCycle(
    CHANGES,
    [
        Row(None, "REQUESTED", None, "requested by the client", "payments.md §12.1 [A]"),
        Row(
            "REQUESTED",
            "APPLIED",
            None,
            "applied: TAX_EXEMPTION.UPDATED, TAX_EXEMPTION.DELETED",
            "payments.md §12.1 [D]",
        ),
        Row(
            "REQUESTED",
            "FAILED",
            None,
            "refused: TAX_EXEMPTION.UPDATE_FAILED, TAX_EXEMPTION.DELETION_FAILED",
            "payments.md §12.1 [D], causes inferred",
        ),
    ],
    stamped=False,
)


def request(world: World, row: Change) -> Change:
    return CHANGE_LIFE.enter(world, row, "requested by the client")


def pending(world: World, identity: str) -> list[Change]:
    """The changes of an exemption that are not decided yet, the oldest first."""
    return world.table(CHANGES).by("pending", identity)


def changed(row: TaxExemption, change: Change, **members: object) -> TaxExemption:
    """The exemption with an update applied."""
    return row.evolve(
        user_ids=change.user_ids,
        valid_to_date=change.valid_to_date,
        tax_exemption_details=details(TaxExemptionType(change.type), change.amount, row.used),
        **members,
    )


def _obstacle(world: World, change: Change) -> str | None:
    """Why a change is refused, in words (§12.1 [D], causes inferred)."""
    reason = _impossible(world, change)
    if reason is None and change.what == UPDATE:
        reason = obstacle(world, change.user_ids, change.valid_to_date)
    return reason


def _impossible(world: World, change: Change) -> str | None:
    """Why not even a command can apply a change, in words."""
    row = world.table(TAX_EXEMPTIONS)[change.tax_exemption_id]
    if row.status != ACTIVE:
        return f"The tax exemption is {row.status}"
    if change.what == DELETION:
        return f"{row.used:.2f} EUR of it are used this year" if row.used else None
    if change.amount < row.used:
        return f"{row.used:.2f} EUR are used, more than {change.amount:.2f}"
    if (taken := open_of(world, change.user_ids, but=row.id)) is not None:
        return f"User {taken[0]} has tax exemption {taken[1].id}"
    return None


def _outcome(world: World, change: Change) -> str | None:
    _wait(world, change)
    return "FAILED" if _obstacle(world, change) else None


def _wait(world: World, change: Change) -> None:
    first = pending(world, change.tax_exemption_id)[0]
    if first.id != change.id:
        raise Hold(
            f"change {first.id} of the same tax exemption came first",
            topic=topics.tax_exemption(change.tax_exemption_id),
        )


class _Decision(Stage[Change]):
    def decide(self, world: World, resource: Change) -> str:
        """What cannot be applied fails, also where the profile's outcomes say APPLIED."""
        outcome = super().decide(world, resource)
        return "FAILED" if outcome == self.to and _impossible(world, resource) else outcome


_Decision("tax_exemption.change", CHANGE_LIFE, "REQUESTED", "APPLIED", outcome=_outcome)


@CHANGE_LIFE.does("REQUESTED", "APPLIED")
def apply(world: World, change: Change) -> None:
    """The exemption is replaced or deleted; waits for its earlier changes.

    Raises :class:`Hold` for what no command can apply either.
    """
    _wait(world, change)
    if (reason := _impossible(world, change)) is not None:
        raise Hold(reason)
    row = world.table(TAX_EXEMPTIONS)[change.tax_exemption_id]
    CHANGE_LIFE.move(world, change, "APPLIED", "applied")
    if change.what == DELETION:
        EXEMPTION_LIFE.move(world, row, "CANCELLED", "deleted by the client")
    else:
        new = world.table(TAX_EXEMPTIONS).put(changed(row, change, updated_at=world.now))
        emit(world, "TAX_EXEMPTION.UPDATED", new)


@CHANGE_LIFE.does("REQUESTED", "FAILED")
def fail(world: World, change: Change, reason: str = "") -> None:
    """The exemption stays as it is; ``reason`` is what the event says."""
    _wait(world, change)
    reason = reason or _obstacle(world, change) or "Rejected by the tax office"
    row = world.table(TAX_EXEMPTIONS)[change.tax_exemption_id]
    CHANGE_LIFE.move(world, change, "FAILED", reason)
    if change.what == DELETION:
        emit(world, "TAX_EXEMPTION.DELETION_FAILED", failure(row, reason))
    else:
        emit(world, "TAX_EXEMPTION.UPDATE_FAILED", failure(row, reason))


def decided(world: World, change: Change, moved: Moved) -> None:
    """The next change of the exemption goes on."""
    stir(world, topics.tax_exemption(change.tax_exemption_id))
