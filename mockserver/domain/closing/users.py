"""The end of the relation with a user: accepted at once, done when nothing of the user's is open (trading.md §2.4)."""

from __future__ import annotations

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS, Account, AccountGroup
from mockserver.domain.users.users import USER_LIFE, User, user
from mockserver.kernel.lifecycle import Hold
from mockserver.kernel.operations import Call, Nothing, operation
from mockserver.kernel.stages import Stage
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus


@operation("offboard_user")
def offboard_user(world: World, call: Call[None]) -> Nothing:
    """Accepted whatever is still open; a second time it changes nothing (§2.4 [N], inferred)."""
    of = user(world, call.path["user_id"])
    if not of.leaves:
        USER_LIFE.move(world, of, "OFFBOARDING", "offboarding requested")
    return Nothing()


Stage("user.offboard", USER_LIFE, "OFFBOARDING", "OFFBOARDED")


@USER_LIFE.does("OFFBOARDING", "OFFBOARDED")
def offboard(world: World, of: User) -> None:
    """Waits until every account and account group of the user is closed (§2.4 [D]); what closes one stirs this."""
    held: list[tuple[str, Account | AccountGroup]] = [
        *(("account", row) for row in world.table(ACCOUNTS).by("user", of.id)),
        *(("account group", row) for row in world.table(ACCOUNT_GROUPS).by("user", of.id)),
    ]
    still_open = [f"{what} {row.id} is {row.status}" for what, row in held if row.status != AccountStatus.CLOSED]
    if still_open:
        raise Hold(f"{still_open[0]} ({len(still_open)} still open)", topic=topics.offboarding(of.id))
    USER_LIFE.move(world, of, "OFFBOARDED", "no group or account is left open")
