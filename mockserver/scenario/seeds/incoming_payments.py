"""Money that came in before the scenario begins, and the virtual bank accounts that it is paid to."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from mockserver.domain import seeding
from mockserver.models.payments import PaymentIban, PaymentPurposeCode
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Named, PaymentAmount, Reference
from mockserver.scenario.references import To, ToAccountGroup

PaidIn = Literal["EUR", "GBP"]
TransferText = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z+?/\-:()\.,'; ]{0,140}$")]
"""The text of a transfer, or the name of its sender, in the characters that banks take."""


class VirtualBankAccount(Named):
    """An IBAN of an account group's own."""

    account_group_id: ToAccountGroup
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    iban: PaymentIban | None = None


class TopUp(Named):
    """Cash that the client guarantees; history, so that it books nothing: ``cash`` says what is there."""

    account_group_id: ToAccountGroup
    cash_amount: PaymentAmount
    currency: PaidIn | None = None
    status: Literal["CONFIRMED", "SETTLED", "CANCELLED"] = "CONFIRMED"
    settlement_reference: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z+?/\-()\.']{1,130}$")] | None = None


class CreditFunding(Named):
    """A transfer of a holder; history, so that it books nothing: ``cash`` says what is there."""

    account_group_id: ToAccountGroup
    cash_amount: PaymentAmount
    currency: PaidIn | None = None
    status: Literal["CONFIRMED", "CANCELLED"] = "CONFIRMED"
    counterparty_name: TransferText | None = None
    counterparty_iban: PaymentIban | None = None
    remittance_information: TransferText | None = None
    virtual_bank_account_id: Annotated[Reference, To("virtual_bank_accounts")] | None = None
    purpose_code: PaymentPurposeCode | None = None


VIRTUAL_BANK_ACCOUNTS = SeedFamily(
    name="virtual_bank_accounts",
    entry=VirtualBankAccount,
    put=seeding.virtual_bank_account,
    without="no name; an IBAN of Germany",
)

TOP_UPS = SeedFamily(
    name="topups",
    entry=TopUp,
    put=seeding.top_up,
    after=("isa_wrappers",),
    without="CONFIRMED, its id as reference, the group's currency; books nothing, `cash` does",
)

CREDIT_FUNDINGS = SeedFamily(
    name="credit_fundings",
    entry=CreditFunding,
    put=seeding.credit_funding,
    after=("isa_wrappers",),
    without="CONFIRMED, sent by the first holder, the group's currency; books nothing, `cash` does",
)
