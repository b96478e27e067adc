"""What clients may do with securities transfers: request one, list them (payments.md §11.1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Protocol

from mockserver.domain.accounts.accounts import Account, account, group
from mockserver.domain.accounts.holders import owned_by
from mockserver.domain.instruments.instruments import Instrument, find
from mockserver.domain.ledger import positions
from mockserver.domain.listing import by_time
from mockserver.domain.transfers.dates import Dates, dates
from mockserver.domain.transfers.refusals import ACCOUNT_STATUS, INSTRUMENT, NOT_OF_USER, QUANTITY, UNITS
from mockserver.domain.transfers.securities import SECURITIES_TRANSFERS, SecuritiesTransfer, request
from mockserver.domain.users.users import user
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import wire_number
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.instruments import InstrumentTradingStatus
from mockserver.models.transfers import (
    SecuritiesTransferStatus,
    SettlementAccount,
    SettlementCounterparties,
    SettlementParty,
    SettlementPartyIdentification,
    SettlementPartyIdentificationType,
    TransferCounterparty,
    TransferDirection,
)

if TYPE_CHECKING:
    from mockserver.models.messages.transfers import SecuritiesTransferCreateRequest

MOST_DIGITS: Final = 15

GERMAN_PLACE: Final = "DAKVDEFFXXX"
OTHER_PLACE: Final = "CEDELULLXXX"
"""Where German instruments settle, and all others (payments.md §11.1 [E, I])."""
AGENT: Final = "FAKEZZ55XXX"
AGENT_ACCOUNT: Final = "DAKV1234"
"""The settlement agent of transfers that name none (payments.md §11.1 [E])."""


class Requested(Protocol):
    """What the requests of both kinds of transfers have in common."""

    @property
    def direction(self) -> TransferDirection: ...
    @property
    def user_id(self) -> str: ...
    @property
    def account_id(self) -> str: ...
    @property
    def settlement_reference(self) -> str: ...
    @property
    def counterparty(self) -> TransferCounterparty: ...
    @property
    def trade_date(self) -> date | None: ...
    @property
    def settlement_date(self) -> date | None: ...
    @property
    def order_date(self) -> date | None: ...


@frozen
class Line:
    """Units of one instrument that may be transferred."""

    instrument: Instrument
    units: Decimal


@operation("create_securities_transfer")
def create_securities_transfer(world: World, call: Call[SecuritiesTransferCreateRequest]) -> SecuritiesTransfer:
    """NEW at once; the units of one out are no longer available."""
    body = call.body
    of, days = admit(world, body)
    line = check_line(world, of, body.direction, body.instrument_id, body.quantity, ("instrument_id", "quantity"))
    others: dict[str, Any] = {}
    if body.settlement_counterparties is not None:
        others["settlement_counterparties"] = body.settlement_counterparties
    if body.place_of_settlement is not None:
        others["place_of_settlement"] = body.place_of_settlement
    return request(world, made(world, body, of, days, line, **others))


def admit(world: World, body: Requested) -> tuple[Account, Dates]:
    """What all transfers need: user and account that belong together, the account's status, dates in order."""
    user(world, body.user_id)
    of = account(world, body.account_id)
    if not owned_by(of, body.user_id):
        raise NOT_OF_USER.refuse(user_id=body.user_id, account_id=of.id)
    _check_status(world, of, body.direction)
    today = world.calendar.day_of(world.now)
    days = dates(world.calendar, today, order=body.order_date, trade=body.trade_date, settlement=body.settlement_date)
    return of, days


def _check_status(world: World, of: Account, direction: TransferDirection) -> None:
    """The statuses of the account and of its group count alike, as for orders (trading.md §7.2 [D])."""
    comes = direction == TransferDirection.INCOMING
    fits = (AccountStatus.ACTIVE,) if comes else (AccountStatus.ACTIVE, AccountStatus.CLOSING)
    for what, row in (("Account", of), ("Account group", group(world, of.account_group_id))):
        if row.status not in fits:
            raise ACCOUNT_STATUS.refuse(
                what=what, id=row.id, status=row.status, direction="in" if comes else "out", needed=" or ".join(fits)
            )


def check_line(
    world: World, of: Account, direction: TransferDirection, isin: str, quantity: str, members: tuple[str, str]
) -> Line:
    """Whole units of an ACTIVE instrument; out, no more than is available. ``members``: of ISIN and quantity."""
    if not quantity.isdigit() or not 0 < int(quantity) < 10**MOST_DIGITS:
        raise QUANTITY.refuse(member=members[1], quantity=quantity)
    instrument = find(world, isin)
    if instrument is None:
        raise INSTRUMENT.refuse(member=members[0], isin=isin, state="does not exist")
    if instrument.trading_status != InstrumentTradingStatus.ACTIVE:
        raise INSTRUMENT.refuse(member=members[0], isin=isin, state=f"is {instrument.trading_status}")
    units = Decimal(int(quantity))
    if direction == TransferDirection.OUTGOING:
        available = positions.position(world, of.id, instrument).available
        if units > available:
            raise UNITS.refuse(
                member=members[1], id=of.id, isin=isin, available=wire_number(available), quantity=quantity
            )
    return Line(instrument, units)


def made(world: World, body: Requested, of: Account, days: Dates, line: Line, **others: Any) -> SecuritiesTransfer:
    """A transfer in NEW, not entered yet, with what the request leaves out (payments.md §11.1)."""
    isin = line.instrument.isin or ""
    filled: dict[str, Any] = {
        "settlement_counterparties": _counterparties(body.counterparty),
        "place_of_settlement": GERMAN_PLACE if isin.startswith("DE") else OTHER_PLACE,
        **others,
    }
    return SecuritiesTransfer(
        id=world.ids.new("securities_transfer"),
        created_at=world.now,
        updated_at=world.now,
        status=SecuritiesTransferStatus.NEW,
        direction=body.direction,
        transfer_type="NO_OWNER_CHANGE",
        instrument_id=isin,
        instrument_id_type="ISIN",
        quantity=wire_number(line.units),
        user_id=body.user_id,
        account_id=of.id,
        settlement_reference=body.settlement_reference,
        counterparty=body.counterparty,
        trade_date=days.trade,
        settlement_date=days.settlement,
        order_date=days.order,
        account_group_id=of.account_group_id,
        instrument_uuid=line.instrument.id,
        **filled,
    )


def _counterparties(of: TransferCounterparty) -> SettlementCounterparties:
    """The agent of the examples; the party is the counterparty itself, with its account if it has one."""
    number = of.account_number
    account = {} if number is None else {"account": SettlementAccount(type="SAFE", value=number)}
    return SettlementCounterparties(
        settlement_agent=SettlementParty(
            identification=_bic(AGENT), account=SettlementAccount(type="SAFE", value=AGENT_ACCOUNT)
        ),
        settlement_party=SettlementParty(identification=_bic(of.id), **account),
    )


def _bic(value: str) -> SettlementPartyIdentification:
    return SettlementPartyIdentification(type=SettlementPartyIdentificationType.BIC, value=value)


@operation("list_securities_transfers")
def list_securities_transfers(world: World, call: Call[None]) -> Listing:
    """Of one direction; a filter that is unknown finds nothing (payments.md §11.1 [A])."""
    query, listing = call.query, by_time(world.table(SECURITIES_TRANSFERS).sorted_by, call)
    wanted = {
        name: query[name]
        for name in ("direction", "user_id", "account_id", "account_group_id", "status")
        if query.get(name) is not None
    }
    rows = [row for row in listing.rows if all(getattr(row, name) == value for name, value in wanted.items())]
    return Listing(rows, listing.sort)
