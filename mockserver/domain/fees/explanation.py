"""Why a fee configuration has cost what it has, and when that is collected: for ``state`` and ``upcoming``."""

from __future__ import annotations

from typing import Final

from mockserver.domain.accounts.accounts import ACCOUNTS, currency_of
from mockserver.domain.fees import accrual, schedule
from mockserver.domain.fees.accrual import ACCRUALS, Accrual
from mockserver.domain.fees.configurations import FEE_CONFIGURATIONS, FeeConfiguration
from mockserver.kernel.events import stamp
from mockserver.kernel.lifecycle import Explained, explains
from mockserver.kernel.money import wire_number
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus

_ACTIONS: Final = frozenset({schedule.RUN, schedule.COLLECT})
_SETTINGS: Final = ("fees", "runs.valuations")


@explains(FEE_CONFIGURATIONS.name)
def of_configuration(world: World, row: FeeConfiguration) -> Explained:
    """The model, what is unpaid, and the next collection."""
    model_id = row.fee_model_id
    known = model_id in world.profile.fees.models
    model = f"fee model {model_id}" if known else f"fee model {model_id}, which fees.models lacks, costs nothing"
    return Explained(f"{model}; {_owed(world, accrual.accrual(world, row.account_id))}", _ACTIONS, _SETTINGS)


@explains(ACCRUALS.name)
def of_accrual(world: World, row: Accrual) -> Explained:
    """What is unpaid, and the next collection."""
    return Explained(_owed(world, row), _ACTIONS, _SETTINGS)


def _owed(world: World, row: Accrual) -> str:
    of = world.table(ACCOUNTS)[row.account_id]
    if of.status == AccountStatus.CLOSED:
        return f"account {of.id} is CLOSED: nothing accrues, and unpaid days are dropped"
    currency = currency_of(world, of)
    unpaid = f"{wire_number(row.unpaid)} {currency} are unpaid"
    if row.stretches:
        unpaid += f" for {row.stretches[0].start} to {row.stretches[-1].end}"
    else:
        unpaid += ": no day since the last collection is valued yet"
    waiting = "".join(
        f"; {wire_number(bill.amount)} {currency} are in fee collection {bill.collection_id}" for bill in row.billed
    )
    return f"{unpaid}{waiting}; {_collected_when(world)}"


def _collected_when(world: World) -> str:
    due = schedule.next_run(world)
    if due is None:
        return "collected by command only (fees.schedule: never): run fees"
    return f"if more than 0.01 is unpaid, it is collected after the valuations at {stamp(due)}"
