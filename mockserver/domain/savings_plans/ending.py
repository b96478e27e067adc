"""What ends a savings plan: its client, or that nothing can be bought any more (payments.md §9.4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mockserver.domain.accounts.accounts import ACCOUNTS, Account, AccountGroup
from mockserver.domain.businesses.businesses import Business
from mockserver.domain.portfolios.configurations import Configuration
from mockserver.domain.savings_plans.executions import BY_CLIENT, BY_UPVEST, end, new_of
from mockserver.domain.savings_plans.placement import NOT_CONFIGURED
from mockserver.domain.savings_plans.plans import PLAN_LIFE, PLANS, SavingsPlan, plan
from mockserver.domain.savings_plans.refusals import PLAN_CANCELLED
from mockserver.domain.users.users import User
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Nothing, operation
from mockserver.kernel.world import World
from mockserver.models.savings_plans import SavingsPlanCancellationReason, SavingsPlanType

ACCOUNT_CLOSES: Final = "Account is closing"
GROUP_CLOSES: Final = "Account group is closing"
USER_LEAVES: Final = "User is offboarding"
BUSINESS_LEAVES: Final = "Business is offboarding"


@operation("delete_savings_plan")
def delete_savings_plan(world: World, call: Call[None]) -> Nothing:
    """Cancel the plan and its NEW execution; one that is under way goes on, without a successor."""
    of = plan(world, call.path["savings_plan_id"])
    if not of.active:
        raise PLAN_CANCELLED.refuse(id=of.id)
    cancel(world, of, BY_CLIENT)
    return Nothing()


@PLAN_LIFE.does("ACTIVE", "CANCELLED")
def cancel(world: World, of: SavingsPlan, reason: str = BY_UPVEST, details: str | None = None) -> None:
    """The NEW execution first, then the plan, both for one reason (payments.md §9.4, order inferred)."""
    why = SavingsPlanCancellationReason(reason)
    new = new_of(world, of.id)
    if new is not None:
        end(world, new, why, details)
    more = {} if details is None else {"cancellation_details": details}
    cause = details or why.value.lower().replace("_", " ")
    PLAN_LIFE.move(world, of, "CANCELLED", cause, cancellation_reason=why, **more)


# --- Followers ---


def account_closes(world: World, account: Account, moved: Moved) -> None:
    """Nothing more is bought for an account that closes."""
    _end_all(world, world.table(PLANS).by("account", account.id), ACCOUNT_CLOSES)


def group_closes(world: World, group: AccountGroup, moved: Moved) -> None:
    """Nothing more is bought in a group that closes."""
    for account in world.table(ACCOUNTS).by("group", group.id):
        _end_all(world, world.table(PLANS).by("account", account.id), GROUP_CLOSES)


def user_leaves(world: World, user: User, moved: Moved) -> None:
    """Nothing more is bought for a user who leaves."""
    _end_all(world, world.table(PLANS).by("holder", user.id), USER_LEAVES)


def business_leaves(world: World, business: Business, moved: Moved) -> None:
    """Nothing more is bought for a business that leaves."""
    _end_all(world, world.table(PLANS).by("holder", business.id), BUSINESS_LEAVES)


def configuration_removed(world: World, configuration: Configuration) -> None:
    """A PORTFOLIO plan has nothing to buy by any more."""
    plans = world.table(PLANS).by("account", configuration.account_id)
    _end_all(world, [row for row in plans if row.type == SavingsPlanType.PORTFOLIO], NOT_CONFIGURED)


def _end_all(world: World, plans: Iterable[SavingsPlan], details: str) -> None:
    for row in plans:
        if row.active:
            cancel(world, row, BY_UPVEST, details)
