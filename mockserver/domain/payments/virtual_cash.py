"""Virtual cash of clients who settle after the trade: increases at once, decreases when the cash is there (§8.1).

No call reads either of them: a client learns their states from webhooks only (payments.md §8.1 [A]).
"""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.isa import subscriptions
from mockserver.domain.ledger import cash
from mockserver.domain.payments.admission import Direction, admit, takes_money
from mockserver.domain.payments.bookings import book_payment
from mockserver.domain.payments.refusals import DECREASE_FINAL, VIRTUAL_CASH_OFF
from mockserver.domain.payments.under_way import UNDER_WAY, UnderWay
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.lifecycle import Hold, LifeCycle, Row
from mockserver.kernel.money import decimal, wire_amount
from mockserver.kernel.operations import Call, Nothing, operation
from mockserver.kernel.stages import Stage
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import payments as wire
from mockserver.models.accounts import AccountStatus
from mockserver.models.common import Currency
from mockserver.models.payments import VirtualCashDecreaseStatus, VirtualCashIncreaseStatus

if TYPE_CHECKING:
    from mockserver.models.messages.payments import VirtualCashDecreaseCreateRequest, VirtualCashIncreaseCreateRequest

    Request = VirtualCashIncreaseCreateRequest | VirtualCashDecreaseCreateRequest

CURRENCIES: Final = ("USD",)
"""What virtual cash knows beside the currencies of all payments (payments.md §8.1 [A])."""


class Increase(wire.VirtualCashIncrease):
    """An amount that can be traded before it is paid; ``group_type`` is for profiles to tell them apart (hidden)."""

    group_type: str = Field("", exclude=True)


class Decrease(wire.VirtualCashDecrease):
    """Virtual cash that the client takes back; ``group_type`` is for profiles to tell them apart (hidden)."""

    group_type: str = Field("", exclude=True)


_BY_GROUP: Final = {"group": attrgetter("account_group_id")}

INCREASES: Kind[Increase] = Kind("virtual_cash_increases", indexes=_BY_GROUP)
DECREASES: Kind[Decrease] = Kind("virtual_cash_decreases", indexes=_BY_GROUP)

INCREASE_LIFE: Final = LifeCycle(
    INCREASES,
    [
        Row(None, "ISSUED", "VIRTUAL_CASH_INCREASE.ISSUED", "requested by the client", "payments.md §8.1 [E]"),
        Row(
            "ISSUED",
            "CONFIRMED",
            "VIRTUAL_CASH_INCREASE.CONFIRMED",
            "at once: it can be traded",
            "payments.md §8.1 [G]",
        ),
        Row(
            "ISSUED",
            "CANCELLED",
            "VIRTUAL_CASH_INCREASE.CANCELLED",
            "the account group cannot take it, as with certain tax wrappers",
            "payments.md §8.1 [G]",
        ),
    ],
)
DECREASE_LIFE: Final = LifeCycle(
    DECREASES,
    [
        Row(None, "ISSUED", "VIRTUAL_CASH_DECREASE.ISSUED", "requested by the client", "payments.md §8.1 [E]"),
        Row("ISSUED", "CONFIRMED", "VIRTUAL_CASH_DECREASE.CONFIRMED", "the cash is there", "payments.md §8.1 [G]"),
        Row("ISSUED", "QUEUED", "VIRTUAL_CASH_DECREASE.QUEUED", "it waits for cash", "payments.md §8.1 [A]"),
        Row("ISSUED", "CANCELLED", "VIRTUAL_CASH_DECREASE.CANCELLED", "cancelled", "payments.md §8.1 [A]"),
        Row("QUEUED", "CONFIRMED", "VIRTUAL_CASH_DECREASE.CONFIRMED", "the cash has come", "payments.md §8.1 [A]"),
        Row("QUEUED", "CANCELLED", "VIRTUAL_CASH_DECREASE.CANCELLED", "cancelled", "payments.md §8.1 [A]"),
    ],
)


def switched_off(world: World) -> None:
    """Virtual cash belongs to post-trade settlement alone, where a client chose one of the two (payments.md §8.1)."""
    if world.profile.payments.cash_model == "prefunded":
        raise VIRTUAL_CASH_OFF.refuse()


def _admitted(world: World, body: Request, direction: Direction) -> dict[str, Any]:
    """What increases and decreases have of a request that may move money."""
    admitted = admit(
        world,
        direction,
        group_id=body.account_group_id,
        amount=body.amount,
        currency=body.currency,
        member="amount",
        also_held=CURRENCIES,
    )
    return {
        "created_at": world.now,
        "updated_at": world.now,
        "account_group_id": admitted.group.id,
        "amount": admitted.shown_amount,
        "currency": Currency(admitted.currency),
        "group_type": admitted.group.type,
    }


# --- Increases ---


@operation("create_virtual_cash_increase", gate=switched_off)
def create_virtual_cash_increase(world: World, call: Call[VirtualCashIncreaseCreateRequest]) -> Increase:
    members = _admitted(world, call.body, Direction.IN)
    row = Increase(id=world.ids.new("virtual_cash_increase"), status=VirtualCashIncreaseStatus.ISSUED, **members)
    return INCREASE_LIFE.enter(world, row, "requested by the client")


