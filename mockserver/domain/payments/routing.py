"""Where an incoming transfer goes: the first row of payments.md §6.2 that fits, or nowhere, and why."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, AccountGroup, group
from mockserver.domain.accounts.holders import holder_ids
from mockserver.domain.isa import subscriptions
from mockserver.domain.payments.admission import Direction, check_currency, check_group
from mockserver.domain.payments.incoming_transfers import IncomingTransfer
from mockserver.domain.payments.reference_accounts import REFERENCE_ACCOUNTS
from mockserver.domain.payments.sender_names import holder_names, same_name
from mockserver.domain.payments.top_ups import TOP_UPS, TopUp
from mockserver.domain.payments.virtual_bank_accounts import (
    VIRTUAL_BANK_ACCOUNTS,
    VirtualBankAccount,
    virtual_bank_account,
)
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import decimal, minus
from mockserver.kernel.rules import Refusal
from mockserver.kernel.world import World
from mockserver.models.common import PortfolioCurrency
from mockserver.models.payments import TopupStatus

FOR_GROUP: Final = re.compile(r"(?<![0-9A-Z])CF *([0-9]{7,12})(?![0-9A-Z])", re.IGNORECASE)
"""Names an account group by its securities account number (trading.md §16 [D]; 7 to 12 digits [N])."""
FOR_TOP_UPS: Final = re.compile(r"(?<![0-9A-Z])topup(?![0-9A-Z])(.*)", re.IGNORECASE | re.DOTALL)
"""Names top-ups: every reference after the word counts (payments.md §5, inferred)."""
BETWEEN: Final = re.compile(r"[\s,;:]+")
"""What separates references."""


@frozen
class Credit:
    """It is a credit funding of an account group, perhaps by one of its virtual bank accounts."""

    group: AccountGroup
    account: VirtualBankAccount | None = None

    def __str__(self) -> str:
        return f"it is for account group {self.group.id}"


@frozen
class Payment:
    """It pays top-ups, as far as it covers whole ones."""

    top_ups: tuple[TopUp, ...]
    left: Decimal
    """What is left of the amount, and booked nowhere."""
    currency: str

    def __str__(self) -> str:
        paid = ", ".join(f"{row.id} ({row.cash_amount})" for row in self.top_ups)
        return f"it pays {paid}" + (f"; {self.left:.2f} {self.currency} is left over" if self.left else "")


@frozen
class Nowhere:
    """It is dropped, for a reason."""

    reason: str

    def __str__(self) -> str:
        return self.reason


Destination = Credit | Payment | Nowhere


def destination(world: World, transfer: IncomingTransfer) -> Destination:
    """Where the transfer goes if it arrives now."""
    account = _virtual_account(world, transfer)
    if account is not None:
        return _credit(world, transfer, group(world, account.account_group_id), account)
    pooling = world.profile.payments.pooling_ibans
    known = (pooling.transfers, pooling.virtual_accounts)
    if transfer.iban not in known:
        return Nowhere(
            f"{transfer.iban} is neither a virtual bank account nor one of Upvest's own, {' and '.join(known)}"
        )
    return _by_text(world, transfer)


def _virtual_account(world: World, transfer: IncomingTransfer) -> VirtualBankAccount | None:
    if transfer.virtual_bank_account_id is not None:
        return virtual_bank_account(world, transfer.virtual_bank_account_id)
    return next(iter(world.table(VIRTUAL_BANK_ACCOUNTS).by("iban", transfer.iban)), None)


def _by_text(world: World, transfer: IncomingTransfer) -> Destination:
    """To one of Upvest's own accounts: the text names top-ups, or an account group."""
    text = transfer.remittance_information
    paid: Destination = Nowhere(
        f"its text {text!r} has neither CF and a securities account number nor topup and a reference"
    )
    if (named := FOR_TOP_UPS.search(text)) is not None:
        paid = _payment(world, transfer, named[1])
    if isinstance(paid, Payment):
        return paid
    numbers: list[str] = FOR_GROUP.findall(text)
    for number in numbers:
        found = world.table(ACCOUNT_GROUPS).by("number", number)
        if found:
            return _credit(world, transfer, found[0], None)
    return Nowhere(f"no account group has the securities account number {numbers[0]}") if numbers else paid


# --- Top-ups ---


def _payment(world: World, transfer: IncomingTransfer, text: str) -> Payment | Nowhere:
    """The oldest first, whole ones only; who sends it does not matter (payments.md §5, inferred)."""
    references = dict.fromkeys(word.lower() for word in BETWEEN.split(text) if word)
    named = [row for reference in references for row in world.table(TOP_UPS).by("reference", reference)]
    left, paid, reasons = transfer.amount, [], []
    for row in sorted(named, key=lambda row: row.created_at):
        if why := _unpayable(world, transfer, row, left):
            reasons.append(why)
        else:
            paid.append(row)
            left = minus(left, decimal(row.cash_amount))
    if paid:
        return Payment(tuple(paid), left, transfer.currency)
    unknown = f"there is no top-up with the reference {' or '.join(references) or 'that its text lacks'}"
    return Nowhere("; ".join(reasons) or unknown)


def _unpayable(world: World, transfer: IncomingTransfer, row: TopUp, left: Decimal) -> str | None:
    if row.status != TopupStatus.CONFIRMED:
        return f"top-up {row.id} is {row.status}"
    if row.currency != transfer.currency:
        return f"top-up {row.id} is in {row.currency}, not in {transfer.currency}"
    if decimal(row.cash_amount) > left:
        return f"{left:.2f} {transfer.currency} does not cover top-up {row.id} of {row.cash_amount}"
    return _unregistered(world, group(world, row.account_group_id))


# --- Credit fundings ---


def _credit(
    world: World, transfer: IncomingTransfer, of: AccountGroup, account: VirtualBankAccount | None
) -> Credit | Nowhere:
    """Where nothing speaks against it: feature, state, currency, sender (payments.md §6.2)."""
    why = _unacceptable(world, transfer, of) or _unregistered(world, of)
    return Nowhere(why) if why else Credit(of, account)


def _unacceptable(world: World, transfer: IncomingTransfer, of: AccountGroup) -> str | None:
    if not world.profile.payments.credit_funding:
        return "credit fundings are switched off (profile setting payments.credit_funding)"
    if transfer.currency not in PortfolioCurrency.__members__:
        return f"credit fundings come in {', '.join(PortfolioCurrency)}, not in {transfer.currency}"
    try:
        check_group(world, of, Direction.IN, transfer.currency)
        check_currency(of, transfer.currency)
    except Refusal as refusal:
        return refusal.detail.removeprefix("(root).currency: ")
    names = holder_names(world, of)
    if not any(same_name(name, transfer.counterparty_name) for name in names):
        known = " or ".join(repr(name) for name in names)
        return f"{transfer.counterparty_name!r} is not the name of a holder of account group {of.id}: {known}"
    return subscriptions.barred(world, of, transfer.amount)


def _unregistered(world: World, of: AccountGroup) -> str | None:
    """Why it lacks the documented prerequisite, where the profile asks for it (payments.md §6.2)."""
    if not world.profile.payments.credit_needs_reference_account:
        return None
    accounts = world.table(REFERENCE_ACCOUNTS)
    if any(accounts.count("holder", each) for each in holder_ids(of)):
        return None
    return (
        f"no holder of account group {of.id} has a reference account "
        "(profile setting payments.credit_needs_reference_account)"
    )
