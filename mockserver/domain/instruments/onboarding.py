"""Listings: instruments are onboarded and change, and who subscribed hears of it (trading.md §9 [D 1.75]).

No call of the API does this; the vendor does, and here the control API. The documented events have no stated triggers:
which change tells which is inferred, and stands in ``TOLD``.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from mockserver.domain import topics
from mockserver.domain.instruments.instruments import INSTRUMENT_LIFE, INSTRUMENTS, Instrument, find
from mockserver.domain.instruments.prices import set_price
from mockserver.kernel.events import emit
from mockserver.kernel.stages import stir
from mockserver.kernel.world import World
from mockserver.models.instruments import InstrumentTradingStatus

DATA_CHANGED: Final = "INSTRUMENT.DATA_CHANGED"

TOLD: Final[dict[str, dict[Any, str]]] = {
    # member -> its new value -> event; None: any value
    "name": {None: DATA_CHANGED},
    "wkn": {None: DATA_CHANGED},
    "details": {None: DATA_CHANGED},
    "fractional_trading": {
        True: "INSTRUMENT.FRACTIONAL_TRADING_ENABLED",
        False: "INSTRUMENT.FRACTIONAL_TRADING_DISABLED",
    },
}
"""What of an instrument the API shows and may change; ``trading_status`` moves by its life cycle."""

HIDDEN: Final = ("asset_class", "currency", "story", "buy_tax", "sell_tax", "volatility")
"""What only the mock knows: a change of these tells nobody."""


def onboard(world: World, *, isin: str, id: str | None = None, **members: Any) -> Instrument:
    """Make an instrument known, and tell it. ``ValueError``: it is known already, or cannot be as ``members`` say."""
    if find(world, isin) is not None:
        raise ValueError(f"there is an instrument {isin} already")
    row = described(
        {
            "id": id or world.ids.new("instrument"),
            "created_at": world.now,
            "updated_at": world.now,
            "isin": isin,
            **{name: value for name, value in members.items() if value is not None},
        }
    )
    if row.id in world.table(INSTRUMENTS):
        raise ValueError(f"there is an instrument {row.id} already")
    return INSTRUMENT_LIFE.enter(world, row, "onboarded")


def change(
    world: World,
    instrument: Instrument,
    *,
    trading_status: str | None = None,
    bid: Decimal | None = None,
    ask: Decimal | None = None,
    **members: Any,
) -> Instrument:
    """Change an instrument, one event a kind of change, none for what is so already; a new quote holds from now on.

    ``ValueError``: it cannot be so.
    """
    wanted = described(
        {**_members(instrument), **{name: value for name, value in members.items() if value is not None}}
    )
    changed = {name: getattr(wanted, name) for name in members if getattr(wanted, name) != getattr(instrument, name)}
    if changed:
        row = instrument.evolve(**{name: changed[name] for name in changed if name in HIDDEN})
        world.table(INSTRUMENTS).put(row)
        for event, names in _by_event(changed).items():
            row = row.evolve(updated_at=world.now, **{name: changed[name] for name in names})
            emit(world, event, world.table(INSTRUMENTS).put(row))
        stir(world, topics.instrument(instrument.id))
        stir(world, topics.price(instrument.id))
    if bid is not None or ask is not None:
        set_price(world, instrument=instrument.id, bid=bid, ask=ask)
    current = world.table(INSTRUMENTS)[instrument.id]
    if trading_status is not None and trading_status != current.trading_status:
        INSTRUMENT_LIFE.carry(world, current, InstrumentTradingStatus(trading_status))
    return world.table(INSTRUMENTS)[instrument.id]


Make = Callable[[dict[str, Any]], Instrument]


def _checked(members: dict[str, Any]) -> Instrument:
    return Instrument.model_validate(members)


def known(members: dict[str, Any]) -> Instrument:
    """An instrument of members that are known to be right, at a start: no validator has to be built for it."""
    return Instrument.model_construct(**members)


def described(members: dict[str, Any], make: Make = _checked) -> Instrument:
    """An instrument as ``members`` describe it, the rest as of most; one side of its quote stands for both.

    ``make`` gets all members; the default checks them. ``ValueError``: it cannot be so.
    """
    bid, ask = members.get("bid"), members.get("ask")
    for value in (bid, ask):
        if value is not None and not (value.is_finite() and value > 0):
            raise ValueError(f"a price must be more than 0, not {value}")
    return make(
        {
            "name": f"Instrument {members['isin']}",
            "fractional_trading": True,
            "trading_status": InstrumentTradingStatus.ACTIVE,
            **members,
            "bid": bid if bid is not None else ask,
            "ask": ask if ask is not None else bid,
        }
    )


def _members(instrument: Instrument) -> dict[str, Any]:
    return {name: getattr(instrument, name) for name in instrument.model_fields_set}


def _by_event(changed: dict[str, Any]) -> dict[str, list[str]]:
    """The members that are told, by the event that tells them, in the order of the table."""
    found: dict[str, list[str]] = {}
    for name, events in TOLD.items():
        if name in changed:
            found.setdefault(events.get(changed[name]) or events[None], []).append(name)
    return found