def _increase_outcome(world: World, increase: Increase) -> str | None:
    of = world.table(ACCOUNT_GROUPS)[increase.account_group_id]
    if takes_money(world, of, Direction.IN, increase.currency):
        return None if subscriptions.barred(world, of, decimal(increase.amount)) is None else "CANCELLED"
    return "CANCELLED"


Stage(
    "virtual_cash_increase.confirm",
    INCREASE_LIFE,
    "ISSUED",
    "CONFIRMED",
    outcome=_increase_outcome,
    reads=("isa.over_subscriptions",),
)


@INCREASE_LIFE.does("ISSUED", "CONFIRMED")
def confirm_increase(world: World, increase: Increase) -> None:
    """Only the balance rises, so the amount is available for trading and for withdrawal (payments.md §8.1)."""
    of = world.table(ACCOUNT_GROUPS)[increase.account_group_id]
    if of.status == AccountStatus.CLOSED:
        raise Hold(f"account group {of.id} is CLOSED: nothing comes into it")
    INCREASE_LIFE.move(world, increase, "CONFIRMED", "virtual cash is granted")
    _book(world, increase, "VIRTUAL_CASH_INCREASE", decimal(increase.amount))


# --- Decreases ---


@operation("create_virtual_cash_decrease", gate=switched_off)
def create_virtual_cash_decrease(world: World, call: Call[VirtualCashDecreaseCreateRequest]) -> Decrease:
    """Nothing is reserved: one that waits takes what is there when its turn comes (payments.md §8.1, inferred)."""
    members = _admitted(world, call.body, Direction.OUT)
    row = Decrease(id=world.ids.new("virtual_cash_decrease"), status=VirtualCashDecreaseStatus.ISSUED, **members)
    return DECREASE_LIFE.enter(world, row, "requested by the client")


@operation("cancel_virtual_cash_decrease", gate=switched_off)
def cancel_virtual_cash_decrease(world: World, call: Call[None]) -> Nothing:
    """Accepted while it is ISSUED or QUEUED, and cancelled at once (payments.md §8.1 [A])."""
    identity = call.path["virtual_cash_decrease_id"]
    decrease = world.table(DECREASES).get(identity)
    if decrease is None:
        raise UNKNOWN.refuse(what="virtual cash decrease", id=identity)
    if (decrease.status, "CANCELLED") not in DECREASE_LIFE.rows:
        raise DECREASE_FINAL.refuse(id=decrease.id, status=decrease.status)
    DECREASE_LIFE.move(world, decrease, "CANCELLED", "cancelled by the client")
    return Nothing()


def _missing(world: World, decrease: Decrease) -> Hold | None:
    """Why the cash that a decrease takes is not there; ``None`` where all of it is."""
    row = cash.cash(world, decrease.account_group_id, decrease.currency)
    if row.for_withdrawal >= decimal(decrease.amount):
        return None
    there = f"{wire_amount(row.for_withdrawal)} {row.currency} are available for withdrawal"
    why, wanted = f"{there}, and {decrease.amount} are needed", decimal(decrease.amount)
    return Hold(why, topic=row.withdrawal_topic, wanted=wanted, free=row.for_withdrawal)


def _decrease_outcome(world: World, decrease: Decrease) -> str | None:
    return "QUEUED" if _missing(world, decrease) is not None else None


Stage("virtual_cash_decrease.confirm", DECREASE_LIFE, "ISSUED", "CONFIRMED", outcome=_decrease_outcome)
Stage("virtual_cash_decrease.dequeue", DECREASE_LIFE, "QUEUED", "CONFIRMED")


@DECREASE_LIFE.does("ISSUED", "CONFIRMED")
@DECREASE_LIFE.does("QUEUED", "CONFIRMED")
def confirm_decrease(world: World, decrease: Decrease) -> None:
    """The whole amount or nothing, never more than is available for withdrawal (payments.md §8.1, inferred).

    Raises :class:`Hold` while that is less, or while the account group is LOCKED.
    """
    of = world.table(ACCOUNT_GROUPS)[decrease.account_group_id]
    if of.status == AccountStatus.LOCKED:
        raise Hold(f"account group {of.id} is LOCKED", topic=topics.group(of.id))
    if (missing := _missing(world, decrease)) is not None:
        raise missing
    DECREASE_LIFE.move(world, decrease, "CONFIRMED", "the cash is there")
    _book(world, decrease, "VIRTUAL_CASH_DECREASE", decimal(decrease.amount).copy_negate())


def give_up(world: World, decrease: Decrease) -> bool:
    """Cancel one that waits for cash which its CLOSING account group will not get (payments.md §2.5, inferred)."""
    if decrease.status != VirtualCashDecreaseStatus.QUEUED:
        return False
    DECREASE_LIFE.move(world, decrease, "CANCELLED", "its account group closes, and no cash comes any more")
    return True


UNDER_WAY.extend(
    (
        UnderWay("virtual cash increase", INCREASES, frozenset({"ISSUED"})),
        UnderWay("virtual cash decrease", DECREASES, frozenset({"ISSUED", "QUEUED"}), give_up=give_up),
    )
)


def _book(world: World, of: Increase | Decrease, type_: str, amount: Decimal) -> None:
    """The transaction has the type of its reference."""
    book_payment(
        world,
        type_,
        group_id=of.account_group_id,
        amount=amount,
        currency=of.currency,
        id=of.id,
        reference=type_,
    )
