"""Tax wrappers: the stocks and shares ISA around an account group, which waits for it (payments.md §12.2)."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, AccountGroup, group
from mockserver.domain.accounts.holders import holder_ids
from mockserver.domain.isa import allowances, tax_years
from mockserver.domain.isa.allowances import ALLOWANCE_LIFE, ALLOWANCES, Allowance
from mockserver.domain.isa.refusals import WRAPPER_EXISTS, WRAPPER_GROUP_STATUS, WRAPPER_GROUP_TYPE
from mockserver.domain.onboarding.approval import GATES
from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.users.tax_residencies import with_tax_number
from mockserver.kernel.lifecycle import Hold, IllegalMoveError, LifeCycle, Row
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.stages import Stage, stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import taxes as wire
from mockserver.models.accounts import AccountGroupType, AccountStatus
from mockserver.models.taxes import IsaWrapperStatus

if TYPE_CHECKING:
    from mockserver.models.messages.taxes import IsaWrapperCreateRequest

BRITAIN: Final = "GB"
"""Where the holder of an ISA pays taxes (payments.md §12.2, inferred)."""


class Wrapper(wire.IsaWrapper):
    """The tax wrapper of one account group."""


WRAPPERS: Final[Kind[Wrapper]] = Kind("isa_wrappers", indexes={"group": attrgetter("account_group_id")})

_D = "payments.md §12.2 [D]"

WRAPPER_LIFE: Final = LifeCycle(
    WRAPPERS,
    [
        Row(None, "NEW", "ISA_WRAPPER.NEW", "created by the client", _D),
        Row("NEW", "ACTIVE", "ISA_WRAPPER.ACTIVE", "a tax residency in GB is confirmed", _D),
        Row("ACTIVE", "INACTIVE", "ISA_WRAPPER.INACTIVE", "no new subscriptions", _D),
        Row("INACTIVE", "ACTIVE", "ISA_WRAPPER.ACTIVE", "subscriptions are possible again", _D),
        Row("NEW", "CLOSED", "ISA_WRAPPER.CLOSED", "closed with its account group", "payments.md §12.2, inferred"),
        Row("ACTIVE", "CLOSED", "ISA_WRAPPER.CLOSED", "closed with its account group", "payments.md §12.2, inferred"),
        Row("INACTIVE", "CLOSED", "ISA_WRAPPER.CLOSED", "closed with its account group", "payments.md §12.2, inferred"),
    ],
)

Stage("isa_wrapper.activate", WRAPPER_LIFE, "NEW", "ACTIVE")


def of_group(world: World, group_id: str) -> Wrapper | None:
    """The tax wrapper of an account group, if it has one."""
    return next(iter(world.table(WRAPPERS).by("group", group_id)), None)


@operation("create_isa_wrapper")
def create_isa_wrapper(world: World, call: Call[IsaWrapperCreateRequest]) -> Wrapper:
    """NEW, ACTIVE with a tax residency in GB; the account group waits for it (payments.md §12.2)."""
    of = group(world, call.body.account_group_id)
    if of.type != AccountGroupType.ISA:
        raise WRAPPER_GROUP_TYPE.refuse(id=of.id, type=of.type)
    known = of_group(world, of.id)
    if known is not None:
        raise WRAPPER_EXISTS.refuse(id=of.id, wrapper_id=known.id)
    if of.status in (AccountStatus.CLOSING, AccountStatus.CLOSED):
        raise WRAPPER_GROUP_STATUS.refuse(id=of.id, status=of.status)
    return WRAPPER_LIFE.enter(world, drafted(world, of.id, is_flexible=call.body.is_flexible), "created by the client")


def drafted(
    world: World, group_id: str, *, id: str | None = None, is_flexible: bool = True, status: str = "NEW"
) -> Wrapper:
    """A wrapper that is in no table yet."""
    return Wrapper(
        id=id or world.ids.new("isa_wrapper"),
        created_at=world.now,
        updated_at=world.now,
        account_group_id=group_id,
        type="STOCKS_AND_SHARES_ISA",
        is_flexible=is_flexible,
        status=IsaWrapperStatus(status),
    )


@operation("retrieve_isa_allowances")
def retrieve_isa_allowances(world: World, call: Call[None]) -> Listing:
    """The allowances of a wrapper, of one ``tax_year`` if given: none for a year without one (inferred)."""
    identity, year, sort = call.path["tax_wrapper_id"], call.query.get("tax_year"), call.query["sort"]
    if identity not in world.table(WRAPPERS):
        raise UNKNOWN.refuse(what="tax wrapper", id=identity)
    rows = world.table(ALLOWANCES).sorted_under("wrapper", identity, sort, "id")
    return Listing(rows if year is None else [row for row in rows if row.tax_year == year], sort)


@WRAPPER_LIFE.does("NEW", "ACTIVE")
def activate(world: World, of: Wrapper) -> None:
    """With a confirmed tax residency in GB that has a tax number; leaving GB later changes nothing (§12.2)."""
    for holder_id in holder_ids(group(world, of.account_group_id)):
        if BRITAIN not in with_tax_number(world, holder_id):
            raise Hold(
                f"user {holder_id} has no ACTIVE tax residency in {BRITAIN} with a tax number "
                f"(POST /users/{holder_id}/tax_residencies)",
                topic=topics.tax_residencies(holder_id),
            )
    WRAPPER_LIFE.move(world, of, "ACTIVE", "a tax residency in GB is confirmed")
    allowances.begin(world, of.id)


@WRAPPER_LIFE.does("INACTIVE", "ACTIVE")
def reactivate(world: World, of: Wrapper) -> None:
    """By command: with an allowance of this tax year, if the last ended meanwhile."""
    row = WRAPPER_LIFE.move(world, of, "ACTIVE", "subscriptions are possible again")
    renew(world, row, tax_years.year_of(world.now))


@WRAPPER_LIFE.does("NEW", "CLOSED")
@WRAPPER_LIFE.does("ACTIVE", "CLOSED")
@WRAPPER_LIFE.does("INACTIVE", "CLOSED")
def close(world: World, of: Wrapper) -> None:
    """With its account group only; raises :class:`Hold` while that does not close (inferred)."""
    holder = world.table(ACCOUNT_GROUPS)[of.account_group_id]
    if holder.status not in (AccountStatus.CLOSING, AccountStatus.CLOSED):
        raise Hold(f"account group {holder.id} is {holder.status}", topic=topics.group(holder.id))
    WRAPPER_LIFE.move(world, of, "CLOSED", "closed with its account group")


def renew(world: World, of: Wrapper, year: int) -> None:
    """Give an ACTIVE wrapper an allowance of the tax year ``year``, in place of an earlier one (§12.2 [D])."""
    row = allowances.active(world, of.id)
    if of.status != IsaWrapperStatus.ACTIVE or (row is not None and row.year >= year):
        return
    if row is None:
        allowances.begin(world, of.id, year)
    else:
        expire(world, row)


@ALLOWANCE_LIFE.does("ACTIVE", "EXPIRED")
def expire(world: World, of: Allowance) -> None:
    """End an allowance of which nothing is carried over; an ACTIVE wrapper has the next one at once (§12.2 [D])."""
    present = tax_years.year_of(world.now)
    if of.year > present:
        raise IllegalMoveError(f"allowance {of.id} is of the tax year {of.tax_year}, which has not begun")
    ALLOWANCE_LIFE.move(world, of, "EXPIRED", "its tax year is over")
    if world.table(WRAPPERS)[of.tax_wrapper_id].status == IsaWrapperStatus.ACTIVE:
        allowances.begin(world, of.tax_wrapper_id, max(of.year + 1, present))


# --- Account groups ---


def _wrapped(world: World, of: AccountGroup) -> Hold | None:
    """An ISA group cannot be ACTIVE before its wrapper (payments.md §12.2 [D])."""
    if not world.profile.isa.groups_wait:
        return None
    wrapper = of_group(world, of.id)
    if wrapper is not None and wrapper.status in (IsaWrapperStatus.ACTIVE, IsaWrapperStatus.INACTIVE):
        return None
    state = "has no tax wrapper (POST /isa/wrappers)" if wrapper is None else f"waits for tax wrapper {wrapper.id}"
    return Hold(f"account group {of.id} {state}", topic=topics.wrapper(of.id))


GATES[AccountGroupType.ISA] = _wrapped


def wrapper_activated(world: World, of: Wrapper, moved: Moved) -> None:
    """Its account group may have waited for it."""
    stir(world, topics.wrapper(of.account_group_id))


def group_closed(world: World, of: AccountGroup, moved: Moved) -> None:
    """The wrapper is closed with its account group (payments.md §12.2, inferred)."""
    wrapper = of_group(world, of.id)
    if wrapper is not None and wrapper.status != IsaWrapperStatus.CLOSED:
        close(world, wrapper)
