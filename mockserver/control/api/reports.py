"""``…/reports``: making a report of an account, a user or a business."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from mockserver.control.commands import SHOWN, CommandRequest, RequestBody, command
from mockserver.control.refusals import BAD_REPORT
from mockserver.control.resources import object_of
from mockserver.control.views import happened_view, state_view
from mockserver.domain.accounts.holders import holder
from mockserver.domain.reports.commanded import COMMANDED, report_account, report_holder
from mockserver.domain.reports.periods import Period
from mockserver.domain.reports.records import ReportRecord
from mockserver.hosting.command_log import Recorded
from mockserver.hosting.outcome import mark
from mockserver.kernel.world import World
from mockserver.models.reports import ReportType

OF_ACCOUNT = ("account_id",)
OF_HOLDER = ("user_id", "business_id")


class ReportToMake(RequestBody):
    """A report, whatever the profile says: what it shows follows from its type."""

    type: Literal[
        "QUARTERLY_ACCOUNT_STATEMENT",
        "AD_HOC_ACCOUNT_STATEMENT",
        "LOSS_THRESHOLD",
        "EX_POST_COST",
        "ANNUAL_TAX_STATEMENT",
        "ANNUAL_INCOME_STATEMENT",
        "FRENCH_IFU",
        "TAX_CONSOLIDATED_CERTIFICATE_UK",
        "MONTHLY_BILLING_STATEMENT",
        "INCOME_DISTRIBUTION",
        "GENERIC_COMMUNICATION",
    ]
    account_id: str | None = Field(None, description="of the first three types")
    user_id: str | None = Field(None, description="of the others, or business_id")
    business_id: str | None = None
    start_date: date | None = Field(None, description="UTC; without: the usual period of the type")
    end_date: date | None = Field(None, description="UTC, inclusive")
    text: Annotated[str, StringConstraints(max_length=4_000)] = Field("", description="what the document says besides")


def made_again(request: CommandRequest, _: Any) -> Recorded:
    """The step that makes the same report."""
    return Recorded(({"report": request.data},))


@command("POST", "/_mock/worlds/{world}/reports", takes=ReportToMake, query=SHOWN, records=made_again)
def make_report(request: CommandRequest) -> Any:
    """Make a report now: a statement of any period, or a type that nothing else makes. One for each holder."""
    asked, world = request.read(ReportToMake), request.world
    start = mark(world)
    made = _made(world, asked)
    return {
        "object": state_view(made[0]),
        **happened_view(start.happened(world), request.value("limit", 1000)),
    }


def _made(world: World, asked: ReportToMake) -> list[ReportRecord]:
    type_ = ReportType(asked.type)
    wanted, other = (OF_ACCOUNT, OF_HOLDER) if COMMANDED[type_].of_account else (OF_HOLDER, OF_ACCOUNT)
    given = [name for name in wanted if getattr(asked, name) is not None]
    if len(given) != 1 or any(getattr(asked, name) is not None for name in other):
        named = ", ".join(name for name in (*OF_ACCOUNT, *OF_HOLDER) if getattr(asked, name) is not None) or "none"
        raise BAD_REPORT.refuse(problem=f"(root): {type_} takes one of {', '.join(wanted)}, got {named}")
    period, identity = _period(world, asked), getattr(asked, given[0])
    if given == ["account_id"]:
        return report_account(world, type_, object_of(world, "accounts", identity), period, asked.text)
    of = object_of(world, "users" if given == ["user_id"] else "businesses", identity)
    return report_holder(world, type_, _holder(world, given[0], of.id), period, asked.text)


def _holder(world: World, member: str, identity: str) -> Any:
    return holder(world, *((identity, None) if member == "user_id" else (None, identity)))


def _period(world: World, asked: ReportToMake) -> Period | None:
    """The days that the command names; a refusal where they make no period that has begun."""
    first, last = asked.start_date, asked.end_date
    if first is None and last is None:
        return None
    today = world.now.date()
    if COMMANDED[ReportType(asked.type)].period is None:
        raise BAD_REPORT.refuse(problem=f"(root).start_date: a report of the type {asked.type} has no period")
    if first is None or last is None:
        raise BAD_REPORT.refuse(problem="(root): start_date and end_date belong together, and one of them is missing")
    if not first <= last or first > today:
        raise BAD_REPORT.refuse(
            problem=f"(root).start_date: expected a day up to end_date {last} and up to today {today}, got {first}"
        )
    return Period(first, last)
