"""``…/tax_collections``: collecting a tax from an account group."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from mockserver.control.commands import SHOWN, CommandRequest, RequestBody, command
from mockserver.control.refusals import BAD_TAX
from mockserver.control.resources import object_of
from mockserver.control.views import happened_view, state_view
from mockserver.domain.accounts.accounts import AccountGroup
from mockserver.domain.instruments.instruments import Instrument, find
from mockserver.domain.tax_collections.collections import NOT_COLLECTED_FROM, collect
from mockserver.hosting.command_log import Recorded
from mockserver.hosting.outcome import mark
from mockserver.kernel.money import decimal
from mockserver.kernel.quoting import quoted
from mockserver.kernel.world import World


class TaxToCollect(RequestBody):
    """A tax that an account group owes, in its main currency."""

    account_group_id: str
    amount: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,2})?$")]
    instrument: str | None = Field(None, description="ISIN or id of the instrument that it is owed for")


def collected_again(request: CommandRequest, _: Any) -> Recorded:
    """The step that collects the same tax."""
    return Recorded(({"collect_tax": request.data},))


@command("POST", "/_mock/worlds/{world}/tax_collections", takes=TaxToCollect, query=SHOWN, records=collected_again)
def collect_tax(request: CommandRequest) -> Any:
    """Collect a TAX_PAYMENT from an account group: its cash first, then what its positions bring."""
    asked, world = request.read(TaxToCollect), request.world
    group, amount, instrument = concerned(world, asked, "collected")
    start = mark(world)
    made = collect(world, group, amount, instrument=instrument, cause="by command")
    return {"object": state_view(made), **happened_view(start.happened(world), request.value("limit", 1000))}


def concerned(world: World, asked: TaxToCollect, what: str) -> tuple[AccountGroup, Decimal, Instrument | None]:
    """The account group, the amount and the instrument of a tax that is to be ``what``; a refusal where it cannot."""
    group: AccountGroup = object_of(world, "account_groups", asked.account_group_id)
    amount = decimal(asked.amount)
    if not amount:
        raise BAD_TAX.refuse(problem=f"(root).amount: must be more than 0: a tax of 0.00 is not {what}")
    if group.status in NOT_COLLECTED_FROM:
        raise BAD_TAX.refuse(problem=f"(root).account_group_id: account group {group.id} is {group.status}")
    instrument = None if asked.instrument is None else find(world, asked.instrument)
    if asked.instrument is not None and instrument is None:
        raise BAD_TAX.refuse(problem=f"(root).instrument: there is no instrument {quoted(asked.instrument)}")
    return group, amount, instrument
