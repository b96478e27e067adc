"""``…/tax_refunds``: a tax that comes back to an account group."""

from __future__ import annotations

from typing import Any

from mockserver.control.api.tax_collections import TaxToCollect, concerned
from mockserver.control.commands import SHOWN, CommandRequest, command
from mockserver.control.views import happened_view, state_view
from mockserver.domain.tax_collections.refunds import refund
from mockserver.hosting.command_log import Recorded
from mockserver.hosting.outcome import mark


class TaxToRefund(TaxToCollect):
    """A tax that comes back to an account group, in its main currency."""


def refunded_again(request: CommandRequest, _: Any) -> Recorded:
    """The step that refunds the same tax."""
    return Recorded(({"refund_tax": request.data},))


@command("POST", "/_mock/worlds/{world}/tax_refunds", takes=TaxToRefund, query=SHOWN, records=refunded_again)
def refund_tax(request: CommandRequest) -> Any:
    """Book a TAX_REFUND to an account group; a report and a treasury file follow where the profile makes them."""
    asked, world = request.read(TaxToRefund), request.world
    group, amount, instrument = concerned(world, asked, "refunded")
    start = mark(world)
    made = refund(world, group, amount, instrument=instrument)
    return {"object": state_view(made), **happened_view(start.happened(world), request.value("limit", 1000))}
