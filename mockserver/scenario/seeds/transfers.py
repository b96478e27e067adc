"""Securities and account transfers that were requested before the scenario begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from mockserver.domain.accounts.accounts import Account, account
from mockserver.domain.accounts.holders import first_holder, owned_by
from mockserver.domain.instruments.instruments import find
from mockserver.domain.ledger import positions
from mockserver.domain.seeding.people import go_on
from mockserver.domain.transfers import progress
from mockserver.domain.transfers.bundles import ACCOUNT_TRANSFERS, shown_line, state_of
from mockserver.domain.transfers.dates import dates
from mockserver.domain.transfers.requests import Line, made
from mockserver.domain.transfers.securities import (
    DEFAULT_DELAY,
    SECURITIES_TRANSFER_LIFE,
    SECURITIES_TRANSFERS,
    SecuritiesTransfer,
    instrument_of,
    lock,
)
from mockserver.domain.users.users import user
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import wire_number
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.transfers import (
    AccountTransfer,
    AccountTransferStatus,
    SecuritiesTransferStatus,
    TransferCounterparty,
    TransferDelayReason,
    TransferDirection,
    TransferReference,
)
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Closed, Named, Number
from mockserver.scenario.references import ToAccount, ToInstrument, ToUser

Direction = Literal["INCOMING", "OUTGOING"]
Status = Literal["NEW", "PROCESSING", "SETTLED", "CANCELLED"]
WholeUnits = Annotated[Number, Field(ge=1, lt=10**15, decimal_places=0)]
"""Transfers know no fractions (payments.md §11.1 [D])."""
Delay = Literal[
    "COUNTERPARTY_NOT_INSTRUCTING",
    "COUNTERPARTY_NOT_RESPONDING",
    "COUNTERPARTY_DOES_NOT_AGREE_TO_DELIVERY_DETAILS",
    "COUNTERPARTY_NOT_ACCEPTING",
]

BROKER = "DUMBZZ33XXX"
"""The counterparty of entries that name none: that of the published examples."""


class SeededSecuritiesTransfer(Named):
    """A transfer; one that is final is history and books nothing: ``positions`` says what is there."""

    direction: Direction = "INCOMING"
    account_id: ToAccount
    user_id: ToUser | None = Field(None, description="without: the first holder of the account")
    instrument: ToInstrument
    quantity: WholeUnits
    status: Status = "NEW"
    settlement_reference: TransferReference = "transfer"
    counterparty: str = Field(BROKER, description="BIC of the other custodian")
    order_date: date | None = None
    trade_date: date | None = None
    settlement_date: date | None = None
    delay_reason: Delay | None = None


class SeededLine(Closed):
    """One instrument of an account transfer."""

    instrument: ToInstrument
    quantity: WholeUnits
    status: Status = "NEW"
    delay_reason: Delay | None = None


class SeededAccountTransfer(Named):
    """Several transfers that were requested together; the state follows from its lines."""

    direction: Direction = "INCOMING"
    account_id: ToAccount
    user_id: ToUser | None = Field(None, description="without: the first holder of the account")
    instruments: Annotated[tuple[SeededLine, ...], Field(min_length=1)]
    settlement_reference: TransferReference = "transfer"
    counterparty: str = Field(BROKER, description="BIC of the other custodian")
    order_date: date | None = None
    trade_date: date | None = None
    settlement_date: date | None = None


@frozen
class _Asked:
    """What both kinds have in common, as a request gives it."""

    direction: TransferDirection
    user_id: str
    account_id: str
    settlement_reference: str
    counterparty: TransferCounterparty
    trade_date: date | None
    settlement_date: date | None
    order_date: date | None


def _asked(
    world: World,
    of: Account,
    *,
    direction: str = "INCOMING",
    user_id: str | None = None,
    settlement_reference: str = "transfer",
    counterparty: str = BROKER,
    order_date: date | None = None,
    trade_date: date | None = None,
    settlement_date: date | None = None,
) -> _Asked:
    given = first_holder(of) if user_id is None else user(world, user_id).id
    if not owned_by(of, given):
        raise ValueError(f"user {given} does not hold account {of.id}")
    return _Asked(
        direction=TransferDirection(direction),
        user_id=given,
        account_id=of.id,
        settlement_reference=settlement_reference,
        counterparty=TransferCounterparty(type="BIC", id=counterparty),
        trade_date=trade_date,
        settlement_date=settlement_date,
        order_date=order_date,
    )


def securities_transfer(
    world: World,
    *,
    account_id: str,
    instrument: str,
    quantity: Decimal,
    id: str | None = None,
    status: str = "NEW",
    delay_reason: str | None = None,
    **members: Any,
) -> SecuritiesTransfer:
    """A transfer; one out that is under way has its units locked, as by request, and goes on by itself."""
    of = account(world, account_id)
    body = _asked(world, of, **members)
    row = _row(world, of, body, instrument, quantity, status, delay_reason)
    return _put(world, of, row if id is None else row.evolve(id=id))


def _row(
    world: World,
    of: Account,
    body: _Asked,
    instrument: str,
    quantity: Decimal,
    status: str,
    delay_reason: str | None = None,
) -> SecuritiesTransfer:
    found = find(world, instrument)
    if found is None:
        raise LookupError(f"there is no instrument {instrument}")
    today = world.calendar.day_of(world.now)
    days = dates(world.calendar, today, order=body.order_date, trade=body.trade_date, settlement=body.settlement_date)
    others: dict[str, Any] = {} if delay_reason is None else {"delay_reason": TransferDelayReason(delay_reason)}
    if status == "SETTLED":
        others |= {"quantity_settled": wire_number(quantity), "actual_settlement_date": days.settlement}
    return made(world, body, of, days, Line(found, quantity), **others).evolve(status=SecuritiesTransferStatus(status))


def _put(world: World, of: Account, row: SecuritiesTransfer) -> SecuritiesTransfer:
    if row.open and of.status == AccountStatus.CLOSED:
        raise ValueError(f"account {of.id} is CLOSED: its transfers are final")
    world.table(SECURITIES_TRANSFERS).put(row)
    if row.open:
        if not row.incoming:
            _lock(world, row)
        progress.await_expiry(world, row)
        go_on(world, SECURITIES_TRANSFER_LIFE, row)
    return world.table(SECURITIES_TRANSFERS)[row.id]


def _lock(world: World, row: SecuritiesTransfer) -> None:
    held = positions.position(world, row.account_id, instrument_of(world, row))
    if row.units > held.available:
        raise ValueError(
            f"{row.quantity} of {row.instrument_id} are on their way out, and {wire_number(held.available)} are "
            "available: give the account more in `positions`"
        )
    lock(world, row, row.units, silent=True)


def account_transfer(
    world: World, *, account_id: str, instruments: Sequence[dict[str, Any]], id: str | None = None, **members: Any
) -> AccountTransfer:
    """An account transfer and the securities transfers that are its lines."""
    of = account(world, account_id)
    body = _asked(world, of, **members)
    identity = id or world.ids.new("account_transfer")
    rows = []
    for each in instruments:
        delay = each.get("delay_reason")
        line = _row(world, of, body, each["instrument"], each["quantity"], each.get("status", "NEW"), delay)
        rows.append(line.evolve(account_transfer_id=identity))
    if len({row.instrument_id for row in rows}) < len(rows):
        raise ValueError("an instrument is there twice: one line an instrument would pass")
    shown = tuple(shown_line(row) for row in rows)
    late = next((row.delay_reason for row in rows if row.delay_reason is not None), None)
    given = {"order_date": body.order_date, "trade_date": body.trade_date, "settlement_date": body.settlement_date}
    bundle = AccountTransfer(
        id=identity,
        created_at=world.now,
        updated_at=world.now,
        status=AccountTransferStatus(state_of(shown)),
        direction=body.direction,
        transfer_type="NO_OWNER_CHANGE",
        user_id=body.user_id,
        account_id=of.id,
        settlement_reference=body.settlement_reference,
        counterparty=body.counterparty,
        instruments=shown,
        **{member: value for member, value in {**given, "delay_reason": late}.items() if value is not None},
    )
    world.table(ACCOUNT_TRANSFERS).put(bundle)
    for row in rows:
        _put(world, of, row)
    return bundle


def _check(_: object, path: Path, entry: Any) -> Found:
    """Only what was under way in the market is late."""
    if entry.delay_reason is not None and entry.status == "NEW":
        yield (*path, "delay_reason"), f"is for a transfer that was PROCESSING, such as {DEFAULT_DELAY}, not NEW"


def _check_lines(others: object, path: Path, entry: Any) -> Found:
    """The same of each line."""
    for number, line in enumerate(entry.instruments):
        yield from _check(others, (*path, "instruments", number), line)


SECURITIES_TRANSFERS_OF_ACCOUNTS = SeedFamily(
    name="securities_transfers",
    entry=SeededSecuritiesTransfer,
    put=securities_transfer,
    check=_check,
    after=("positions",),
    without="INCOMING; NEW, and goes on by itself; dates as by request",
)

ACCOUNT_TRANSFERS_OF_ACCOUNTS = SeedFamily(
    name="account_transfers",
    entry=SeededAccountTransfer,
    put=account_transfer,
    check=_check_lines,
    after=("positions",),
    without="INCOMING; lines NEW, which go on by themselves; dates as by request",
)
