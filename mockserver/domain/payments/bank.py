"""The bank on command: a transfer that arrives now, as its receiver needs it (payments.md §6.2, the mock's own).

Only what differs from the usual has to be said: a holder sends it, in the currency of the receiver, with the text that
names the receiver. It takes the road of every transfer, so what the rules would drop cannot be sent.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from mockserver.domain.accounts.accounts import AccountGroup, group
from mockserver.domain.payments.arrivals import arrive
from mockserver.domain.payments.incoming_transfers import IncomingTransfer
from mockserver.domain.payments.outcomes import Failure, failure
from mockserver.domain.payments.routing import Nowhere, destination
from mockserver.domain.payments.sender_names import holder_names
from mockserver.domain.payments.top_ups import TopUp
from mockserver.domain.payments.virtual_bank_accounts import VirtualBankAccount
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import decimal
from mockserver.kernel.world import World

SENDER_IBAN: Final = "DE89370400440532013000"
"""Of who sends a transfer unless another is given."""

Receiver = AccountGroup | VirtualBankAccount | TopUp


class NowhereError(ValueError):
    """A transfer that the rules would drop."""


@frozen(kw_only=True)
class Sending:
    """What is said of a transfer; ``None``: as the receiver needs it."""

    amount: Decimal | None = None
    """``None`` only for a top-up: all of it."""
    currency: str | None = None
    counterparty_name: str | None = None
    counterparty_iban: str | None = None
    remittance_information: str | None = None


def send(world: World, to: Receiver, said: Sending) -> IncomingTransfer:
    """Let a transfer arrive now; :class:`NowhereError` where the rules would drop it.

    What the end of its sender's IBAN does to it happens all the same (payments.md §16.3).
    """
    of = to if isinstance(to, AccountGroup) else group(world, to.account_group_id)
    amount = decimal(to.cash_amount) if said.amount is None and isinstance(to, TopUp) else said.amount
    if amount is None:
        raise ValueError("a transfer needs an amount")
    text = said.remittance_information
    transfer = IncomingTransfer(
        id=world.ids.new("bank_transfer"),
        status="RECEIVED",
        bank_reference=world.ids.new("bank_reference"),
        iban=to.iban if isinstance(to, VirtualBankAccount) else world.profile.payments.pooling_ibans.transfers,
        amount=amount,
        currency=said.currency or (to.currency if isinstance(to, TopUp) else of.currency),
        counterparty_name=said.counterparty_name or holder_names(world, of)[0],
        counterparty_iban=said.counterparty_iban or SENDER_IBAN,
        client_reference="",
        remittance_information=_text(to) if text is None else text,
        virtual_bank_account_id=to.id if isinstance(to, VirtualBankAccount) else None,
    )
    goes = destination(world, transfer)
    on_demand = failure(world, "incoming transfer", transfer.iban_end) is Failure.DROPPED
    if isinstance(goes, Nowhere) and not on_demand:
        raise NowhereError(goes.reason)
    return arrive(world, transfer)


def _text(to: Receiver) -> str:
    """The text that brings a transfer to its receiver."""
    if isinstance(to, TopUp):
        return f"topup {to.settlement_reference}"
    return f"CF{to.securities_account_number}" if isinstance(to, AccountGroup) else ""
