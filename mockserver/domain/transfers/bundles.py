"""Account transfers: several securities transfers that were requested together (payments.md §11.2).

Each line is a securities transfer with its own states and events; the state of the account transfer is a function of
theirs, in forced moves too.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN
from typing import TYPE_CHECKING, Any, Final

from mockserver.domain.accounts.accounts import Account
from mockserver.domain.instruments.instruments import INSTRUMENTS
from mockserver.domain.ledger import positions
from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.transfers.refusals import INSTRUMENT_TWICE, NOTHING_TO_MOVE
from mockserver.domain.transfers.requests import Line, admit, check_line, made
from mockserver.domain.transfers.securities import (
    SECURITIES_TRANSFER_LIFE,
    SECURITIES_TRANSFERS,
    SecuritiesTransfer,
    request,
)
from mockserver.kernel.lifecycle import Awaited, IllegalMoveError, LifeCycle, Row
from mockserver.kernel.money import wire_number
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.transfers import (
    AccountTransfer,
    AccountTransferInstrument,
    AccountTransferInstrumentStatus,
    AccountTransferStatus,
)

if TYPE_CHECKING:
    from mockserver.models.messages.transfers import AccountTransferCreateRequest

ACCOUNT_TRANSFERS: Final[Kind[AccountTransfer]] = Kind("account_transfers")

_STATE: Final = "payments.md §11.2, inferred"

ACCOUNT_TRANSFER_LIFE: Final = LifeCycle(
    ACCOUNT_TRANSFERS,
    [
        Row(None, "NEW", "ACCOUNT_TRANSFER.NEW", "requested by the client", "payments.md §11.2 [D]"),
        Row("NEW", "PROCESSING", "ACCOUNT_TRANSFER.PROCESSING", "the first of its lines is PROCESSING", _STATE),
        Row("NEW", "CANCELLED", "ACCOUNT_TRANSFER.CANCELLED", "all its lines are CANCELLED", _STATE),
        Row("PROCESSING", "SETTLED", "ACCOUNT_TRANSFER.SETTLED", "all its lines are SETTLED", _STATE),
        Row("PROCESSING", "CANCELLED", "ACCOUNT_TRANSFER.CANCELLED", "all its lines are CANCELLED", _STATE),
        Row(
            "PROCESSING",
            "PARTIALLY_SETTLED",
            "ACCOUNT_TRANSFER.PARTIALLY_SETTLED",
            "its lines are final, some SETTLED and some CANCELLED",
            "payments.md §11.2 [A], that all are final inferred",
        ),
    ],
)


@operation("create_account_transfer")
def create_account_transfer(world: World, call: Call[AccountTransferCreateRequest]) -> AccountTransfer:
    """NEW, then its lines in the order given; every line is checked before any is made (§11.2, inferred)."""
    body = call.body
    of, days = admit(world, body)
    lines = _lines(world, of, body)
    bundle_id = world.ids.new("account_transfer")
    transfers = [made(world, body, of, days, line, account_transfer_id=bundle_id) for line in lines]
    given = {"order_date": body.order_date, "trade_date": body.trade_date, "settlement_date": body.settlement_date}
    bundle = AccountTransfer(
        id=bundle_id,
        created_at=world.now,
        updated_at=world.now,
        status=AccountTransferStatus.NEW,
        direction=body.direction,
        transfer_type="NO_OWNER_CHANGE",
        user_id=body.user_id,
        account_id=of.id,
        settlement_reference=body.settlement_reference,
        counterparty=body.counterparty,
        instruments=tuple(shown_line(transfer) for transfer in transfers),
        **{member: day for member, day in given.items() if day is not None},
    )
    ACCOUNT_TRANSFER_LIFE.enter(world, bundle, "requested by the client")
    for transfer in transfers:
        request(world, transfer)
    return bundle


def _lines(world: World, of: Account, body: AccountTransferCreateRequest) -> list[Line]:
    """The lines of the request; a transfer out without any takes the whole units of every position [D]."""
    asked = [(each.id, each.quantity) for each in body.instruments] or _whole_units(world, of)
    if not asked:
        raise NOTHING_TO_MOVE.refuse(id=of.id)
    seen: set[str] = set()
    lines = []
    for index, (isin, quantity) in enumerate(asked):
        if isin in seen:
            raise INSTRUMENT_TWICE.refuse(isin=isin)
        seen.add(isin)
        place = f"instruments[{index}]"
        lines.append(check_line(world, of, body.direction, isin, quantity, (f"{place}.id", f"{place}.quantity")))
    return lines


def _whole_units(world: World, of: Account) -> list[tuple[str, str]]:
    """What is available of each position, without its fraction, which stays in the account (payments.md §11.2 [D])."""
    held = (
        (world.table(INSTRUMENTS)[row.instrument_id].isin or "", row.available.to_integral_value(ROUND_DOWN))
        for row in positions.of_account(world, of.id)
    )
    return [(isin, wire_number(units)) for isin, units in held if units > 0]


def shown_line(of: SecuritiesTransfer) -> AccountTransferInstrument:
    """A securities transfer as the account transfer shows it."""
    settled = {} if of.quantity_settled is None else {"quantity_settled": of.quantity_settled}
    return AccountTransferInstrument(
        id=of.instrument_id,
        id_type="ISIN",
        quantity=of.quantity,
        status=AccountTransferInstrumentStatus(of.status.value),
        transfer_id=of.id,
        **settled,
    )


@operation("retrieve_account_transfer")
def retrieve_account_transfer(world: World, call: Call[None]) -> AccountTransfer:
    identity = call.path["account_transfer_id"]
    found = world.table(ACCOUNT_TRANSFERS).get(identity)
    if found is None:
        raise UNKNOWN.refuse(what="account transfer", id=identity)
    return found


# --- Its state ---


def state_of(lines: Sequence[AccountTransferInstrument]) -> str:
    """The state of an account transfer with these lines (payments.md §11.2)."""
    states = {str(line.status) for line in lines}
    if len(states) == 1:
        return states.pop()
    return "PARTIALLY_SETTLED" if states == {"SETTLED", "CANCELLED"} else _under_way(states)


def _under_way(states: set[str]) -> str:
    return "NEW" if states <= {"NEW", "CANCELLED"} else "PROCESSING"


def line_moved(world: World, of: SecuritiesTransfer, moved: Moved) -> None:
    """Show a line as it is, and move the account transfer where its lines say so."""
    bundle = world.table(ACCOUNT_TRANSFERS).get(of.account_transfer_id or "")
    if bundle is None or moved.source is None:
        return
    lines = tuple(shown_line(of) if line.transfer_id == of.id else line for line in bundle.instruments)
    changes: dict[str, Any] = {"instruments": lines}
    late = _first_delay(world, lines)
    if late is not None:
        changes["delay_reason"] = late
    state = state_of(lines)
    if state == "NEW":
        state = str(bundle.status)  # never back: the line that had begun was cancelled
    if state == bundle.status:
        world.table(ACCOUNT_TRANSFERS).put(bundle.evolve(updated_at=world.now, **changes))
    else:
        row = ACCOUNT_TRANSFER_LIFE.row(bundle, state)
        ACCOUNT_TRANSFER_LIFE.move(world, bundle, state, row.when, **changes)


def _first_delay(world: World, lines: Sequence[AccountTransferInstrument]) -> Any:
    """Why the first late line is late (payments.md §11.2, inferred)."""
    reasons = (world.table(SECURITIES_TRANSFERS)[line.transfer_id].delay_reason for line in lines)
    return next((reason for reason in reasons if reason is not None), None)


@ACCOUNT_TRANSFER_LIFE.explains("NEW", "PROCESSING")
def awaited(world: World, of: AccountTransfer) -> Awaited | None:
    """The first line that is not final."""
    return next(
        (
            Awaited(
                f"its securities transfer {line.transfer_id} is {line.status}",
                f"securities_transfers/{line.transfer_id}",
            )
            for line in of.instruments
            if line.status in ("NEW", "PROCESSING")
        ),
        None,
    )


# --- By command: its lines are moved, and it follows (payments.md §18) ---


def _open(world: World, of: AccountTransfer) -> list[SecuritiesTransfer]:
    lines = (world.table(SECURITIES_TRANSFERS)[line.transfer_id] for line in of.instruments)
    return [line for line in lines if line.open]


def _carry(world: World, line: SecuritiesTransfer, to: str) -> None:
    """Bring a line to a state, through PROCESSING where that comes first."""
    if to == "SETTLED" and line.status == "NEW":
        SECURITIES_TRANSFER_LIFE.carry(world, line, "PROCESSING")
        line = world.table(SECURITIES_TRANSFERS)[line.id]
    SECURITIES_TRANSFER_LIFE.carry(world, line, to)


def _refuse(world: World, of: AccountTransfer, to: str, status: str) -> None:
    """Raise where a line has ended otherwise already."""
    for line in of.instruments:
        if line.status == status:
            raise IllegalMoveError(
                f"account transfer {of.id} cannot become {to}: its securities transfer {line.transfer_id} is {status}"
            )


@ACCOUNT_TRANSFER_LIFE.does("NEW", "PROCESSING")
def process(world: World, of: AccountTransfer) -> None:
    """Every line that is NEW is instructed."""
    for line in _open(world, of):
        _carry(world, line, "PROCESSING")


@ACCOUNT_TRANSFER_LIFE.does("PROCESSING", "SETTLED")
def settle(world: World, of: AccountTransfer) -> None:
    """Every open line settles; none may be CANCELLED."""
    _refuse(world, of, "SETTLED", "CANCELLED")
    for line in _open(world, of):
        _carry(world, line, "SETTLED")


@ACCOUNT_TRANSFER_LIFE.does("NEW", "CANCELLED")
@ACCOUNT_TRANSFER_LIFE.does("PROCESSING", "CANCELLED")
def cancel(world: World, of: AccountTransfer) -> None:
    """Every open line is cancelled; none may be SETTLED."""
    _refuse(world, of, "CANCELLED", "SETTLED")
    for line in _open(world, of):
        _carry(world, line, "CANCELLED")


@ACCOUNT_TRANSFER_LIFE.does("PROCESSING", "PARTIALLY_SETTLED")
def settle_in_part(world: World, of: AccountTransfer) -> None:
    """The last open line is cancelled and those before it settle; with one that ended already, the open ones differ."""
    lines = _open(world, of)
    ended = {str(line.status) for line in of.instruments} - {"NEW", "PROCESSING"}
    if not ended and len(lines) < 2:
        raise IllegalMoveError(f"account transfer {of.id} has one line: it is SETTLED or CANCELLED as a whole")
    for line in lines[:-1]:
        _carry(world, line, "CANCELLED" if ended == {"SETTLED"} else "SETTLED")
    _carry(world, lines[-1], "SETTLED" if ended == {"CANCELLED"} else "CANCELLED")
