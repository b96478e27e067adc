"""The end of the relation with a business: by command only, done when nothing of it is open (payments.md §14.1)."""

from __future__ import annotations

from mockserver.domain.businesses.businesses import BUSINESS_LIFE, Business
from mockserver.domain.closing.users import still_open
from mockserver.kernel.stages import Stage
from mockserver.kernel.world import World

Stage("business.offboard", BUSINESS_LIFE, "OFFBOARDING", "OFFBOARDED")


@BUSINESS_LIFE.does("OFFBOARDING", "OFFBOARDED")
def offboard(world: World, of: Business) -> None:
    """Waits until every account and account group of the business is closed (payments.md §14.1, inferred)."""
    hold = still_open(world, of.id)
    if hold is not None:
        raise hold
    BUSINESS_LIFE.move(world, of, "OFFBOARDED", "no group or account is left open")
