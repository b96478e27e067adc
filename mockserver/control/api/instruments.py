"""``…/instruments``: onboarding new ones, changing those that exist, each with its events."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from mockserver.control.bodies import Price, Rate
from mockserver.control.commands import SHOWN, CommandRequest, RequestBody, command
from mockserver.control.refusals import BAD_INSTRUMENT
from mockserver.control.views import happened_view, object_view
from mockserver.domain.instruments.instruments import AssetClass, InstrumentBehaviour, find
from mockserver.domain.instruments.onboarding import change, onboard
from mockserver.hosting.command_log import Recorded
from mockserver.hosting.outcome import mark
from mockserver.kernel.quoting import shortened
from mockserver.kernel.world import World
from mockserver.models.base import Uuid
from mockserver.models.common import Isin
from mockserver.models.instruments import InstrumentDetails


class Instrument(RequestBody):
    """The members that are given are set, the others stay as they are, or are as a scenario's are by default."""

    isin: Isin
    id: Uuid | None = Field(None, description="of a new one")
    name: Annotated[str, Field(max_length=100)] | None = None
    wkn: Annotated[str, Field(pattern=r"^[A-HJ-NP-Z0-9]{6}$")] | None = None
    details: InstrumentDetails | None = None
    asset_class: AssetClass | None = None
    fractional_trading: bool | None = None
    trading_status: Literal["ACTIVE", "INACTIVE"] | None = None
    currency: Literal["EUR", "GBP", "USD"] | None = None
    bid: Price | None = None
    ask: Price | None = None
    volatility: Rate | None = None
    story: InstrumentBehaviour | None = None
    buy_tax: Rate | None = None
    sell_tax: Rate | None = None


class Instruments(RequestBody):
    instruments: Annotated[tuple[Instrument, ...], Field(min_length=1)]


def listed_again(request: CommandRequest, _: Any) -> Recorded:
    """The step that lists the same; without the members that are null."""
    entries = request.data["instruments"]
    return Recorded(
        ({"instruments": [{name: it for name, it in entry.items() if it is not None} for entry in entries]},)
    )


@command("PUT", "/_mock/worlds/{world}/instruments", takes=Instruments, query=SHOWN, records=listed_again)
def put_instruments(request: CommandRequest) -> Any:
    """List instruments: all of them, or none when one of them cannot be so."""
    asked, world = request.read(Instruments), request.world
    start = mark(world)
    rows = [listed(world, index, entry) for index, entry in enumerate(asked.instruments)]
    return {
        "objects": [object_view(row) for row in rows],
        **happened_view(start.happened(world), request.value("limit", 1000)),
    }


def listed(world: World, index: int, entry: Instrument) -> Any:
    """The instrument as it is then, or a refusal that says what is wrong with the entry."""
    given = {name: getattr(entry, name) for name in entry.model_fields_set - {"isin", "id"}}
    known = find(world, entry.isin)
    try:
        if known is None:
            return onboard(world, isin=entry.isin, id=entry.id, **given)
        if entry.id not in (None, known.id):
            raise ValueError(f"the id of {entry.isin} is {known.id} and stays so")
        return change(world, known, **given)
    except ValueError as error:
        raise BAD_INSTRUMENT.refuse(index=index, problem=shortened(str(error), 500)) from None
