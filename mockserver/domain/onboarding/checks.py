"""Checks of a user: who they are, where they live, what they know of instruments (trading.md §4)."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from mockserver.domain import topics
from mockserver.domain.onboarding.check_rules import refuse_unfit, why_failed
from mockserver.domain.onboarding.self_assessments import keep as keep_self_assessment
from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.users.users import user
from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.stages import Stage, stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.users import (
    UserCheck,
    UserCheckCompliance,
    UserCheckCreateResponse,
    UserCheckGuardian,
    UserCheckInstrumentFit,
    UserCheckKyc,
    UserCheckPor,
    UserCheckStatus,
    UserCheckUserSelfAssessment,
    UserCheckUsWithholdingTaxStatus,
)

if TYPE_CHECKING:
    from mockserver.models.messages.users import UserCheckCreateRequest


class Compliance(UserCheckCompliance):
    """The screening that Upvest does by itself; ``evidence`` is the link of the KYC check it follows (hidden)."""

    evidence: str = Field("", exclude=True)


READ_FORMS: Final[dict[str, Any]] = {
    "KYC": UserCheckKyc,
    "POR": UserCheckPor,
    "INSTRUMENT_FIT": UserCheckInstrumentFit,
    "GUARDIAN": UserCheckGuardian,
    "US_WITHHOLDING_TAX_STATUS": UserCheckUsWithholdingTaxStatus,
    "USER_SELF_ASSESSMENT": UserCheckUserSelfAssessment,
}
"""How each type that clients make is shown."""

USER_CHECKS: Kind[UserCheck] = Kind("user_checks", indexes={"user": attrgetter("user_id")})

CHECK_LIFE: Final = LifeCycle(
    USER_CHECKS,
    [
        Row(None, "IN_PROGRESS", "USER_CHECK.CREATED", "accepted for checking", "trading.md §4 [N]"),
        Row("IN_PROGRESS", "PASSED", "USER_CHECK.PASSED", "what it proves is accepted", "trading.md §4 [N]"),
        Row("IN_PROGRESS", "FAILED", "USER_CHECK.FAILED", "on demand, or not accepted", "trading.md §4 [N]"),
    ],
    stamped=False,
)


def _outcome(world: World, check: UserCheck) -> str | None:
    return "FAILED" if why_failed(world, check) is not None else None


Stage("user_check.decide", CHECK_LIFE, "IN_PROGRESS", "PASSED", outcome=_outcome)


@CHECK_LIFE.does("IN_PROGRESS", "FAILED")
def fail(world: World, check: UserCheck, **changes: Any) -> None:
    """Terminal: a failed check is answered by a new one (trading.md §4, inferred)."""
    CHECK_LIFE.move(world, check, "FAILED", why_failed(world, check) or "failed on demand", **changes)


def screen(world: World, check: UserCheck, moved: Moved) -> None:
    """A passed KYC check is followed by a COMPLIANCE check (trading.md §4 [D])."""
    if not isinstance(check, UserCheckKyc):
        return
    row = Compliance(
        id=world.ids.new("user_check"),
        user_id=check.user_id,
        type="COMPLIANCE",
        status=UserCheckStatus.IN_PROGRESS,
        check_confirmed_at=world.now,
        evidence=check.data_download_link,
    )
    CHECK_LIFE.enter(world, row, f"KYC check {check.id} has passed")


def decided(world: World, check: UserCheck, moved: Moved) -> None:
    """The user's activation and a guardian's role wait for checks; a failed one is another reason to wait."""
    stir(world, topics.onboarding(check.user_id))
    if isinstance(check, UserCheckGuardian):
        stir(world, topics.role(check.role_id))


def newest(world: World, user_id: str, type_: str) -> UserCheck | None:
    """The user's newest check of a type: the one that counts."""
    return next((row for row in reversed(_of_user(world, user_id)) if row.type == type_), None)


def instrument_fit(world: World, user_id: str) -> bool | None:
    """What the newest passed INSTRUMENT_FIT check says of the user; ``None`` without one."""
    for row in reversed(_of_user(world, user_id)):
        if isinstance(row, UserCheckInstrumentFit) and row.status == UserCheckStatus.PASSED:
            return row.instrument_suitability.suitability
    return None


def passed_guardian(world: World, user_id: str, role_id: str) -> bool:
    """Whether the newest GUARDIAN check of the user for this role has passed."""
    for row in reversed(_of_user(world, user_id)):
        if isinstance(row, UserCheckGuardian) and row.role_id == role_id:
            return row.status == UserCheckStatus.PASSED
    return False


def _of_user(world: World, user_id: str) -> list[UserCheck]:
    return world.table(USER_CHECKS).by("user", user_id)


@operation("create_user_check")
def create_user_check(world: World, call: Call[UserCheckCreateRequest]) -> UserCheckCreateResponse:
    """Accepted in any order, and from BYOL clients too, though these need none (trading.md §4)."""
    of, body = user(world, call.path["user_id"]), call.body
    refuse_unfit(world, of, body)
    if body.type == "USER_SELF_ASSESSMENT" and world.profile.behaviour.self_assessments == "hidden":
        return UserCheckCreateResponse(id=keep_self_assessment(world, of.id, body))
    given = body.model_dump(exclude_unset=True)
    identity = world.ids.new("user_check")
    row = READ_FORMS[body.type].model_validate(
        {**given, "id": identity, "user_id": of.id, "status": UserCheckStatus.IN_PROGRESS}
    )
    CHECK_LIFE.enter(world, row, "sent by the client")
    return UserCheckCreateResponse(id=identity)


@operation("list_user_checks")
def list_user_checks(world: World, call: Call[None]) -> Listing:
    """In order of creation; without ``list_history`` only the newest of each type (trading.md §4 [N])."""
    of, wanted = user(world, call.path["user_id"]), call.query["type"]
    rows = [row for row in _of_user(world, of.id) if wanted in (None, row.type)]
    if not call.query["list_history"]:
        latest = {row.type: row.id for row in rows}
        rows = [row for row in rows if row.id == latest[row.type]]
    return Listing(rows, "created_at")


@operation("retrieve_user_check")
def retrieve_user_check(world: World, call: Call[None]) -> UserCheck:
    of, identity = user(world, call.path["user_id"]), call.path["check_id"]
    found = world.table(USER_CHECKS).get(identity)
    if found is None or found.user_id != of.id:
        raise UNKNOWN.refuse(what="check", id=f"{identity} of user {of.id}")
    return found
