"""Closing accounts and account groups: what forbids it, what it waits for, what it ends (trading.md §8)."""

from __future__ import annotations

from typing import Any

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import (
    ACCOUNT_LIFE,
    ACCOUNTS,
    GROUP_LIFE,
    Account,
    AccountGroup,
    account,
    group,
)
from mockserver.domain.accounts.holders import holder_ids, member_ids
from mockserver.domain.closing.refusals import NOT_CLOSABLE, WITHDRAWAL_OUTSTANDING
from mockserver.domain.isa import tax_years
from mockserver.domain.isa.wrappers import BRITAIN
from mockserver.domain.ledger.cash import CASH
from mockserver.domain.ledger.positions import POSITIONS
from mockserver.domain.orders.orders import ORDERS, Order
from mockserver.domain.payments import under_way
from mockserver.domain.payments.cash_transfers import CashTransfer
from mockserver.domain.users.tax_residencies import countries
from mockserver.kernel.lifecycle import Hold
from mockserver.kernel.money import wire_amount, wire_number
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Nothing, operation
from mockserver.kernel.stages import Stage, stir
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountGroupType, AccountStatus


@operation("account_closure")
def account_closure(world: World, call: Call[None]) -> Nothing:
    """CLOSING at once, CLOSED when nothing is left that blocks it."""
    of = account(world, call.path["account_id"])
    if (of.status, "CLOSING") not in ACCOUNT_LIFE.rows:
        raise NOT_CLOSABLE.refuse(what="account", id=of.id, status=of.status)
    _refuse_withdrawals(world, of.account_group_id)
    ACCOUNT_LIFE.move(world, of, "CLOSING", "closing requested by the client")
    return Nothing()


@operation("account_group_closure")
def account_group_closure(world: World, call: Call[None]) -> Nothing:
    """As for an account; its accounts are closed by the client (§8, inferred).

    ``notification_only`` is accepted for any group, and only the reason is remembered (§21.8, inferred).
    """
    of, query = group(world, call.path["account_group_id"]), call.query
    reason = query.get("closure_reason") or of.closure_reason
    if query.get("notification_only"):
        world.table(GROUP_LIFE.kind).put(of.evolve(closure_reason=reason))
        return Nothing()
    if (of.status, "CLOSING") not in GROUP_LIFE.rows:
        raise NOT_CLOSABLE.refuse(what="account group", id=of.id, status=of.status)
    _refuse_withdrawals(world, of.id)
    cause = "closing requested by the client" + (f": {reason}" if reason else "")
    GROUP_LIFE.move(world, of, "CLOSING", cause, closure_reason=reason)
    return Nothing()


def _refuse_withdrawals(world: World, group_id: str) -> None:
    """Closing is not requested while a withdrawal is open; other promises of cash only keep the group CLOSING."""
    if any(found.row.forbids for found in under_way.of_group(world, group_id)):
        raise WITHDRAWAL_OUTSTANDING.refuse(id=group_id)


def close_account(world: World, of: Account) -> None:
    """Waits while units are held, locked or unsettled, while orders are open, and while a fee is being collected.

    Source: of fees payments.md §2.5 [D], of the rest trading.md §8 [D], orders inferred.
    """
    for row in world.table(POSITIONS).by("account", of.id):
        if not row.cleared:
            state = f"{wire_number(row.quantity)} held, {wire_number(row.settled)} settled"
            raise Hold(f"its position in {row.isin} is open ({state})", topic=topics.account_cleared(of.id))
    for order in world.table(ORDERS).by("account", of.id):
        if not order.final:
            raise Hold(f"its order {order.id} is {order.status}", topic=topics.account_cleared(of.id))
    for found in under_way.of_account(world, of.id):
        raise Hold(str(found), topic=topics.account_cleared(of.id))
    ACCOUNT_LIFE.move(world, of, "CLOSED", "nothing is left in it")


def close_group(world: World, of: AccountGroup) -> None:
    """Waits while an account is not CLOSED, or cash is left in any currency; it is not paid out (§8 [D], §21.17).

    Payments under way keep it open, too; those that only wait for cash are cancelled, since none will come
    (payments.md §2.5, inferred).
    """
    for inner in world.table(ACCOUNTS).by("group", of.id):
        if inner.status != AccountStatus.CLOSED:
            raise Hold(f"its account {inner.id} is {inner.status}", topic=topics.group_cleared(of.id))
    for row in world.table(CASH).by("group", of.id):
        if not row.cleared:
            left = f"{wire_amount(row.balance)} {row.currency}, {wire_amount(row.pending)} unsettled"
            if row.reserved:
                left += f", {wire_amount(row.reserved)} promised"
            raise Hold(f"cash is left: {left}", topic=topics.group_cleared(of.id))
    for found in list(under_way.of_group(world, of.id)):
        if not found.give_up(world):
            raise Hold(str(found), topic=topics.group_cleared(of.id))
    await_year_end(world, of)
    GROUP_LIFE.move(world, of, "CLOSED", "its accounts are closed and no cash is left")


def await_year_end(world: World, of: AccountGroup) -> None:
    """Raise :class:`Hold` until the tax year is over in which a group of a UK user began to close, by setting.

    Such is an ISA group, and one of a user with a tax residency in GB (payments.md §16.2 [D], who: inferred).
    """
    if not world.profile.isa.closes_at_year_end:
        return
    british = of.type == AccountGroupType.ISA or any(BRITAIN in countries(world, each) for each in holder_ids(of))
    end = tax_years.next_start(of.updated_at)
    if british and world.now < end:
        raise Hold(f"the tax year ends with {tax_years.last_second(end.year - 1):%d %B %Y}", until=end)


# By `runs`, so that a command closes by hand whatever is left, as Upvest does in its sandbox (§8 [D]).
Stage("account.close", ACCOUNT_LIFE, "CLOSING", "CLOSED", runs=close_account)
Stage("account_group.close", GROUP_LIFE, "CLOSING", "CLOSED", runs=close_group, reads=("isa.closes_at_year_end",))


def order_ended(world: World, order: Order, moved: Moved) -> None:
    """Its account may have waited for the last order."""
    stir(world, topics.account_cleared(order.account_id))


def payment_ended(world: World, payment: Any, moved: Moved) -> None:
    """Its account group may have waited for the last payment under way."""
    stir(world, topics.group_cleared(payment.account_group_id))


def awaited_ended(world: World, row: Any, moved: Moved) -> None:
    """Its account, and the group of that, may have waited for it."""
    stir(world, topics.account_cleared(row.account_id), topics.group_cleared(row.account_group_id))


def cash_transfer_ended(world: World, transfer: CashTransfer, moved: Moved) -> None:
    """Either of its account groups may have waited for it."""
    stir(
        world,
        *(topics.group_cleared(each) for each in (transfer.source_account_group_id, transfer.target_account_group_id)),
    )


def account_closed(world: World, of: Account, moved: Moved) -> None:
    """Its group and its users may have waited for it. If it was closed by hand, what is under way in it ends."""
    for found in reversed(list(under_way.of_account(world, of.id))):
        found.end(world)
    stir(world, topics.group_cleared(of.account_group_id))
    _tell_users(world, of)


def group_closed(world: World, of: AccountGroup, moved: Moved) -> None:
    """Its users may have waited for it. If it was closed by hand, what is under way in it ends (payments.md §18)."""
    for found in list(under_way.of_group(world, of.id)):
        found.end(world)
    _tell_users(world, of)


def _tell_users(world: World, of: Account | AccountGroup) -> None:
    for each in member_ids(of):
        stir(world, topics.offboarding(each))
