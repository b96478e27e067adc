"""Businesses: companies and sole traders, from creation to the end of the relation (payments.md §14.1).

What a business needs to become ACTIVE stands in :mod:`mockserver.domain.onboarding.business_activation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import Field

from mockserver.domain import topics
from mockserver.domain.businesses.refusals import BUSINESS_LEAVES
from mockserver.domain.listing import by_time
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.lifecycle import Hold, LifeCycle, Row
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.stages import Stage, stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.businesses import BusinessCompany, BusinessSoleTrader, BusinessStatus

if TYPE_CHECKING:
    from mockserver.models.messages.businesses import BusinessCreateRequest

Deactivated = Literal["", "role", "Upvest"]


class Company(BusinessCompany):
    """A company."""

    deactivated: Deactivated = Field("", exclude=True)
    """While INACTIVE: what ended its activity; empty for one that was never ACTIVE."""


class SoleTrader(BusinessSoleTrader):
    """A natural person who trades under a name."""

    deactivated: Deactivated = Field("", exclude=True)
    """While INACTIVE: what ended its activity; empty for one that was never ACTIVE."""


Business = Company | SoleTrader

FORMS: Final[dict[str, type[Company] | type[SoleTrader]]] = {
    "LIMITED_LIABILITY_COMPANY": Company,
    "SOLE_TRADER": SoleTrader,
}
"""How each ``business_type`` is shown."""

BUSINESSES: Final[Kind[Business]] = Kind("businesses")

BUSINESS_LIFE: Final = LifeCycle(
    BUSINESSES,
    [
        Row(None, "INACTIVE", "BUSINESS.CREATED", "created", "payments.md §14.1 [D]"),
        Row(None, "ACTIVE", "BUSINESS.CREATED", "created, without checks", "payments.md §14.1 [E]"),
        Row("INACTIVE", "ACTIVE", "BUSINESS.ACTIVATED", "its checks and roles are there", "payments.md §14.1 [D]"),
        Row(
            "ACTIVE",
            "INACTIVE",
            "BUSINESS.DEACTIVATED",
            "by Upvest, or its last role of a required type is deactivated",
            "payments.md §14.1, inferred",
        ),
        Row(
            "INACTIVE",
            "OFFBOARDING",
            "BUSINESS.OFFBOARDING_INITIATED",
            "offboarded by Upvest",
            "payments.md §14.1, inferred",
        ),
        Row(
            "ACTIVE",
            "OFFBOARDING",
            "BUSINESS.OFFBOARDING_INITIATED",
            "offboarded by Upvest",
            "payments.md §14.1, inferred",
        ),
        Row("OFFBOARDING", "OFFBOARDED", "BUSINESS.OFFBOARDED", "its groups are closed", "payments.md §14.1, inferred"),
    ],
)


def leaves(of: Business) -> bool:
    """Whether the relation ends or has ended."""
    return of.status in (BusinessStatus.OFFBOARDING, BusinessStatus.OFFBOARDED)


def activate(world: World, of: Business) -> None:
    """By itself, unless Upvest deactivated it: that takes a command (payments.md §14.1, inferred)."""
    if of.deactivated == "Upvest":
        raise Hold(f"business {of.id} was deactivated by Upvest; only a command activates it again")
    BUSINESS_LIFE.carry(world, of, "ACTIVE")


Stage("business.activate", BUSINESS_LIFE, "INACTIVE", "ACTIVE", runs=activate)


@BUSINESS_LIFE.does("ACTIVE", "INACTIVE")
def deactivate(world: World, of: Business, **changes: Any) -> None:
    """Forced by command: no call of the API does it (payments.md §14.1, inferred)."""
    BUSINESS_LIFE.move(world, of, "INACTIVE", "deactivated by Upvest", **{**changes, "deactivated": "Upvest"})


def status_changed(world: World, of: Business, moved: Moved) -> None:
    """Account groups wait for their business."""
    stir(world, topics.business(of.id))


def business(world: World, business_id: str) -> Business:
    """The business, or a refusal (404)."""
    found = world.table(BUSINESSES).get(business_id)
    if found is None:
        raise UNKNOWN.refuse(what="business", id=business_id)
    return found


def present(world: World, business_id: str) -> Business:
    """The business, or a refusal: 404 for an unknown one, 400 for one that leaves or has left (inferred)."""
    found = business(world, business_id)
    if leaves(found):
        raise BUSINESS_LEAVES.refuse(id=found.id, status=found.status)
    return found


@operation("create_business")
def create_business(world: World, call: Call[BusinessCreateRequest]) -> Business:
    """INACTIVE until its checks and roles are there, or ACTIVE at once (a setting)."""
    body = call.body
    row = FORMS[body.business_type].model_validate(
        {
            **body.model_dump(exclude_unset=True),
            "id": world.ids.new("business"),
            "created_at": world.now,
            "updated_at": world.now,
            "status": world.profile.businesses.new_business,
        }
    )
    return BUSINESS_LIFE.enter(world, row, "created by the client")


@operation("list_businesses")
def list_businesses(world: World, call: Call[None]) -> Listing:
    return by_time(world.table(BUSINESSES).sorted_by, call)


@operation("retrieve_business")
def retrieve_business(world: World, call: Call[None]) -> Business:
    return business(world, call.path["business_id"])
