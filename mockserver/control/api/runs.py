"""``…/runs``: making now what else runs by the time of day."""

from __future__ import annotations

from typing import Any, Literal

from mockserver.control.commands import SHOWN, CommandRequest, RequestBody, command
from mockserver.control.views import happened_view
from mockserver.domain.daily_runs import RUNS
from mockserver.hosting.command_log import Recorded
from mockserver.hosting.outcome import mark


class Run(RequestBody):
    run: Literal[
        "intraday",
        "valuations",
        "returns",
        "strategies",
        "blocks",
        "fees",
        "treasury",
        "statements",
        "allowances",
        "tax_exemptions",
        "tax_prepayments",
    ]


def run_again(request: CommandRequest, _: Any) -> Recorded:
    """The step that runs the same."""
    return Recorded((request.data,))


@command("POST", "/_mock/worlds/{world}/runs", takes=Run, query=SHOWN, records=run_again)
async def run(request: CommandRequest) -> Any:
    """Run now what else runs by the time of day.

    Where a rule fails, the accounts before the last full fifty stay done.
    """
    asked, tenant = request.read(Run), request.tenant
    world = tenant.world
    start = mark(world)
    await tenant.driver.carry_out(RUNS[asked.run].parts(world), request.cause)
    return happened_view(start.happened(world), request.value("limit", 1000))
