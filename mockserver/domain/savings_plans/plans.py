"""Savings plans: their life cycle, and how they are read (payments.md §9.1, §9.4).

A plan cannot be changed: it is deleted and created again. Its dates are in ``schedule``, what it buys on one of them is
an execution (``executions``, ``placement``, ``tracking``), and what else ends a plan is in ``ending``.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Final

from pydantic import Field

from mockserver.domain.instruments.instruments import INSTRUMENTS, Instrument
from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.savings_plans.schedule import Series
from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import savings_plans as wire
from mockserver.models.savings_plans import SavingsPlanInstrumentIdType, SavingsPlanStatus


class SavingsPlan(wire.SavingsPlan):
    """A plan with the ISIN of what it buys (hidden), which it may name by WKN."""

    isin: str = Field("", exclude=True)

    @property
    def active(self) -> bool:
        return self.status == SavingsPlanStatus.ACTIVE

    @property
    def holder_id(self) -> str:
        """The id of the user or business."""
        return self.user_id or self.business_id or ""

    @property
    def series(self) -> Series:
        """The dates that it names."""
        return Series(self.start_date, self.period, self.interval)


PLANS: Final[Kind[SavingsPlan]] = Kind(
    "savings_plans", indexes={"account": attrgetter("account_id"), "holder": attrgetter("holder_id")}
)

PLAN_LIFE: Final = LifeCycle(
    PLANS,
    [
        Row(None, "ACTIVE", "SAVINGS_PLAN.CREATED", "created by the client", "payments.md §9.1 [E]"),
        Row("ACTIVE", "CANCELLED", "SAVINGS_PLAN.CANCELLED", "by the client, or by Upvest", "payments.md §9.4 [A]"),
    ],
    afterwards={"CANCELLED": "an execution of it that is PROCESSING or FILLED still goes on"},
)


def plan(world: World, plan_id: str) -> SavingsPlan:
    """The savings plan, or a refusal (404)."""
    found = world.table(PLANS).get(plan_id)
    if found is None:
        raise UNKNOWN.refuse(what="savings plan", id=plan_id)
    return found


def named(world: World, identity: str, type_: str) -> Instrument | None:
    """The instrument with the ISIN or WKN ``identity``, if there is one."""
    if type_ == SavingsPlanInstrumentIdType.ISIN:
        found = world.table(INSTRUMENTS).by("isin", identity)
        return found[0] if found else None
    return next((row for row in world.table(INSTRUMENTS) if row.wkn == identity), None)


@operation("retrieve_savings_plan")
def retrieve_savings_plan(world: World, call: Call[None]) -> SavingsPlan:
    return plan(world, call.path["savings_plan_id"])


@operation("list_savings_plans")
def list_savings_plans(world: World, call: Call[None]) -> Listing:
    """Plans of every state; ``instrument_id`` finds those of an instrument by ISIN or WKN, whichever they name."""
    table, query = world.table(PLANS), call.query
    account_id, user_id, identity = query.get("account_id"), query.get("user_id"), query.get("instrument_id")
    if account_id is not None:
        rows = table.sorted_under("account", account_id, "id")
    elif user_id is not None:
        rows = table.sorted_under("holder", user_id, "id")
    else:
        rows = table.sorted_by("id")
    if account_id is not None and user_id is not None:
        rows = [row for row in rows if row.user_id == user_id]
    if identity is not None:
        instrument = named(world, identity, "ISIN" if len(identity) == 12 else "WKN")
        rows = [row for row in rows if instrument is not None and row.isin == instrument.isin]
    return Listing(rows, "id")
