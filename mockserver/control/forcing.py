"""Commands that make things happen now: moves of life cycles, prices, runs."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from mockserver.control import move_options
from mockserver.control.asking import SHOWN, Ask, Asked, command
from mockserver.control.bodies import Price as Amount
from mockserver.control.happened import mark
from mockserver.control.looking import object_of
from mockserver.control.recording import Recorded
from mockserver.control.refusals import BAD_OPTIONS, BAD_PRICE, CANNOT_BEGIN, ILLEGAL_MOVE, NO_LIFE_CYCLE, WAITS
from mockserver.control.views import happened_view, state_view
from mockserver.domain.daily_runs import RUNS
from mockserver.domain.instruments.prices import set_price
from mockserver.kernel.lifecycle import CYCLES, Hold, IllegalMoveError, LifeCycle
from mockserver.kernel.quoting import quoted, shortened
from mockserver.kernel.world import World


class Move(Asked):
    resource: str
    id: str
    to: str
    with_: dict[str, Any] = Field({}, alias="with")
    """Options of the move, or members to change with it."""


class Price(Asked):
    """The end-of-day price of a day (``null``: none that day), or what is bid and asked from now on."""

    instrument: str
    day: date | None = None
    eod: Amount | None = None
    bid: Amount | None = None
    ask: Amount | None = None


class Prices(Asked):
    prices: Annotated[tuple[Price, ...], Field(min_length=1)]


class Run(Asked):
    run: Literal[
        "intraday",
        "valuations",
        "returns",
        "strategies",
        "blocks",
        "fees",
        "treasury",
        "allowances",
        "tax_exemptions",
        "tax_prepayments",
    ]


def moved_again(ask: Ask, _: Any) -> Recorded:
    """The step that makes the same move."""
    return Recorded(({"move": ask.data},))


def run_again(ask: Ask, _: Any) -> Recorded:
    """The step that runs the same."""
    return Recorded((ask.data,))


@command("POST", "/_mock/worlds/{world}/moves", takes=Move, query=SHOWN, records=moved_again)
def move(ask: Ask) -> Any:
    """Force a legal move, with all that belongs to it. What it makes due happens when the clock is next moved.

    A resource that commands may begin need not exist: ``direct_debit_returns`` with the id of a direct debit.
    """
    asked, world = ask.read(Move), ask.world
    cycle = CYCLES.get(asked.resource)
    if cycle is None:
        raise NO_LIFE_CYCLE.refuse(resource=quoted(asked.resource), known=", ".join(sorted(CYCLES)))
    start = mark(world)
    begun = _begun(world, cycle, asked)
    if begun is None or cycle.state_of(begun) != asked.to or asked.with_:
        carry(world, cycle, begun or object_of(world, asked.resource, asked.id), asked)
    moved = world.table(cycle.kind).get(asked.id)
    return {
        "object": None if moved is None else state_view(moved),
        **happened_view(start.happened(world), ask.value("limit", 1000)),
    }


def _begun(world: World, cycle: LifeCycle[Any], asked: Move) -> Any:
    """What the command begins: a resource that did not exist; ``None`` where it moves one that does, or may not."""
    if asked.id in world.table(cycle.kind):
        return None
    try:
        return cycle.open(world, asked.id)
    except LookupError as error:
        raise CANNOT_BEGIN.refuse(resource=asked.resource, id=quoted(asked.id), problem=error) from None
    except IllegalMoveError as error:
        raise ILLEGAL_MOVE.refuse(problem=shortened(str(error), 500)) from None


def carry(world: World, cycle: LifeCycle[Any], resource: Any, asked: Move) -> None:
    """Make the move, or a refusal that says why it cannot be made."""
    try:
        row = cycle.row(resource, asked.to)
        cycle.carry(world, resource, asked.to, **move_options.read(cycle, resource, row, asked.with_))
        moved = world.table(cycle.kind).get(asked.id)
        if asked.with_ and moved is not None:
            move_options.check_sound(moved)
    except IllegalMoveError as error:
        raise ILLEGAL_MOVE.refuse(problem=shortened(str(error), 500)) from None
    except Hold as hold:
        raise WAITS.refuse(resource=asked.resource, id=asked.id, to=quoted(asked.to), reason=hold.reason) from None
    except Exception as error:
        if not asked.with_:
            raise
        raise BAD_OPTIONS.refuse(problem=shortened(str(error), 500)) from None


def priced(ask: Ask, _: Any) -> Recorded:
    """The step that sets the same prices; without the members that are null, but for an end-of-day price of none."""
    prices = [
        {name: value for name, value in price.items() if value is not None or (name == "eod" and price.get("day"))}
        for price in ask.data["prices"]
    ]
    return Recorded(({"prices": prices},))


@command("PUT", "/_mock/worlds/{world}/prices", takes=Prices, query=SHOWN, records=priced)
def put_prices(ask: Ask) -> Any:
    """Set prices: all of them, or none when one of them cannot be set."""
    asked, world = ask.read(Prices), ask.world
    start = mark(world)
    for index, price in enumerate(asked.prices):
        try:
            set_price(world, instrument=price.instrument, day=price.day, eod=price.eod, bid=price.bid, ask=price.ask)
        except (LookupError, ValueError) as error:
            raise BAD_PRICE.refuse(index=index, problem=shortened(str(error), 500)) from None
    return happened_view(start.happened(world), ask.value("limit", 1000))


@command("POST", "/_mock/worlds/{world}/runs", takes=Run, query=SHOWN, records=run_again)
async def run(ask: Ask) -> Any:
    """Run now what else runs by the time of day.

    Where a rule fails, the accounts before the last full fifty stay done.
    """
    asked, tenant = ask.read(Run), ask.tenant
    world = tenant.world
    start = mark(world)
    await tenant.driver.carry_out(RUNS[asked.run].parts(world))
    return happened_view(start.happened(world), ask.value("limit", 1000))
