"""Creating a savings plan: what is checked at once (payments.md §9.1)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from mockserver.domain.accounts.accounts import Account, account, currency_of, group
from mockserver.domain.accounts.holders import Holder, holder, owned_by
from mockserver.domain.portfolios.configurations import CONFIGURATIONS
from mockserver.domain.savings_plans.executions import enter_next
from mockserver.domain.savings_plans.plans import PLAN_LIFE, SavingsPlan, named
from mockserver.domain.savings_plans.refusals import (
    PLAN_ACCOUNT_STATUS,
    PLAN_AMOUNT,
    PLAN_CURRENCY,
    PLAN_INSTRUMENT,
    PLAN_INSTRUMENT_INACTIVE,
    PLAN_MEMBER,
    PLAN_NOT_CONFIGURED,
    PLAN_PORTFOLIO_ACCOUNT,
    PLAN_START,
    PLAN_USER_STATUS,
)
from mockserver.domain.transaction_fees.models import check_named
from mockserver.kernel.money import LARGEST_AMOUNT, cents, decimal
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.quoting import shortened
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus, AccountType
from mockserver.models.instruments import InstrumentTradingStatus
from mockserver.models.savings_plans import SavingsPlanType
from mockserver.models.users import UserStatus

if TYPE_CHECKING:
    from mockserver.models.messages.savings_plans import (
        SavingsPlanInstrumentCreateRequest,
        SavingsPlanPortfolioCreateRequest,
    )

    Body = SavingsPlanInstrumentCreateRequest | SavingsPlanPortfolioCreateRequest


@operation("create_savings_plan")
def create_savings_plan(world: World, call: Call[Body]) -> SavingsPlan:
    """ACTIVE at once, with the execution for its first date."""
    body = call.body
    of, owner = account(world, body.account_id), holder(world, body.user_id, body.business_id)
    if not owned_by(of, owner.id):
        raise PLAN_MEMBER.refuse(what=owner.what, owner_id=owner.id, id=of.id)
    check_active(world, of, owner)
    isin = check_target(world, of, body)
    check_amount(body.cash_amount)
    today = world.calendar.day_of(world.now)
    if body.start_date < today:
        raise PLAN_START.refuse(date=body.start_date, today=today)
    if body.type == "INSTRUMENT":
        check_named(world, [each.transaction_fee_model_id for each in body.fee_configuration or ()], body.currency)
    row = SavingsPlan.model_validate(
        {
            "id": world.ids.new("savings_plan"),
            "created_at": world.now,
            "updated_at": world.now,
            **{name: getattr(body, name) for name in type(body).model_fields if getattr(body, name) is not None},
            "status": "ACTIVE",
            "isin": isin,
        }
    )
    row = PLAN_LIFE.enter(world, row, "created by the client")
    enter_next(world, row)
    return row


def check_active(world: World, of: Account, owner: Holder) -> None:
    """The account, its group and its holder are ACTIVE (payments.md §9.1 [D] for the account)."""
    for what, row in (("account", of), ("account group", group(world, of.account_group_id))):
        if row.status != AccountStatus.ACTIVE:
            raise PLAN_ACCOUNT_STATUS.refuse(what=what, id=row.id, status=row.status)
    if owner.status != UserStatus.ACTIVE:
        raise PLAN_USER_STATUS.refuse(what=owner.what, id=owner.id, status=owner.status)


def check_target(world: World, of: Account, it: Any) -> str:
    """The ISIN of the instrument that a plan buys; empty for a portfolio. Their type and currency fit the account.

    ``it`` has the members of the request: a body, or the entry of a scenario.
    """
    held = currency_of(world, of)
    if it.currency != held:
        raise PLAN_CURRENCY.refuse(what=f"account {of.id}", held=held, currency=it.currency)
    if it.type == SavingsPlanType.PORTFOLIO:
        if world.table(CONFIGURATIONS).get(of.id) is None:
            raise PLAN_NOT_CONFIGURED.refuse(id=of.id)
        return ""
    if of.type == AccountType.PORTFOLIO:
        raise PLAN_PORTFOLIO_ACCOUNT.refuse(id=of.id)
    instrument = named(world, it.instrument_id, it.instrument_id_type)
    if instrument is None or instrument.isin is None:
        raise PLAN_INSTRUMENT.refuse(type=it.instrument_id_type, instrument=it.instrument_id)
    if instrument.trading_status != InstrumentTradingStatus.ACTIVE:
        raise PLAN_INSTRUMENT_INACTIVE.refuse(instrument=it.instrument_id)
    if it.currency != instrument.currency:
        raise PLAN_CURRENCY.refuse(
            what=f"instrument {it.instrument_id}", held=instrument.currency, currency=it.currency
        )
    return str(instrument.isin)


def check_amount(text: str) -> Decimal:
    """The amount: above 0, in whole cents, and no more than an order can have (payments.md §9.1, inferred)."""
    amount = decimal(text or "0")
    if not 0 < amount <= LARGEST_AMOUNT or cents(amount) != amount:
        raise PLAN_AMOUNT.refuse(amount=shortened(text, 80) or "nothing")
    return amount
