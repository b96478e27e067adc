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
    hold = still_open(world, of.id)
    if hold is not None:
        raise hold
    USER_LIFE.move(world, of, "OFFBOARDED", "no group or account is left open")


def still_open(world: World, holder_id: str) -> Hold | None:
    """What a user or a business that is offboarded waits for: the first open account or group."""
    held: list[tuple[str, Account | AccountGroup]] = [
        *(("account", row) for row in world.table(ACCOUNTS).by("holder", holder_id)),
        *(("account group", row) for row in world.table(ACCOUNT_GROUPS).by("holder", holder_id)),
    ]
    waits = [f"{what} {row.id} is {row.status}" for what, row in held if row.status != AccountStatus.CLOSED]
    return Hold(f"{waits[0]} ({len(waits)} still open)", topic=topics.offboarding(holder_id)) if waits else None
