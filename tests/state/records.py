"""What the moves and the events of a world told: legal moves that join up, and an event for each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mockserver.domain.valuations import Valuation
from mockserver.kernel.events import Event
from mockserver.kernel.lifecycle import CYCLES, Moved
from mockserver.kernel.world import World
from tests.domain.desk import check_event
from tests.state.laws import check_valuation

CYCLES_BY_EVENT = {row.event: cycle for cycle in CYCLES.values() for row in cycle.rows.values() if row.event}


class Records:
    """What the moves and the events told so far, read on from where it was left."""

    def __init__(self) -> None:
        self.moves = 0
        self.events = 0
        self.states: dict[tuple[str, str], str] = {}
        self.ids: set[str] = set()
        self.last = datetime(1900, 1, 1, tzinfo=UTC)

    def copy(self) -> Records:
        other = Records()
        other.moves, other.events, other.last = self.moves, self.events, self.last
        other.states, other.ids = dict(self.states), set(self.ids)
        return other

    def read_on(self, world: World) -> None:
        """Check what is new: moves are legal and join up, events fit the contract, and every move has its event."""
        moves, events = world.moves.since(self.moves), world.events.since(self.events)
        self.moves, self.events = world.moves.end, world.events.end
        for move in moves:
            self._follow(move)
        for event in events:
            check_event(event)
            assert event.id not in self.ids, f"two events have the id {event.id}"
            self.ids.add(event.id)
            assert self.last <= event.created_at <= world.now, "events go back in time"
            self.last = event.created_at
            if isinstance(event.object, Valuation):
                check_valuation(event.object)
        _match(moves, events)
        for (kind, identity), state in self.states.items():
            table = world.store.named(kind)
            row = table.get(identity) if table is not None else None
            assert row is not None, f"{kind} {identity} is gone"
            assert CYCLES[kind].state_of(row) == state, f"{kind} {identity} is {row.status}, but moved to {state}"

    def _follow(self, move: Moved) -> None:
        cycle = CYCLES[move.resource]
        assert (move.source, move.to) in cycle.rows, f"{move} is no move of its life cycle"
        key = move.resource, move.id
        known = self.states.get(key)
        if known is not None:
            assert move.source == known, f"{move} begins where the resource is not: {known}"
        self.states[key] = move.to
        assert move.cause, f"{move} has no cause"


def _match(moves: list[Moved], events: list[Event]) -> None:
    """Each move told its event at once; beyond them only a rebalancing that grew says PROCESSING again (§5.3)."""
    wanted = [
        (row.event, move.id, move.at, move.to)
        for move in moves
        if (row := CYCLES[move.resource].rows[move.source, move.to]).event is not None
    ]
    known = {row.event for cycle in CYCLES.values() for row in cycle.rows.values()}
    position = 0
    for event in events:
        if event.type not in known:
            continue
        shown: Any = event.object
        entry = (
            event.type,
            CYCLES_BY_EVENT[event.type].kind.identify(shown),
            event.created_at,
            str(shown_state(event)),
        )
        if position < len(wanted) and wanted[position] == entry:
            position += 1
            continue
        assert event.type == "PORTFOLIO_ORDER.PROCESSING", f"{event.type} was told without a move"
        assert (shown.type, shown.status) == ("REBALANCING", "PROCESSING")
        assert any(item.side == "BUY" for item in shown.orders), "said PROCESSING again without growth"
    assert position == len(wanted), f"no event for {wanted[position:]}"


def shown_state(event: Event) -> str:
    return CYCLES_BY_EVENT[event.type].state_of(event.object)
