"""Top-ups: cash that a client guarantees, so that the user trades at once, and pays in later (payments.md §5)."""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from mockserver.domain.accounts.accounts import group
from mockserver.domain.isa import subscriptions
from mockserver.domain.payments.admission import Direction, admit
from mockserver.domain.payments.bookings import book_payment
from mockserver.domain.payments.refusals import TOP_UP_FINAL, TOP_UP_OF_CLOSED, TOP_UPS_OFF
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.lifecycle import Hold, LifeCycle, Row
from mockserver.kernel.money import decimal
from mockserver.kernel.operations import Call, Listing, Nothing, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import payments as wire
from mockserver.models.accounts import AccountStatus
from mockserver.models.common import PortfolioCurrency
from mockserver.models.payments import TopupStatus

if TYPE_CHECKING:
    from mockserver.models.messages.payments import TopupCreateRequest


class TopUp(wire.Topup):
    """Cash that an account group has at once, and that the client has yet to pay for."""

    @property
    def listed(self) -> TopUp:
        """The form of lists and GET, without the reference for its payment (§5 [E])."""
        return self.without("settlement_reference")

    @property
    def reference(self) -> str:
        """The text after ``topup`` in the transfer that pays it; case does not count."""
        return (self.settlement_reference or self.id).lower()


TOP_UPS: Final[Kind[TopUp]] = Kind(
    "topups", indexes={"group": attrgetter("account_group_id"), "reference": attrgetter("reference")}
)

TOP_UP_LIFE: Final = LifeCycle(
    TOP_UPS,
    [
        Row(None, "CONFIRMED", "TOPUP.CONFIRMED", "requested by the client", "payments.md §5 [G]"),
        Row("CONFIRMED", "SETTLED", "TOPUP.SETTLED", "the client's payment arrived", "payments.md §5 [G]"),
        Row("CONFIRMED", "CANCELLED", "TOPUP.CANCELLED", "cancelled by the client", "payments.md §5 [A]"),
    ],
    stamped=False,
)


def switched_on(world: World) -> None:
    """Top-ups are a feature that Upvest switches on per client (payments.md §16.2)."""
    if not world.profile.payments.topups:
        raise TOP_UPS_OFF.refuse()


@operation("create_topup", gate=switched_on)
def create_topup(world: World, call: Call[TopupCreateRequest]) -> TopUp:
    """CONFIRMED already in the answer, which is also the payload of the event (§5 [G])."""
    body = call.body
    allowed = admit(
        world, Direction.IN, group_id=body.account_group_id, amount=body.cash_amount, currency=body.currency
    )
    subscriptions.check(world, allowed.group, allowed.amount)
    identity = world.ids.new("topup")
    row = TopUp(
        id=identity,
        created_at=world.now,
        account_group_id=allowed.group.id,
        cash_amount=allowed.shown_amount,
        currency=PortfolioCurrency(allowed.currency),
        settlement_reference=identity,
        status=TopupStatus.CONFIRMED,
    )
    TOP_UP_LIFE.enter(world, row, "requested by the client")
    _book(world, row, "TOPUP", allowed.amount)
    return row


@operation("retrieve_topup", gate=switched_on)
def retrieve_topup(world: World, call: Call[None]) -> TopUp:
    return top_up(world, call.path["topup_id"]).listed


@operation("list_topups", gate=switched_on)
def list_topups(world: World, call: Call[None]) -> Listing:
    holder, sort = group(world, call.path["account_group_id"]), call.query["sort"]
    rows = world.table(TOP_UPS).sorted_under("group", holder.id, sort, "id")
    return Listing(rows, sort, shown=attrgetter("listed"))


@operation("cancel_topup", gate=switched_on)
def cancel_topup(world: World, call: Call[None]) -> Nothing:
    """Takes the cash off again, though it may be spent: the balance may fall below zero (§5, inferred)."""
    row = top_up(world, call.path["topup_id"])
    if row.status != TopupStatus.CONFIRMED:
        raise TOP_UP_FINAL.refuse(id=row.id, status=row.status)
    if group(world, row.account_group_id).status == AccountStatus.CLOSED:
        raise TOP_UP_OF_CLOSED.refuse(id=row.id, group_id=row.account_group_id)
    cancel(world, row)
    return Nothing()


@TOP_UP_LIFE.does("CONFIRMED", "SETTLED")
def settle(world: World, row: TopUp) -> None:
    """The client's payment is there, as a command says: no cash moves, the group has had it since the creation."""
    TOP_UP_LIFE.move(world, row, "SETTLED", "the client's payment arrived")


@TOP_UP_LIFE.does("CONFIRMED", "CANCELLED")
def cancel(world: World, row: TopUp) -> None:
    """Raises :class:`Hold` where the account group is CLOSED: it has no cash that could go (payments.md §18)."""
    holder = group(world, row.account_group_id)
    if holder.status == AccountStatus.CLOSED:
        raise Hold(f"account group {holder.id} is CLOSED: nothing goes back out of it")
    TOP_UP_LIFE.move(world, row, "CANCELLED", "cancelled by the client")
    _book(world, row, "TOPUP_CANCELLATION", decimal(row.cash_amount).copy_negate())


def top_up(world: World, identity: str) -> TopUp:
    """The top-up, or a refusal (404)."""
    found = world.table(TOP_UPS).get(identity)
    if found is None:
        raise UNKNOWN.refuse(what="top-up", id=identity)
    return found


def _book(world: World, row: TopUp, type_: str, amount: Decimal) -> None:
    book_payment(
        world,
        type_,
        group_id=row.account_group_id,
        amount=amount,
        currency=row.currency,
        id=row.id,
        reference="TOPUP",
    )
