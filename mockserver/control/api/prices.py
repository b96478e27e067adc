"""``…/prices``: setting the price of a day, or what is bid and asked from now on."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from mockserver.control.bodies import Price as Amount
from mockserver.control.commands import SHOWN, CommandRequest, RequestBody, command
from mockserver.control.refusals import BAD_PRICE
from mockserver.control.views import happened_view
from mockserver.domain.instruments.prices import set_price
from mockserver.hosting.command_log import Recorded
from mockserver.hosting.outcome import mark
from mockserver.kernel.quoting import shortened


class Price(RequestBody):
    """The end-of-day price of a day (``null``: none that day), or what is bid and asked from now on."""

    instrument: str
    day: date | None = None
    eod: Amount | None = None
    bid: Amount | None = None
    ask: Amount | None = None


class Prices(RequestBody):
    prices: Annotated[tuple[Price, ...], Field(min_length=1)]


def priced(request: CommandRequest, _: Any) -> Recorded:
    """The step that sets the same prices; without the members that are null, but for an end-of-day price of none."""
    prices = [
        {name: value for name, value in price.items() if value is not None or (name == "eod" and price.get("day"))}
        for price in request.data["prices"]
    ]
    return Recorded(({"prices": prices},))


@command("PUT", "/_mock/worlds/{world}/prices", takes=Prices, query=SHOWN, records=priced)
def put_prices(request: CommandRequest) -> Any:
    """Set prices: all of them, or none when one of them cannot be set."""
    asked, world = request.read(Prices), request.world
    start = mark(world)
    for index, price in enumerate(asked.prices):
        try:
            set_price(world, instrument=price.instrument, day=price.day, eod=price.eod, bid=price.bid, ask=price.ask)
        except (LookupError, ValueError) as error:
            raise BAD_PRICE.refuse(index=index, problem=shortened(str(error), 500)) from None
    return happened_view(start.happened(world), request.value("limit", 1000))
