"""Money that came in before the scenario begins: top-ups, credit fundings, and virtual bank accounts to pay it to.

A payment that is through is history and books nothing, as all seeded payments are: ``cash`` says what is there.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, AccountGroup
from mockserver.domain.isa.subscriptions import stated
from mockserver.domain.payments import ibans
from mockserver.domain.payments.admission import check_currency, two_decimals
from mockserver.domain.payments.credit_fundings import CREDIT_FUNDING_LIFE, CREDIT_FUNDINGS, CreditFunding
from mockserver.domain.payments.sender_names import holder_names
from mockserver.domain.payments.top_ups import TOP_UP_LIFE, TOP_UPS, TopUp
from mockserver.domain.payments.virtual_bank_accounts import (
    COUNTRY,
    VIRTUAL_BANK_ACCOUNTS,
    VirtualBankAccount,
    drafted,
)
from mockserver.domain.seeding.people import go_on
from mockserver.kernel.world import World
from mockserver.models.common import PortfolioCurrency
from mockserver.models.payments import TopupStatus


def top_up(
    world: World,
    *,
    account_group_id: str,
    cash_amount: Decimal,
    id: str | None = None,
    currency: str | None = None,
    status: str = "CONFIRMED",
    settlement_reference: str | None = None,
) -> TopUp:
    """A top-up in any state."""
    of = _group(world, account_group_id)
    unit = _paid_in(of, currency)
    identity = id or world.ids.new("topup")
    reference = settlement_reference or identity
    if world.table(TOP_UPS).count("reference", reference.lower()):
        raise ValueError(f"another top-up has the settlement_reference {reference}")
    row = TopUp(
        id=identity,
        created_at=world.now,
        account_group_id=of.id,
        cash_amount=two_decimals(cash_amount),
        currency=PortfolioCurrency(unit),
        settlement_reference=reference,
        status=TopupStatus(status),
    )
    world.table(TOP_UPS).put(row)
    if status != "CANCELLED":
        stated(world, "TOPUP", group_id=of.id, amount=cash_amount, currency=unit, id=row.id)
    go_on(world, TOP_UP_LIFE, row)
    return row


def credit_funding(
    world: World,
    *,
    account_group_id: str,
    cash_amount: Decimal,
    id: str | None = None,
    currency: str | None = None,
    status: str = "CONFIRMED",
    counterparty_name: str | None = None,
    counterparty_iban: str | None = None,
    remittance_information: str | None = None,
    virtual_bank_account_id: str | None = None,
    purpose_code: str | None = None,
) -> CreditFunding:
    """A transfer of a holder that was credited.

    Left out, the sender is the first holder with an IBAN that is made up, and the text names the account group.
    """
    of = _group(world, account_group_id)
    optional: dict[str, Any] = {} if purpose_code is None else {"purpose_code": purpose_code}
    text = f"CF{of.securities_account_number}"
    if virtual_bank_account_id is not None:
        account = world.table(VIRTUAL_BANK_ACCOUNTS).get(virtual_bank_account_id)
        if account is None or account.account_group_id != of.id:
            raise ValueError(f"{virtual_bank_account_id} is no virtual bank account of account group {of.id}")
        optional["virtual_bank_account_id"], text = account.id, ""
    unit = _paid_in(of, currency)
    row = CreditFunding.model_validate(
        {
            "id": id or world.ids.new("credit_funding"),
            "created_at": world.now,
            "account_group_id": of.id,
            "cash_amount": two_decimals(cash_amount),
            "currency": unit,
            "status": status,
            "remittance_information": text if remittance_information is None else remittance_information,
            "counterparty": {
                "identification": {"name": counterparty_name or holder_names(world, of)[0]},
                "account": {
                    "identification": {"iban": counterparty_iban or ibans.new(world.ids, "counterparty", COUNTRY)}
                },
            },
            **optional,
        }
    )
    world.table(CREDIT_FUNDINGS).put(row)
    if status != "CANCELLED":
        stated(world, "CREDIT_FUNDING", group_id=of.id, amount=cash_amount, currency=unit, id=row.id)
    go_on(world, CREDIT_FUNDING_LIFE, row)
    return row


def virtual_bank_account(
    world: World, *, account_group_id: str, id: str | None = None, name: str | None = None, iban: str | None = None
) -> VirtualBankAccount:
    """A virtual bank account of a group in any state; its IBAN is made up unless one is given."""
    table = world.table(VIRTUAL_BANK_ACCOUNTS)
    if iban is not None and table.count("iban", iban):
        raise ValueError(f"another virtual bank account has the IBAN {iban}")
    return table.put(drafted(world, _group(world, account_group_id), identity=id, name=name, iban=iban))


def _group(world: World, group_id: str) -> AccountGroup:
    found = world.table(ACCOUNT_GROUPS).get(group_id)
    if found is None:
        raise LookupError(f"there is no account group {group_id}")
    return found


def _paid_in(of: AccountGroup, currency: str | None) -> str:
    """The currency of a payment: the group's main one if none is given."""
    unit = currency or (of.currency if of.currency in PortfolioCurrency.__members__ else "EUR")
    check_currency(of, unit)
    return unit
