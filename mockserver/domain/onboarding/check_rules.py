"""What a check must be: refused with the request where it cannot be right, failed later where it is not accepted.

Both are tables in the order of trading.md §4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from mockserver.domain.accounts.roles import ROLES
from mockserver.domain.onboarding.refusals import (
    GUARDIAN_ROLE,
    LIVENESS_PHOTO_IN_DE,
    TWO_PLUS_TWO_OUTSIDE_GB,
    WITHHOLDING_PAIR,
)
from mockserver.domain.users.tax_residencies import countries
from mockserver.domain.users.users import User
from mockserver.kernel.durations import years_before
from mockserver.kernel.frozen import frozen
from mockserver.kernel.world import World
from mockserver.models.roles import AccountGroupRoleType
from mockserver.models.users import (
    UserCheckKyc,
    UserCheckKycMethod,
    UserCheckUsWithholdingTaxStatus,
    UsWithholdingTaxDocumentationType,
    UsWithholdingTaxPersonType,
)

KYC_YEARS: Final = 2
"""A KYC check is good for 24 months (trading.md §4 [N, D])."""

COMPLIANCE_MARK: Final = "-compliance"
"""Behind the profile's marker: not the KYC check fails, but the COMPLIANCE check after it (inferred)."""

PAIRS: Final = {
    UsWithholdingTaxPersonType.NON_RESIDENT_ALIEN: (
        UsWithholdingTaxDocumentationType.KYC,
        UsWithholdingTaxDocumentationType.W8_BEN,
        UsWithholdingTaxDocumentationType.UNDOCUMENTED,
    ),
    UsWithholdingTaxPersonType.US_PERSON: (
        UsWithholdingTaxDocumentationType.W9,
        UsWithholdingTaxDocumentationType.UNDOCUMENTED,
    ),
}
"""What documents whom (trading.md §4 [N])."""


def refuse_unfit(world: World, of: User, body: Any) -> None:
    """Raise the refusal of a check that cannot be right for this user, if it is one."""
    # lazy: 2 ms of classes that only a request like this needs
    from mockserver.models.messages.users import (
        UserCheckGuardianCreateRequest,
        UserCheckKycCreateRequest,
        UserCheckUsWithholdingTaxStatusCreateRequest,
    )

    home = of.address.country
    if isinstance(body, UserCheckKycCreateRequest):
        if body.method == UserCheckKycMethod.LIVENESS_PHOTO_ID and home == "DE":
            raise LIVENESS_PHOTO_IN_DE.refuse(id=of.id)
        if body.method == UserCheckKycMethod.TWO_PLUS_TWO_VERIFICATION and home != "GB":
            raise TWO_PLUS_TWO_OUTSIDE_GB.refuse(id=of.id, country=home)
    if isinstance(body, UserCheckGuardianCreateRequest):
        role = world.table(ROLES).get(body.role_id)
        if role is None or (role.user_id, role.role_type) != (of.id, AccountGroupRoleType.GUARDIAN):
            raise GUARDIAN_ROLE.refuse(id=of.id, role_id=body.role_id)
    if isinstance(body, UserCheckUsWithholdingTaxStatusCreateRequest):
        fitting = PAIRS[body.person_type]
        if body.documentation_type not in fitting:
            raise WITHHOLDING_PAIR.refuse(
                documentation=body.documentation_type, person=body.person_type, fitting=", ".join(fitting)
            )


@frozen
class Failing:
    """One reason why a check fails."""

    name: str
    type: str
    """The type of check; empty: any."""
    when: Callable[[World, Any], bool]
    text: str
    source: str


def _marked(world: World, check: Any) -> bool:
    link = _link(check)
    marker = world.profile.behaviour.check_fail_marker.lower()
    return marker in link and not (check.type == "KYC" and f"{marker}{COMPLIANCE_MARK}" in link)


def _marked_for_compliance(world: World, check: Any) -> bool:
    return f"{world.profile.behaviour.check_fail_marker.lower()}{COMPLIANCE_MARK}" in check.evidence.lower()


def _stale(world: World, check: UserCheckKyc) -> bool:
    return check.check_confirmed_at < years_before(world.now, KYC_YEARS)


def _without_residency(world: World, check: UserCheckUsWithholdingTaxStatus) -> bool:
    return _documented(check) and not countries(world, check.user_id)


def _contradicted(world: World, check: UserCheckUsWithholdingTaxStatus) -> bool:
    claimed = check.person_type == UsWithholdingTaxPersonType.US_PERSON
    return _documented(check) and claimed != ("US" in countries(world, check.user_id))


FAILING: Final = (
    Failing("check.marked", "", _marked, "data_download_link holds the check_fail_marker", "trading.md §4, inferred"),
    Failing(
        "check.stale",
        "KYC",
        _stale,
        "check_confirmed_at is more than 24 months ago",
        "trading.md §4 [D]; FAILED, not 400, inferred",
    ),
    Failing(
        "check.marked-compliance",
        "COMPLIANCE",
        _marked_for_compliance,
        f"data_download_link of the KYC check holds the check_fail_marker and {COMPLIANCE_MARK}",
        "trading.md §4, inferred",
    ),
    Failing(
        "check.withholding-without-residency",
        "US_WITHHOLDING_TAX_STATUS",
        _without_residency,
        "the status is documented, but there is no ACTIVE tax residency",
        "trading.md §4 [N]",
    ),
    Failing(
        "check.withholding-contradicted",
        "US_WITHHOLDING_TAX_STATUS",
        _contradicted,
        "the documented status contradicts the tax residencies: only a US_PERSON has one in US",
        "trading.md §4 [N]; what contradicts, inferred",
    ),
)


def why_failed(world: World, check: Any) -> str | None:
    """Why the check fails, as things stand; ``None`` when it passes."""
    for row in FAILING:
        if row.type in ("", check.type) and row.when(world, check):
            return row.text
    return None


def _link(check: Any) -> str:
    return (getattr(check, "data_download_link", None) or "").lower()


def _documented(check: UserCheckUsWithholdingTaxStatus) -> bool:
    return check.documentation_type != UsWithholdingTaxDocumentationType.UNDOCUMENTED
