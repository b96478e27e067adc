"""What the moves and the events of a world told: legal moves that join up, and an event for each."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from decimal import localcontext
from typing import Any

import orjson

from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.accounts.holders import holder_ids
from mockserver.domain.accounts.roles import ROLES
from mockserver.domain.ledger.cash import CASH
from mockserver.domain.ledger.positions import POSITIONS
from mockserver.domain.users.users import USERS
from mockserver.domain.valuations.valuations import Valuation
from mockserver.kernel.events import Event
from mockserver.kernel.lifecycle import CYCLES
from mockserver.kernel.moves import Moved
from mockserver.kernel.world import World
from tests.domain.support.desk import check_event
from tests.state.business_laws import Businesses
from tests.state.laws import check_valuation
from tests.state.market import HIDDEN_IBAN, Market
from tests.state.onboarded import Onboarded
from tests.state.told import Told
from tests.state.told_exemptions import ToldExemptions

CYCLES_BY_EVENT = {row.event: cycle for cycle in CYCLES.values() for row in cycle.rows.values() if row.event}
REPLACED = "tax_residencies"
"""What begins anew when a client sets it again (trading.md §5)."""


class Records:
    """What the moves and the events told so far, read on from where it was left."""

    def __init__(self, exemptions: ToldExemptions) -> None:
        self.moves = 0
        self.events = 0
        self.states: dict[tuple[str, str], str] = {}
        self.ids: set[str] = set()
        self.last = datetime(1900, 1, 1, tzinfo=UTC)
        self.told = Told(exemptions)
        self.onboarded = Onboarded()
        self.businesses = Businesses()
        self.seeded: frozenset[str] = frozenset()
        """Users who were there before the first request."""
        self.by_hand: set[str] = set()
        """Accounts and groups that a command closed, whatever was left in them."""

    @classmethod
    def of(cls, world: World) -> Records:
        """Of a world where nothing was told yet: what is there is as it is."""
        rates = world.profile.taxes
        own = {isin: each.sells for isin, each in rates.instruments.items() if each.sells is not None}
        holders = {row.id: frozenset(holder_ids(row)) for row in world.table(ACCOUNTS)}
        records = cls(ToldExemptions(own, rates.sells, holders))
        records.told.groups = {row.id: row.account_group_id for row in world.table(ACCOUNTS)}
        standing = [*world.table(USERS), *world.table(ROLES)]
        records.onboarded.activated = {row.id for row in standing if row.status == "ACTIVE"}
        records.businesses.seed(world)
        records.seeded = frozenset(row.id for row in world.table(USERS))
        return records

    def copy(self) -> Records:
        return deepcopy(self)

    def read_on(self, market: Market) -> None:
        """Check what is new: moves are legal and join up, events fit the contract, and every move has its event."""
        world = market.world
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
        self._keep_books(market, events)
        _match(moves, events)
        for (kind, identity), state in self.states.items():
            table = world.store.named(kind)
            row = table.get(identity) if table is not None else None
            assert row is not None, f"{kind} {identity} is gone"
            assert CYCLES[kind].state_of(row) == state, f"{kind} {identity} is {row.status}, but moved to {state}"

    def _keep_books(self, market: Market, events: list[Event]) -> None:
        """The events make up the books, and what is read is what was told last."""
        licence = market.world.profile.behaviour.licence
        came = market.deposits | market.grants
        with localcontext(prec=400):
            for event in events:
                wire = event.object.wire
                assert HIDDEN_IBAN.encode() not in wire, f"{event.type} shows an IBAN"
                shown = orjson.loads(wire)
                self.told.tell(event.type, shown, wire, came)
                self.onboarded.tell(event.type, shown, licence)
                self.businesses.tell(event.type, shown)
            self.told.rest()
        for row in market.world.table(CASH):
            assert self.told.shown.get((row.account_group_id, row.currency), row.wire) == row.wire, "changed in silence"
        for position in market.world.table(POSITIONS):
            key = position.account_id, position.isin
            assert self.told.shown.get(key, position.wire) == position.wire, "changed in silence"

    def _follow(self, move: Moved) -> None:
        cycle = CYCLES[move.resource]
        assert (move.source, move.to) in cycle.rows, f"{move} is no move of its life cycle"
        key = move.resource, move.id
        known = self.states.get(key)
        replaced = move.resource == REPLACED and move.source is None
        if known is not None and not replaced:
            assert move.source == known, f"{move} begins where the resource is not: {known}"
        self.states[key] = move.to
        assert move.cause, f"{move} has no cause"


def _match(moves: list[Moved], events: list[Event]) -> None:
    """Each move told its event at once; only a rebalancing that grew says PROCESSING again (portfolios.md §5.3)."""
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
        if event.type == "TAX_EXEMPTION.UPDATED":
            continue  # used, given back or replaced, which is no move
        assert event.type == "PORTFOLIO_ORDER.PROCESSING", f"{event.type} was told without a move"
        assert (shown.type, shown.status) == ("REBALANCING", "PROCESSING")
        assert any(item.side == "BUY" for item in shown.orders), "said PROCESSING again without growth"
    assert position == len(wanted), f"no event for {wanted[position:]}"


def shown_state(event: Event) -> str:
    return CYCLES_BY_EVENT[event.type].state_of(event.object)
