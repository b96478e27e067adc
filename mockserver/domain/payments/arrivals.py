"""Incoming transfers arrive: what is booked for each (payments.md §6.2), and those that fail on demand (§16.3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from mockserver.domain.payments import top_ups
from mockserver.domain.payments.credit_fundings import CreditFunding, confirm
from mockserver.domain.payments.incoming_transfers import INCOMING_TRANSFER_LIFE, IncomingTransfer
from mockserver.domain.payments.outcomes import Failure, cause, failure
from mockserver.domain.payments.routing import Credit, Destination, Nowhere, Payment, destination
from mockserver.kernel.lifecycle import IllegalMoveError
from mockserver.kernel.stages import Stage
from mockserver.kernel.world import World

LATE: Final = timedelta(hours=24)
"""How much later a transfer arrives that is late on demand (payments.md §16.3)."""

STATES: Final[dict[type[Destination], str]] = {Credit: "CREDITED", Payment: "SETTLED", Nowhere: "UNMATCHED"}
"""What a transfer becomes, by where it goes."""


def _when(world: World, transfer: IncomingTransfer) -> datetime | None:
    return world.now + LATE if _fate(world, transfer) is Failure.LATE else None


def _outcome(world: World, transfer: IncomingTransfer) -> str:
    return "UNMATCHED" if _dropped(world, transfer) else STATES[type(destination(world, transfer))]


Stage("bank_transfer.arrive", INCOMING_TRANSFER_LIFE, "RECEIVED", "CREDITED", when=_when, outcome=_outcome)


@INCOMING_TRANSFER_LIFE.does("RECEIVED", "CREDITED")
def credit(world: World, transfer: IncomingTransfer) -> None:
    """The account group that it is for gets the money; raises ``IllegalMoveError`` where it is for none."""
    to = destination(world, transfer)
    if not isinstance(to, Credit):
        raise IllegalMoveError(f"bank transfer {transfer.id} cannot be credited: {to}")
    INCOMING_TRANSFER_LIFE.move(world, transfer, "CREDITED", str(to))
    _book(world, transfer, to)


@INCOMING_TRANSFER_LIFE.does("RECEIVED", "SETTLED")
def settle(world: World, transfer: IncomingTransfer) -> None:
    """The top-ups that it names are paid; raises ``IllegalMoveError`` where it pays none."""
    to = destination(world, transfer)
    if not isinstance(to, Payment):
        raise IllegalMoveError(f"bank transfer {transfer.id} pays no top-up: {to}")
    INCOMING_TRANSFER_LIFE.move(world, transfer, "SETTLED", str(to))
    _book(world, transfer, to)


@INCOMING_TRANSFER_LIFE.does("RECEIVED", "UNMATCHED")
def drop(world: World, transfer: IncomingTransfer) -> None:
    """Nothing is booked and no event emitted; the history says why."""
    to = destination(world, transfer)
    why = to.reason if isinstance(to, Nowhere) else "dropped by command"
    INCOMING_TRANSFER_LIFE.move(world, transfer, "UNMATCHED", _dropped(world, transfer) or why)


def arrive(world: World, transfer: IncomingTransfer) -> IncomingTransfer:
    """Let a new transfer arrive now, whatever its stage says; one that is late on demand is under way for a day."""
    if _fate(world, transfer) is Failure.LATE:
        return INCOMING_TRANSFER_LIFE.enter(world, transfer, "sent by command")
    why = _dropped(world, transfer)
    to = Nowhere(why) if why else destination(world, transfer)
    arrived: IncomingTransfer = transfer.evolve(status=STATES[type(to)])
    INCOMING_TRANSFER_LIFE.enter(world, arrived, f"sent by command: {to}")
    _book(world, arrived, to)
    return arrived


def _book(world: World, transfer: IncomingTransfer, to: Destination) -> None:
    """What a transfer that has arrived brings about."""
    if isinstance(to, Credit):
        confirm(world, _funding(world, transfer, to))
    if isinstance(to, Payment):
        for row in to.top_ups:
            top_ups.TOP_UP_LIFE.move(world, row, "SETTLED", f"bank transfer {transfer.id} pays it")


def _fate(world: World, transfer: IncomingTransfer) -> Failure | None:
    return failure(world, "incoming transfer", transfer.iban_end)


def _dropped(world: World, transfer: IncomingTransfer) -> str | None:
    """Why it is dropped on demand, if it is."""
    fate = _fate(world, transfer)
    return cause(transfer.iban_end, fate) if fate is Failure.DROPPED else None


def _funding(world: World, transfer: IncomingTransfer, to: Credit) -> CreditFunding:
    optional: dict[str, Any] = {}
    if to.account is not None:
        optional["virtual_bank_account_id"] = to.account.id
    if transfer.purpose_code is not None:
        optional["purpose_code"] = transfer.purpose_code
    return CreditFunding.model_validate(
        {
            "id": world.ids.new("credit_funding"),
            "created_at": world.now,
            "account_group_id": to.group.id,
            "cash_amount": f"{transfer.amount:.2f}",
            "currency": transfer.currency,
            "status": "CONFIRMED",
            "remittance_information": transfer.remittance_information,
            "counterparty": {
                "identification": {"name": transfer.counterparty_name},
                "account": {"identification": {"iban": transfer.counterparty_iban}},
            },
            **optional,
        }
    )
