"""Savings plans that were created before the scenario begins, and what they have bought so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, Final, Literal

from pydantic import Field

from mockserver.domain.accounts.accounts import account, currency_of
from mockserver.domain.accounts.holders import business_of, first_holder, holder, owned_by
from mockserver.domain.instruments.instruments import find
from mockserver.domain.savings_plans.creation import check_target
from mockserver.domain.savings_plans.executions import (
    PLAN_EXECUTIONS,
    PlanExecution,
    made,
    next_of,
    scheduled,
)
from mockserver.domain.savings_plans.plans import PLANS, SavingsPlan
from mockserver.domain.savings_plans.schedule import Due
from mockserver.domain.transaction_fees.models import check_named
from mockserver.kernel.money import wire_number
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.savings_plans import SavingsPlanCancellationReason, SavingsPlanExecutionStatus
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Closed, Named, PaymentAmount, Text
from mockserver.scenario.references import ToAccount, ToInstrument, ToTransactionFeeModel, ToUser

BY_CLIENT: Final = "CANCELLED_BY_CLIENT"
BY_UPVEST: Final = "CANCELLED_BY_UPVEST"


class PlanFee(Closed):
    """A fee model that the purchases are charged by."""

    type: Literal["TRANSACTION_FEE_BUY"] = "TRANSACTION_FEE_BUY"
    transaction_fee_model_id: ToTransactionFeeModel


class PastExecution(Closed):
    """A purchase on an earlier date: history, whose order is not there. `positions` and `cash` say what came of it."""

    execution_date: date
    status: Literal["SETTLED", "CANCELLED"] = "SETTLED"
    cancellation_reason: Literal["CANCELLED_BY_CLIENT", "CANCELLED_BY_UPVEST"] | None = Field(
        None, description="of a CANCELLED one; without: CANCELLED_BY_UPVEST"
    )
    cancellation_details: Text | None = None


class SeededSavingsPlan(Named):
    """A plan; the execution for its next date is there, as if the plan had been created in time."""

    account_id: ToAccount
    user_id: ToUser | None = Field(None, description="without: the first user of the account, or its business")
    name: Text | None = None
    type: Literal["INSTRUMENT", "PORTFOLIO"] = "INSTRUMENT"
    instrument_id: ToInstrument | None = Field(None, description="of an INSTRUMENT plan: an ISIN, or a name")
    instrument_id_type: Literal["ISIN", "WKN"] = Field("ISIN", description="by which of the two the plan shows it")
    cash_amount: PaymentAmount
    currency: Literal["EUR", "GBP"] | None = Field(None, description="without: the main currency of the account group")
    start_date: date
    period: Literal["WEEK", "MONTH", "YEAR"] = "MONTH"
    interval: int = Field(1, ge=1, le=1000)
    fee_configuration: tuple[PlanFee, ...] = ()
    status: Literal["ACTIVE", "CANCELLED"] = "ACTIVE"
    cancellation_reason: Literal["CANCELLED_BY_CLIENT", "CANCELLED_BY_UPVEST"] | None = Field(
        None, description="of a CANCELLED one; without: CANCELLED_BY_CLIENT"
    )
    executions: tuple[PastExecution, ...] = Field((), description="those before the next date, oldest first")


def _check(_: object, path: Path, entry: Any) -> Found:
    """Members that the type or the status of the plan does not have, and dates out of order."""
    of_instrument = entry.type == "INSTRUMENT"
    if of_instrument != (entry.instrument_id is not None):
        yield (*path, "instrument_id"), f"is for a plan of type INSTRUMENT, which needs one; this is {entry.type}"
    if entry.fee_configuration and not of_instrument:
        yield (*path, "fee_configuration"), "is for a plan of type INSTRUMENT"
    for place, each in ((path, entry), *((((*path, "executions", n), e)) for n, e in enumerate(entry.executions))):
        if each.cancellation_reason is not None and each.status != "CANCELLED":
            yield (*place, "cancellation_reason"), f"is for one that is CANCELLED, not {each.status}"
    dates = [entry.start_date, *(each.execution_date for each in entry.executions)]
    for index, (before, after) in enumerate(pairwise(dates)):
        if after < before or (index and after == before):
            yield (*path, "executions", index, "execution_date"), f"has to be later than {before}, not {after}"


def savings_plan(
    world: World,
    *,
    account_id: str,
    cash_amount: Decimal,
    start_date: date,
    type: str = "INSTRUMENT",
    instrument_id: str | None = None,
    instrument_id_type: str = "ISIN",
    user_id: str | None = None,
    currency: str | None = None,
    fee_configuration: Iterable[Mapping[str, Any]] = (),
    executions: Iterable[Mapping[str, Any]] = (),
    status: str = "ACTIVE",
    cancellation_reason: str | None = None,
    id: str | None = None,
    name: str | None = None,
    period: str = "MONTH",
    interval: int = 1,
) -> SavingsPlan:
    """A plan with what it bought so far and, while it is ACTIVE, the execution for its next date."""
    of = account(world, account_id)
    business_id = None if user_id else business_of(of)
    owner = holder(world, user_id or (None if business_id else first_holder(of)), business_id)
    if not owned_by(of, owner.id):
        raise ValueError(f"{owner.what} {owner.id} is no member of account {of.id}")
    if status == "ACTIVE" and of.status in (AccountStatus.CLOSING, AccountStatus.CLOSED):
        raise ValueError(f"account {of.id} is {of.status}: its savings plans are CANCELLED")
    unit = currency or currency_of(world, of)
    shown = _shown(world, instrument_id, instrument_id_type) if type == "INSTRUMENT" else {}
    isin = check_target(world, of, SimpleNamespace(type=type, currency=unit, **shown))
    fees = tuple({"type": "TRANSACTION_FEE_BUY", **each} for each in fee_configuration)
    check_named(world, [each["transaction_fee_model_id"] for each in fees], unit)
    row = SavingsPlan.model_validate(
        {
            "id": id or world.ids.new("savings_plan"),
            "created_at": world.now,
            "updated_at": world.now,
            **owner.member,
            "account_id": of.id,
            **({} if name is None else {"name": name}),
            "type": type,
            **shown,
            "cash_amount": wire_number(cash_amount),
            "currency": unit,
            "start_date": start_date,
            "period": period,
            "interval": interval,
            "status": status,
            **({"fee_configuration": fees} if fees else {}),
            **({"cancellation_reason": cancellation_reason or BY_CLIENT} if status == "CANCELLED" else {}),
            "isin": isin,
        }
    )
    world.table(PLANS).put(row)
    last = None
    for each in executions:
        last = world.table(PLAN_EXECUTIONS).put(_past(world, row, **each))
    new = next_of(world, row, last) if row.active else None
    if new is not None:
        world.table(PLAN_EXECUTIONS).put(scheduled(world, new))
    return row


def _shown(world: World, reference: str | None, type_: str) -> dict[str, str]:
    """How a plan shows its instrument."""
    found = None if reference is None else find(world, reference)
    if found is None:
        raise ValueError(f"instrument {reference} does not exist")
    if type_ == "WKN" and found.wkn is None:
        raise ValueError(f"instrument {found.isin} has no WKN by which a plan could show it")
    return {"instrument_id": str(found.wkn if type_ == "WKN" else found.isin), "instrument_id_type": type_}


def _past(
    world: World,
    of: SavingsPlan,
    *,
    execution_date: date,
    status: str = "SETTLED",
    cancellation_reason: str | None = None,
    cancellation_details: str | None = None,
) -> PlanExecution:
    today = world.calendar.day_of(world.now)
    if execution_date > today:
        raise ValueError(f"an execution on {execution_date} is not history yet; today is {today}")
    row = made(world, of, Due(execution_date, execution_date))
    if status == "SETTLED":
        return row.evolve(status=SavingsPlanExecutionStatus.SETTLED, order_id=world.ids.new("order"))
    details = {} if cancellation_details is None else {"cancellation_details": cancellation_details}
    why = SavingsPlanCancellationReason(cancellation_reason or BY_UPVEST)
    return row.evolve(status=SavingsPlanExecutionStatus.CANCELLED, cancellation_reason=why, **details)


SAVINGS_PLANS = SeedFamily(
    name="savings_plans",
    entry=SeededSavingsPlan,
    put=savings_plan,
    check=_check,
    after=("cash", "configurations"),
    without="INSTRUMENT, monthly, ACTIVE; the account's first user, the group's main currency. `fee_configuration` is "
    "`[{transaction_fee_model_id}]`; `executions` are history: `{execution_date, status, cancellation_reason, "
    "cancellation_details}`, SETTLED without a status",
)
