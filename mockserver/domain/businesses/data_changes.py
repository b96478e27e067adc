"""Changes of a business's contact email: accepted, then applied or failed, in order of arrival (payments.md §14.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockserver.domain import topics
from mockserver.domain.businesses.businesses import BUSINESSES, present
from mockserver.kernel.events import emit
from mockserver.kernel.frozen import frozen
from mockserver.kernel.lifecycle import Hold, LifeCycle, Row
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Nothing, operation
from mockserver.kernel.record import Record
from mockserver.kernel.stages import Stage, stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.businesses import BusinessStatus

if TYPE_CHECKING:
    from mockserver.models.messages.businesses import BusinessDataChangeRequest


@frozen(slots=False)
class BusinessDataChange(Record):
    """A request for another contact email; the API shows none of it."""

    id: str
    business_id: str
    status: str
    contact_email: str


BUSINESS_DATA_CHANGES: Final[Kind[BusinessDataChange]] = Kind(
    "business_data_changes", indexes={"pending": lambda row: row.business_id if row.status == "PENDING" else None}
)

BUSINESS_CHANGE_LIFE: Final = LifeCycle(
    BUSINESS_DATA_CHANGES,
    [
        Row(None, "PENDING", None, "requested by the client", "payments.md §14.1 [A]"),
        Row("PENDING", "APPLIED", None, "applied: BUSINESS.DATA_CHANGED", "payments.md §14.1 [A]"),
        Row("PENDING", "FAILED", None, "refused: BUSINESS.DATA_CHANGE_FAILED", "payments.md §14.1 [A], cause inferred"),
    ],
    stamped=False,
)


@operation("business_data_change")
def business_data_change(world: World, call: Call[BusinessDataChangeRequest]) -> Nothing:
    """Accepted; GET shows the old address until it is applied (payments.md §14.1, inferred)."""
    of = present(world, call.path["business_id"])
    row = BusinessDataChange(world.ids.new("business_data_change"), of.id, "PENDING", call.body.contact_email)
    BUSINESS_CHANGE_LIFE.enter(world, row, "requested by the client")
    return Nothing()


def _outcome(world: World, change: BusinessDataChange) -> str | None:
    """The profile's marker in the new address fails the change, and so does the end of the relation (inferred)."""
    marked = world.profile.behaviour.check_fail_marker.lower() in change.contact_email.lower()
    gone = world.table(BUSINESSES)[change.business_id].status == BusinessStatus.OFFBOARDED
    return "FAILED" if marked or gone else None


Stage("business.data_change", BUSINESS_CHANGE_LIFE, "PENDING", "APPLIED", outcome=_outcome)


@BUSINESS_CHANGE_LIFE.does("PENDING", "APPLIED")
def apply(world: World, change: BusinessDataChange) -> None:
    """Change the business; waits for the earlier changes of it (inferred, as of users)."""
    first = world.table(BUSINESS_DATA_CHANGES).by("pending", change.business_id)[0]
    if first.id != change.id:
        topic = topics.data_change(change.business_id)
        raise Hold(f"data change {first.id} of the same business came first", topic=topic)
    old = world.table(BUSINESSES)[change.business_id]
    new = world.table(BUSINESSES).put(old.evolve(contact_email=change.contact_email, updated_at=world.now))
    BUSINESS_CHANGE_LIFE.move(world, change, "APPLIED", "applied")
    emit(world, "BUSINESS.DATA_CHANGED", new)


@BUSINESS_CHANGE_LIFE.does("PENDING", "FAILED")
def fail(world: World, change: BusinessDataChange) -> None:
    """The business stays as before, and is the object of this event, too (payments.md §14.1 [A])."""
    BUSINESS_CHANGE_LIFE.move(world, change, "FAILED", "refused")
    emit(world, "BUSINESS.DATA_CHANGE_FAILED", world.table(BUSINESSES)[change.business_id])


def decided(world: World, change: BusinessDataChange, moved: Moved) -> None:
    """The next change of the business goes on."""
    stir(world, topics.data_change(change.business_id))
