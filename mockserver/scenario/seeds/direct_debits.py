"""Direct debits that were requested before the scenario begins."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, AccountGroup, group
from mockserver.domain.accounts.holders import business_of, first_holder, holder
from mockserver.domain.isa.subscriptions import stated
from mockserver.domain.payments.admission import Belonging, check_currency, check_members, two_decimals
from mockserver.domain.payments.direct_debit_returns import (
    DIRECT_DEBIT_RETURN_LIFE,
    DIRECT_DEBIT_RETURNS,
    return_of,
)
from mockserver.domain.payments.direct_debits import DIRECT_DEBIT_LIFE, DIRECT_DEBITS, OPEN, DirectDebit
from mockserver.domain.payments.mandates import MANDATES, Mandate
from mockserver.domain.payments.mandates import mandate as mandate_of
from mockserver.domain.seeding.people import go_on
from mockserver.kernel.money import floor_cents
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.payments import PaymentPurposeCode, PaymentRemittanceInformation
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import Generated, SeedFamily
from mockserver.scenario.fields import Closed, Named, PaymentAmount
from mockserver.scenario.generating.crowds import Crowd
from mockserver.scenario.generating.specs import MOST
from mockserver.scenario.references import ToAccountGroup, ToMandate, ToUser

Status = Literal["NEW", "PROCESSING", "CONFIRMED", "CANCELLED"]


class SeededDirectDebit(Named):
    """A collection; one that is final is history and books nothing: ``cash`` says what is there."""

    mandate_id: ToMandate
    account_group_id: ToAccountGroup | None = Field(
        None, description="without: the first account group of the mandate's user"
    )
    user_id: ToUser | None = Field(None, description="without: the first holder of the group")
    cash_amount: PaymentAmount
    currency: Literal["EUR", "GBP"] | None = Field(None, description="without: the main currency of the account group")
    status: Status = "NEW"
    cancellation_reason: Literal["CANCELLED_BY_BANK", "CANCELLED_BY_UPVEST", "CANCELLED_BY_CLIENT", "OTHER"] | None = (
        Field(None, description="of a CANCELLED one; without: CANCELLED_BY_BANK")
    )
    returned: bool = Field(
        False, description="a CONFIRMED one that the payer's bank takes back, after the delay of direct_debit.return"
    )
    remittance_information: PaymentRemittanceInformation | None = None
    purpose_code: PaymentPurposeCode | None = None


class GeneratedDirectDebits(Closed):
    """``{generate: 100}``: as many, by the mandates in turn, into the first account group of each mandate's user."""

    generate: int = Field(ge=1, le=MOST)
    mandate_id: ToMandate | None = Field(None, description="all by this one; without: by all of the world in turn")
    cash_amount: tuple[PaymentAmount, PaymentAmount] = Field(
        (Decimal(10), Decimal(500)), description="range of the amounts"
    )
    status: Status = "NEW"


def _check(_: object, path: Path, entry: Any) -> Found:
    """Members that go with one status only, and ranges."""
    if isinstance(entry, GeneratedDirectDebits):
        low, high = entry.cash_amount
        if low > high:
            yield (*path, "cash_amount"), f"is a range from less to more, not from {low} to {high}"
        return
    if entry.cancellation_reason is not None and entry.status != "CANCELLED":
        yield (*path, "cancellation_reason"), f"is for a direct debit that is CANCELLED, not {entry.status}"
    if entry.returned and entry.status != "CONFIRMED":
        yield (*path, "returned"), f"is for a direct debit that is CONFIRMED, not {entry.status}"


def direct_debit(
    world: World,
    *,
    mandate_id: str,
    cash_amount: Decimal,
    id: str | None = None,
    account_group_id: str | None = None,
    user_id: str | None = None,
    currency: str | None = None,
    status: str = "NEW",
    cancellation_reason: str | None = None,
    returned: bool = False,
    **texts: str | None,
) -> DirectDebit:
    """A direct debit; one that is NEW or PROCESSING goes on by itself, one that is returned too."""
    payer = mandate_of(world, mandate_id)
    of = group(world, account_group_id) if account_group_id is not None else _first_group(world, payer)
    given = None if user_id is None else holder(world, user_id, None)
    check_members(of, given, Belonging("mandate", payer.id, payer.holder_id))
    check_currency(of, currency or of.currency)
    if of.status == AccountStatus.CLOSED and (status in OPEN or returned):
        raise ValueError(f"account group {of.id} is CLOSED: its direct debits are final")
    if status == "CANCELLED":
        texts["cancellation_reason"] = cancellation_reason or "CANCELLED_BY_BANK"
    row = DirectDebit.model_validate(
        {
            "id": id or world.ids.new("direct_debit"),
            "created_at": world.now,
            **({} if business_of(of) else {"user_id": user_id or first_holder(of)}),
            "account_group_id": of.id,
            "mandate_id": payer.id,
            "cash_amount": two_decimals(cash_amount),
            "currency": currency or of.currency,
            "status": status,
            "iban_end": payer.iban_end,
            "holder_id": payer.holder_id,
            **{name: text for name, text in texts.items() if text is not None},
        }
    )
    world.table(DIRECT_DEBITS).put(row)
    if status == "CONFIRMED":
        stated(world, "SEPA_DIRECT_DEBIT", group_id=of.id, amount=cash_amount, currency=str(row.currency), id=row.id)
    go_on(world, DIRECT_DEBIT_LIFE, row)
    if returned:
        back = world.table(DIRECT_DEBIT_RETURNS).put(return_of(world, row))
        go_on(world, DIRECT_DEBIT_RETURN_LIFE, back)
    return row


def _first_group(world: World, payer: Mandate) -> AccountGroup:
    groups = world.table(ACCOUNT_GROUPS).by("holder", payer.holder_id)
    if not groups:
        raise ValueError(f"user {payer.holder_id} of the mandate has no account group")
    return groups[0]


def _generate(crowd: Crowd, entry: GeneratedDirectDebits) -> Iterator[None]:
    world = crowd.world
    mandates = [entry.mandate_id] if entry.mandate_id is not None else [each.id for each in world.table(MANDATES)]
    if not mandates:
        raise ValueError("there are no mandates to collect by: seed mandates, too")
    for number in range(entry.generate):
        amount = floor_cents(crowd.between("direct debit", entry.cash_amount))
        direct_debit(world, mandate_id=mandates[number % len(mandates)], cash_amount=amount, status=entry.status)
        yield


DIRECT_DEBITS_OF_GROUPS = SeedFamily(
    name="direct_debits",
    entry=SeededDirectDebit,
    put=direct_debit,
    check=_check,
    generated=Generated(GeneratedDirectDebits, _generate),
    after=("cash", "accounts", "isa_wrappers"),
    without="NEW, and goes on by itself; the first account group of the mandate's user, its main currency",
)
