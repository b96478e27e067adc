"""Portfolio configurations: which account invests by which allocation (portfolios.md §3, seed document).

Deleting one also cancels orders, so it stands in :mod:`mockserver.domain.portfolios.cancellation`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from mockserver.domain.accounts.accounts import account
from mockserver.domain.listing import created_between
from mockserver.domain.portfolios.allocations import allocation
from mockserver.domain.portfolios.refusals import (
    ACCOUNT_CLOSES,
    ACCOUNT_PENDING,
    ALREADY_CONFIGURED,
    NOT_A_PORTFOLIO_ACCOUNT,
)
from mockserver.domain.portfolios.strategies import check_strategies
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus, AccountType
from mockserver.models.base import dashed
from mockserver.models.portfolios import PortfoliosAllocationAccount, PortfoliosConfiguration

if TYPE_CHECKING:
    from mockserver.models.messages.portfolios import (
        PortfoliosConfigurationCreateRequest,
        PortfoliosConfigurationUpdateRequest,
    )


class Configuration(PortfoliosConfiguration):
    """The target of one account; its id is the account's."""


CONFIGURATIONS: Kind[Configuration] = Kind(
    "configurations", identify=attrgetter("account_id"), indexes={"allocation": attrgetter("allocation_id")}
)


WHEN_REMOVED: Final[list[Callable[[World, Configuration], None]]] = []
"""What follows the deletion of a configuration, which has no life cycle; the rows are those of ``followers``."""


def configuration(world: World, account_id: str) -> Configuration:
    """The account's configuration, or a refusal (404)."""
    found = world.table(CONFIGURATIONS).get(account_id)
    if found is None:
        raise UNKNOWN.refuse(what="portfolio configuration of account", id=account_id)
    return found


def configure(
    world: World, account_id: str, allocation_id: str, strategy_ids: tuple[str, ...] | None = None
) -> Configuration:
    """Link an account to an allocation; refuses what portfolios.md §3 refuses."""
    of = account(world, account_id)
    allocation(world, allocation_id)
    check_strategies(world, strategy_ids or ())
    if of.type != AccountType.PORTFOLIO:
        raise NOT_A_PORTFOLIO_ACCOUNT.refuse(id=of.id, type=of.type)
    if of.status in (AccountStatus.CLOSING, AccountStatus.CLOSED):
        raise ACCOUNT_CLOSES.refuse(id=of.id, status=of.status)
    if of.id in world.table(CONFIGURATIONS):
        raise ALREADY_CONFIGURED.refuse(id=of.id)
    row = Configuration(created_at=world.now, updated_at=world.now, account_id=of.id, allocation_id=allocation_id)
    if strategy_ids is not None:
        row = row.evolve(rebalancing_strategy_ids=strategy_ids)
    return world.table(CONFIGURATIONS).put(row)


def remove(world: World, row: Configuration) -> None:
    """Delete a configuration; what needs one of the account ends with it."""
    world.table(CONFIGURATIONS).remove(row.account_id)
    for follower in WHEN_REMOVED:
        follower(world, row)


@operation("list_portfolios_configurations")
def list_portfolios_configurations(world: World, call: Call[None]) -> Listing:
    query, table = call.query, world.table(CONFIGURATIONS)
    account_id, allocation_id = query.get("account_id"), query.get("allocation_id")
    if account_id:
        found = table.get(dashed(account_id))
        rows: Sequence[Configuration] = [] if found is None else [found]
        if allocation_id:
            rows = [row for row in rows if row.allocation_id == dashed(allocation_id)]
    elif allocation_id:
        rows = table.sorted_under("allocation", dashed(allocation_id), "account_id")
    else:
        rows = table.sorted_by("account_id")
    return Listing(created_between(rows, query.get("start_date"), query.get("end_date")), "account_id")


@operation("create_portfolios_configuration")
def create_portfolios_configuration(world: World, call: Call[PortfoliosConfigurationCreateRequest]) -> Configuration:
    """Only for an account that was approved; one that is seeded may have a configuration before (newer.md §7)."""
    body = call.body
    of = account(world, body.account_id)
    if of.status == AccountStatus.PENDING_APPROVAL:
        raise ACCOUNT_PENDING.refuse(id=of.id)
    return configure(world, body.account_id, body.allocation_id, body.rebalancing_strategy_ids)


@operation("retrieve_portfolios_configuration")
def retrieve_portfolios_configuration(world: World, call: Call[None]) -> Configuration:
    return configuration(world, call.path["account_id"])


@operation("update_portfolios_configuration")
def update_portfolios_configuration(world: World, call: Call[PortfoliosConfigurationUpdateRequest]) -> Configuration:
    """Takes effect from now on; moves no money and leaves placed orders as they are (portfolios.md §3 [G])."""
    old = configuration(world, call.path["account_id"])
    changes: dict[str, object] = {}
    if call.body.allocation_id is not None:
        changes["allocation_id"] = allocation(world, call.body.allocation_id).id
    if call.body.rebalancing_strategy_ids is not None:
        check_strategies(world, call.body.rebalancing_strategy_ids)
        changes["rebalancing_strategy_ids"] = call.body.rebalancing_strategy_ids
    if not changes:
        return old
    return world.table(CONFIGURATIONS).put(old.evolve(**changes, updated_at=world.now))


@operation("list_portfolios_allocation_accounts")
def list_portfolios_allocation_accounts(world: World, call: Call[None]) -> Listing:
    """The accounts whose configuration points to the allocation."""
    of = allocation(world, call.path["allocation_id"])
    rows = world.table(CONFIGURATIONS).sorted_under("allocation", of.id, "account_id")
    return Listing(rows, "id", shown=lambda row: PortfoliosAllocationAccount(id=row.account_id))
