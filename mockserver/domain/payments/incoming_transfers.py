"""Incoming bank transfers, as the sandbox's test payments pretend them (payments.md §6.4, trading.md §16).

A transfer arrives a moment after the answer; where it goes is decided then, in
:mod:`mockserver.domain.payments.routing`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from mockserver.domain.payments.ibans import iban_end
from mockserver.domain.payments.refusals import TESTS_IN_LIVE, TRANSFER_OF_NOTHING
from mockserver.domain.payments.virtual_bank_accounts import virtual_bank_account
from mockserver.kernel.frozen import frozen
from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.money import decimal
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.record import Record
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.tests import TestBankTransactionResponse

if TYPE_CHECKING:
    from mockserver.models.messages.tests import TestBankTransactionRequest


@frozen(slots=False)
class IncomingTransfer(Record):
    """Money on its way to an account at Upvest."""

    id: str
    status: str
    bank_reference: str
    iban: str
    """Where it goes: a pooling account, or a virtual bank account."""
    amount: Decimal
    currency: str
    counterparty_name: str
    counterparty_iban: str
    client_reference: str
    remittance_information: str = ""
    purpose_code: str | None = None
    virtual_bank_account_id: str | None = None

    @property
    def iban_end(self) -> str:
        """Of the sender; decides how it fails on demand, and is what profiles match (payments.md §16.3)."""
        return iban_end(self.counterparty_iban)


INCOMING_TRANSFERS: Final[Kind[IncomingTransfer]] = Kind("bank_transfers")

INCOMING_TRANSFER_LIFE: Final = LifeCycle(
    INCOMING_TRANSFERS,
    [
        Row(None, "RECEIVED", None, "pretended by the client", "trading.md §16 [N]"),
        Row(None, "CREDITED", None, "sent by command, for an account group", "payments.md §6.2, the mock's own"),
        Row(None, "SETTLED", None, "sent by command, for top-ups", "payments.md §6.2, the mock's own"),
        Row(None, "UNMATCHED", None, "sent by command, dropped on demand", "payments.md §16.3, the mock's own"),
        Row("RECEIVED", "CREDITED", None, "it is for an account group, and the sender fits", "payments.md §6.2 [D]"),
        Row("RECEIVED", "SETTLED", None, "it pays top-ups", "payments.md §5 [G]"),
        Row("RECEIVED", "UNMATCHED", None, "it is for nobody: dropped without an event", "payments.md §6.2, inferred"),
    ],
    stamped=False,
)


def sandbox_only(world: World) -> None:
    """The tests endpoints do not exist in the live environment (trading.md §16, inferred)."""
    if not world.profile.behaviour.tests_endpoints:
        raise TESTS_IN_LIVE.refuse()


@operation("create_bank_transaction", gate=sandbox_only)
def create_bank_transaction(world: World, call: Call[TestBankTransactionRequest]) -> TestBankTransactionResponse:
    """Answered at once; everything else comes as webhooks (payments.md §6.4 [G])."""
    body = call.body
    to = body.virtual_bank_account_id
    if to is not None:
        virtual_bank_account(world, to)
    amount = decimal(body.amount)
    if not amount:
        raise TRANSFER_OF_NOTHING.refuse()
    transfer = IncomingTransfer(
        id=world.ids.new("bank_transfer"),
        status="RECEIVED",
        bank_reference=world.ids.new("bank_reference"),
        iban=body.account.iban,
        amount=amount,
        currency=body.currency,
        counterparty_name=body.counterparty_name,
        counterparty_iban=body.counterparty_account.iban,
        client_reference=body.client_reference,
        remittance_information=body.remittance_information or "",
        purpose_code=body.purpose_code,
        virtual_bank_account_id=to,
    )
    INCOMING_TRANSFER_LIFE.enter(world, transfer, "pretended by the client")
    return TestBankTransactionResponse(id=transfer.id, bank_reference=transfer.bank_reference)
