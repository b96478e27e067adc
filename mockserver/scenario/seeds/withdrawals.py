"""Withdrawals that were requested before the scenario begins."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from mockserver.domain.accounts.accounts import group
from mockserver.domain.accounts.holders import business_of, first_holder, holder
from mockserver.domain.isa.subscriptions import stated
from mockserver.domain.ledger import cash
from mockserver.domain.payments.admission import Belonging, check_currency, check_members, two_decimals
from mockserver.domain.payments.reference_accounts import reference_account
from mockserver.domain.payments.withdrawal_requests import await_file
from mockserver.domain.payments.withdrawals import BY_CLIENT, OPEN, WITHDRAWAL_LIFE, WITHDRAWALS, Withdrawal
from mockserver.domain.seeding.people import go_on
from mockserver.kernel.money import wire_amount
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.payments import PaymentPurposeCode, PaymentRemittanceInformation
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Named, PaymentAmount
from mockserver.scenario.references import ToAccountGroup, ToReferenceAccount, ToUser


class SeededWithdrawal(Named):
    """Cash that is paid out; one that is final is history and books nothing: ``cash`` says what is there."""

    account_group_id: ToAccountGroup
    reference_account_id: ToReferenceAccount
    user_id: ToUser | None = Field(None, description="without: the first holder of the group")
    amount: PaymentAmount
    currency: Literal["EUR", "GBP"] | None = Field(None, description="without: the main currency of the account group")
    status: Literal["NEW", "PROCESSING", "CONFIRMED", "CANCELLED"] = "NEW"
    cancellation_reason: Literal["CANCELLED_BY_BANK", "CANCELLED_BY_UPVEST", "CANCELLED_BY_CLIENT", "OTHER"] | None = (
        Field(None, description="of a CANCELLED one; without: CANCELLED_BY_CLIENT")
    )
    remittance_information: PaymentRemittanceInformation | None = None
    purpose_code: PaymentPurposeCode | None = None


def _check(_: object, path: Path, entry: Any) -> Found:
    """Only what is CANCELLED has a reason."""
    if entry.cancellation_reason is not None and entry.status != "CANCELLED":
        yield (*path, "cancellation_reason"), f"is for a withdrawal that is CANCELLED, not {entry.status}"


def withdrawal(
    world: World,
    *,
    account_group_id: str,
    reference_account_id: str,
    amount: Decimal,
    id: str | None = None,
    user_id: str | None = None,
    currency: str | None = None,
    status: str = "NEW",
    cancellation_reason: str | None = None,
    remittance_information: str | None = None,
    **texts: str | None,
) -> Withdrawal:
    """A withdrawal; one that is NEW or PROCESSING has its amount reserved, as by request, and goes on by itself."""
    of, to = group(world, account_group_id), reference_account(world, reference_account_id)
    given = None if user_id is None else holder(world, user_id, None)
    check_members(of, given, Belonging("reference account", to.id, to.holder_id))
    unit = currency or of.currency
    check_currency(of, unit)
    if of.status == AccountStatus.CLOSED and status in OPEN:
        raise ValueError(f"account group {of.id} is CLOSED: its withdrawals are final")
    if status == "CANCELLED":
        texts["cancellation_reason"] = cancellation_reason or BY_CLIENT
    row = Withdrawal.model_validate(
        {
            "id": id or world.ids.new("withdrawal"),
            "created_at": world.now,
            "updated_at": world.now,
            "reference_account_id": to.id,
            "account_group_id": of.id,
            **({} if business_of(of) else {"user_id": user_id or first_holder(of)}),
            "amount": two_decimals(amount),
            "currency": unit,
            "remittance_information": remittance_information or "",
            "status": status,
            "iban": to.iban,
            "funded": _funded(world, of.id, unit, amount, status),
            **{name: text for name, text in texts.items() if text is not None},
        }
    )
    world.table(WITHDRAWALS).put(row)
    if status == "CONFIRMED":
        stated(world, "WITHDRAWAL", group_id=of.id, amount=amount.copy_negate(), currency=unit, id=row.id)
    if row.funded and status in OPEN:
        cash.book(world, of.id, unit, reserved=amount, silent=True)
    go_on(world, WITHDRAWAL_LIFE, row)
    if status == "NEW":
        await_file(world, row)
    return row


def _funded(world: World, group_id: str, currency: str, amount: Decimal, status: str) -> bool:
    """Whether its amount is reserved, or was; ``ValueError`` where no request could have come so far without it."""
    if status not in OPEN:
        return status == "CONFIRMED"
    available = cash.cash(world, group_id, currency).for_withdrawal
    if amount <= available:
        return True
    if status == "NEW" and world.profile.payments.withdrawal_funding != "refuse":
        return False
    raise ValueError(
        f"a withdrawal of {two_decimals(amount)} {currency} is {status} only with its cash, and "
        f"{wire_amount(available)} {currency} is available for withdrawal: give the account group more in `cash`"
    )


WITHDRAWALS_OF_GROUPS = SeedFamily(
    name="withdrawals",
    entry=SeededWithdrawal,
    put=withdrawal,
    check=_check,
    after=("cash", "isa_wrappers"),
    without="NEW, and goes on by itself; the group's first holder and main currency",
)
