"""Checks of a business: who it is (KYB), and what it says of itself (payments.md §14.2)."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from mockserver.domain import topics
from mockserver.domain.businesses.businesses import business
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.durations import years_before
from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.stages import Stage, stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.businesses import (
    BusinessCheckCreateResponse,
    BusinessCheckKyb,
    BusinessCheckList,
    BusinessCheckSelfAssessment,
    BusinessCheckStatus,
)

if TYPE_CHECKING:
    from mockserver.models.messages.businesses import BusinessCheckCreateRequest

KYB: Final = "KYB"
SELF_ASSESSMENT: Final = "BUSINESS_SELF_ASSESSMENT"
YEARS: Final = 2
"""A check is good for 24 months (payments.md §14.2, inferred, as KYC)."""

BusinessCheck = BusinessCheckKyb | BusinessCheckSelfAssessment
FORMS: Final[dict[str, type[BusinessCheckKyb] | type[BusinessCheckSelfAssessment]]] = {
    KYB: BusinessCheckKyb,
    SELF_ASSESSMENT: BusinessCheckSelfAssessment,
}
"""How each type is shown."""

BUSINESS_CHECKS: Final[Kind[BusinessCheck]] = Kind("business_checks", indexes={"business": attrgetter("business_id")})

BUSINESS_CHECK_LIFE: Final = LifeCycle(
    BUSINESS_CHECKS,
    [
        Row(None, "IN_PROGRESS", "BUSINESS_CHECK.CREATED", "accepted for checking", "payments.md §14.2 [A]"),
        Row("IN_PROGRESS", "PASSED", "BUSINESS_CHECK.PASSED", "what it proves is accepted", "payments.md §14.2"),
        Row(
            "IN_PROGRESS",
            "FAILED",
            "BUSINESS_CHECK.FAILED",
            "on demand, or older than 24 months",
            "payments.md §14.2, inferred",
        ),
    ],
    stamped=False,
)


def why_failed(world: World, check: BusinessCheck) -> str | None:
    """Why the check fails, as things stand; ``None`` when it passes (payments.md §14.2, inferred)."""
    link = getattr(check, "data_download_link", "")
    if world.profile.behaviour.check_fail_marker.lower() in link.lower():
        return "data_download_link holds the check_fail_marker"
    if check.check_confirmed_at < years_before(world.now, YEARS):
        return "check_confirmed_at is more than 24 months ago"
    return None


def _outcome(world: World, check: BusinessCheck) -> str | None:
    return "FAILED" if why_failed(world, check) is not None else None


Stage("business_check.decide", BUSINESS_CHECK_LIFE, "IN_PROGRESS", "PASSED", outcome=_outcome)


@BUSINESS_CHECK_LIFE.does("IN_PROGRESS", "FAILED")
def fail(world: World, check: BusinessCheck, **changes: Any) -> None:
    """Final: a failed check is answered by a new one."""
    BUSINESS_CHECK_LIFE.move(world, check, "FAILED", why_failed(world, check) or "failed on demand", **changes)


def decided(world: World, check: BusinessCheck, moved: Moved) -> None:
    """The activation of the business waits for its checks; a failed one is another reason to wait."""
    stir(world, topics.onboarding(check.business_id))


def newest(world: World, business_id: str, type_: str) -> BusinessCheck | None:
    """The newest check of a type: the one that counts."""
    return next((row for row in reversed(_of_business(world, business_id)) if row.type == type_), None)


def _of_business(world: World, business_id: str) -> list[BusinessCheck]:
    return world.table(BUSINESS_CHECKS).by("business", business_id)


@operation("create_business_check")
def create_business_check(world: World, call: Call[BusinessCheckCreateRequest]) -> BusinessCheckCreateResponse:
    """Of either type and in any order, from clients with their own license too (payments.md §14.2)."""
    of, body = business(world, call.path["business_id"]), call.body
    identity = world.ids.new("business_check")
    documents = {"document_type": "KYB_DOCUMENTS"} if body.type == KYB else {}
    row = FORMS[body.type].model_validate(
        {
            **body.model_dump(exclude_unset=True),
            **documents,
            "id": identity,
            "business_id": of.id,
            "status": BusinessCheckStatus.IN_PROGRESS,
        }
    )
    BUSINESS_CHECK_LIFE.enter(world, row, "sent by the client")
    return BusinessCheckCreateResponse(id=identity)


@operation("list_business_checks")
def list_business_checks(world: World, call: Call[None]) -> BusinessCheckList:
    """All of them in order of creation, on one page (payments.md §14.2 [A])."""
    of = business(world, call.path["business_id"])
    return BusinessCheckList(data=tuple(_of_business(world, of.id)))


@operation("retrieve_business_check")
def retrieve_business_check(world: World, call: Call[None]) -> BusinessCheck:
    of, identity = business(world, call.path["business_id"]), call.path["check_id"]
    found = world.table(BUSINESS_CHECKS).get(identity)
    if found is None or found.business_id != of.id:
        raise UNKNOWN.refuse(what="check", id=f"{identity} of business {of.id}")
    return found
