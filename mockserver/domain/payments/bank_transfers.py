"""Incoming bank transfers, as the tests endpoint pretends them (trading.md §16, payments.md §6).

A transfer arrives a moment after the answer; whom it is for is looked up then. It becomes a credit funding of the
account group that it names, or, where it names none, nothing: the reason stands in its history (control API).
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, AccountGroup
from mockserver.domain.payments.credit_fundings import CreditFunding, confirm
from mockserver.domain.payments.refusals import TESTS_IN_LIVE, TRANSFER_OF_NOTHING
from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.users.users import USERS
from mockserver.kernel.frozen import frozen
from mockserver.kernel.lifecycle import IllegalMoveError, LifeCycle, Row
from mockserver.kernel.money import decimal
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.record import Record
from mockserver.kernel.stages import Stage
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.common import PortfolioCurrency
from mockserver.models.tests import TestBankTransactionResponse

if TYPE_CHECKING:
    from mockserver.models.messages.tests import TestBankTransactionRequest

POOLING_IBAN: Final = "NL70ABNA0106295004"
"""Upvest's account for transfers that name their account group in the text (trading.md §16 [D])."""
FOR_GROUP: Final = re.compile(r"CF([0-9]{7,12})")
"""The text that names an account group by its securities account number (trading.md §16 [D]; 7 to 12 digits [N])."""
FOR_TOPUP: Final = re.compile(r"topup (\S+)", re.IGNORECASE)
"""The text with which a client pays a top-up (payments.md §5 [G])."""


@frozen(slots=False)
class BankTransfer(Record):
    """Money on its way to one of Upvest's accounts."""

    id: str
    status: str
    bank_reference: str
    iban: str
    amount: Decimal
    currency: str
    counterparty_name: str
    counterparty_iban: str
    client_reference: str
    remittance_information: str = ""
    purpose_code: str | None = None


BANK_TRANSFERS: Kind[BankTransfer] = Kind("bank_transfers")

BANK_TRANSFER_LIFE: Final = LifeCycle(
    BANK_TRANSFERS,
    [
        Row(None, "RECEIVED", None, "pretended by the client", "trading.md §16 [N]"),
        Row("RECEIVED", "CREDITED", None, "it names an account group, and the sender fits", "trading.md §16 [D]"),
        Row("RECEIVED", "UNMATCHED", None, "nobody it could be for: dropped in silence", "payments.md §6, inferred"),
    ],
    stamped=False,
)


@operation("create_bank_transaction")
def create_bank_transaction(world: World, call: Call[TestBankTransactionRequest]) -> TestBankTransactionResponse:
    """Answered at once; everything else comes as webhooks (payments.md §6 [G]). No virtual bank account exists yet."""
    body = call.body
    if not world.profile.behaviour.tests_endpoints:
        raise TESTS_IN_LIVE.refuse()
    if not decimal(body.amount):
        raise TRANSFER_OF_NOTHING.refuse()
    if body.virtual_bank_account_id is not None:
        raise UNKNOWN.refuse(what="virtual bank account", id=body.virtual_bank_account_id)
    transfer = BankTransfer(
        id=world.ids.new("bank_transfer"),
        status="RECEIVED",
        bank_reference=world.ids.new("bank_reference"),
        iban=body.account.iban,
        amount=decimal(body.amount),
        currency=body.currency,
        counterparty_name=body.counterparty_name,
        counterparty_iban=body.counterparty_account.iban,
        client_reference=body.client_reference,
        remittance_information=body.remittance_information or "",
        purpose_code=body.purpose_code,
    )
    BANK_TRANSFER_LIFE.enter(world, transfer, "pretended by the client")
    return TestBankTransactionResponse(id=transfer.id, bank_reference=transfer.bank_reference)


def _outcome(world: World, transfer: BankTransfer) -> str | None:
    return "UNMATCHED" if isinstance(addressee(world, transfer), str) else None


Stage("bank_transfer.arrive", BANK_TRANSFER_LIFE, "RECEIVED", "CREDITED", outcome=_outcome)


@BANK_TRANSFER_LIFE.does("RECEIVED", "CREDITED")
def credit(world: World, transfer: BankTransfer) -> None:
    """The account group it names gets the money; raises ``IllegalMoveError`` where it names none."""
    found = addressee(world, transfer)
    if isinstance(found, str):
        raise IllegalMoveError(f"bank transfer {transfer.id} cannot be credited: {found}")
    BANK_TRANSFER_LIFE.move(world, transfer, "CREDITED", f"it is for account group {found.id}")
    optional = {} if transfer.purpose_code is None else {"purpose_code": transfer.purpose_code}
    funding = CreditFunding.model_validate(
        {
            "id": world.ids.new("credit_funding"),
            "created_at": world.now,
            "account_group_id": found.id,
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
    confirm(world, funding)


@BANK_TRANSFER_LIFE.does("RECEIVED", "UNMATCHED")
def drop(world: World, transfer: BankTransfer) -> None:
    found = addressee(world, transfer)
    why = found if isinstance(found, str) else "dropped by command"
    BANK_TRANSFER_LIFE.move(world, transfer, "UNMATCHED", why)


def addressee(world: World, transfer: BankTransfer) -> AccountGroup | str:
    """The account group that the transfer is for, or why it is for none (trading.md §16; each answer inferred).

    That a reference account is registered is not asked for: these do not exist yet.
    """
    if transfer.iban != POOLING_IBAN:
        return f"{transfer.iban} is not Upvest's account for transfers, which is {POOLING_IBAN}"
    if transfer.currency not in PortfolioCurrency.__members__:
        return f"credit fundings come in {', '.join(PortfolioCurrency)}, not in {transfer.currency}"
    text = transfer.remittance_information.strip()
    if topup := FOR_TOPUP.fullmatch(text):
        return f"there is no open top-up {topup[1]}"
    named = FOR_GROUP.fullmatch(text)
    if named is None:
        return f"its text {text!r} is not CF and a securities account number"
    groups = world.table(ACCOUNT_GROUPS).by("number", named[1])
    if not groups:
        return f"no account group has the securities account number {named[1]}"
    group = groups[0]
    if group.status != AccountStatus.ACTIVE:
        return f"account group {group.id} is {group.status}"
    names = {spelling for each in _names(world, group) for spelling in _spellings(each)}
    if not names & _spellings(transfer.counterparty_name):
        return f"{transfer.counterparty_name!r} is not the name of who owns account group {group.id}"
    return group


def _names(world: World, group: AccountGroup) -> list[str]:
    """What the members of a group are called."""
    found = (world.table(USERS).get(member.id) for member in group.users)
    return [f"{each.first_name} {each.last_name}" for each in found if each is not None]


_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_LETTERS: Final = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})


def _spellings(name: str) -> set[str]:
    """A name as banks may write it, in ASCII: Müller as Muller or Mueller; case and blanks do not count."""
    low = " ".join(unicodedata.normalize("NFC", name).casefold().split()).translate(_LETTERS)
    return {_bare(low), _bare(low.translate(_UMLAUTS))}


def _bare(text: str) -> str:
    """``text`` without accents."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
