"""Larger orders that single orders carry out: portfolio orders, liquidations, fee collections (portfolios.md §4.1).

A single order names the larger one as its ``parent``. Whichever kind that is, it follows its single orders: it is under
way with the first that goes to the venue, shows them as they are, goes on or ends with the last of them, and is settled
with the last execution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar

from mockserver.domain.orders.orders import ORDER_LIFE, ORDERS, Order, cancel
from mockserver.domain.orders.trades import EXECUTION_LIFE, EXECUTIONS, Execution
from mockserver.kernel.actions import action
from mockserver.kernel.frozen import frozen
from mockserver.kernel.lifecycle import Awaited, LifeCycle
from mockserver.kernel.money import ZERO, total
from mockserver.kernel.moves import Moved
from mockserver.kernel.store import Version
from mockserver.kernel.world import World
from mockserver.models.orders import OrderExecutionStatus, OrderStatus

P = TypeVar("P", bound=Version)

PARENTS: Final[dict[str, Parent[Any]]] = {}
"""Every kind of larger order, by the name of its resource."""


@frozen(eq=False, kw_only=True)
class Parent(Generic[P]):
    """A kind of larger order; making one registers what commands may force and what it waits for.

    Its life cycle has the four states named below, if under other names. One that is under way at once has no ``new``;
    one that has no state between under way and settled names ``under_way`` as ``filled``, too.
    """

    name: str
    """The clock settles it with ``{name}.settle``."""
    cycle: LifeCycle[P]
    start: Callable[[World, P], None]
    """Places the single orders unless that is done."""
    show: Callable[[P, list[Order]], P]
    """The version that shows the single orders as they are."""
    advance: Callable[[World, P, list[Order]], None]
    """Called when no single order is open: goes on, or makes the last move, with the cause."""
    when_settled: str
    """The cause of the move to ``settled``, in words."""
    new: str | None = "NEW"
    under_way: str = "PROCESSING"
    filled: str = "FILLED"
    settled: str = "SETTLED"
    keeps: Callable[[World, P], Decimal | None] | None = None
    """How much more of what its sells bring it keeps: reserved until it ends, so that no other order spends it.

    ``None``: what it kept is spent or given back already.
    """
    go_on: Callable[[World, P], None] | None = None
    """Called when nothing is left to settle, in place of the move to ``settled``."""
    by_command: Callable[[World, P], None] | None = None
    """Carries the move to ``settled`` out that a command forces, in place of :meth:`settle_all`."""

    def __post_init__(self) -> None:
        if self.cycle.kind.name in PARENTS:
            raise ValueError(f"{self.cycle.kind.name} is a larger order already")
        PARENTS[self.cycle.kind.name] = self
        action(f"{self.name}.settle")(self.settle)
        waiting = dict.fromkeys(state for state in (self.new, self.under_way, self.filled) if state is not None)
        self.cycle.explains(*waiting)(self.awaited)
        if self.new is not None:
            self.cycle.does(self.new, self.under_way)(self.process)
        if self.filled != self.under_way:
            self.cycle.does(self.under_way, self.filled)(self.fill)
        self.cycle.does(self.filled, self.settled)(self.by_command or self.settle_all)

    def get(self, world: World, parent_id: str) -> P | None:
        return world.table(self.cycle.kind).get(parent_id)

    # --- What single orders bring about ---

    def begin(self, world: World, parent: P, order: Order) -> None:
        """The first single order goes to the venue (portfolios.md §4.1 [G])."""
        if self.cycle.state_of(parent) == self.new:
            self.cycle.move(world, parent, self.under_way, f"order {order.id} goes to the venue")

    def follow(self, world: World, parent: P) -> None:
        """Show the single orders as they are, and go on or end with the last of them."""
        if self.cycle.state_of(parent) not in (self.new, self.under_way):
            return
        orders = children(world, self.cycle.kind.identify(parent))
        parent = world.table(self.cycle.kind).put(self.show(parent, orders))
        if all(order.final for order in orders):
            self.advance(world, parent, orders)
            if self.filled == self.under_way:
                self.look(world, parent, "its last order has ended")

    def look(self, world: World, parent: P, reason: str) -> None:
        """Settle it, after what is going on now, if nothing is left to settle."""
        identity = self.cycle.kind.identify(parent)
        if self.cycle.state_of(parent) == self.filled and all_settled(world, identity):
            world.clock.at(world.now, f"{self.name}.settle", identity, reason=reason)

    def settle(self, world: World, parent_id: str) -> None:
        """Its last execution is settled (portfolios.md §4.1, inferred)."""
        parent = self.get(world, parent_id)
        if parent is None or self.cycle.state_of(parent) != self.filled or not all_settled(world, parent_id):
            return
        if self.go_on is not None:
            self.go_on(world, parent)
        else:
            self.cycle.move(world, parent, self.settled, self.when_settled)

    def awaited(self, world: World, parent: P) -> Awaited | None:
        """The first order that is still open, else the first execution that is still to settle."""
        orders = children(world, self.cycle.kind.identify(parent))
        open_ones = [row for row in orders if not row.final]
        if open_ones:
            first = open_ones[0]
            many = f"{len(open_ones)} of its {len(orders)} orders are open"
            return Awaited(f"{many}: order {first.id} is {first.status}", f"orders/{first.id}")
        for execution in _unsettled(orders):
            return Awaited(f"execution {execution.id} is not settled yet", f"executions/{execution.id}")
        return None

    # --- What a command forces ---

    def process(self, world: World, parent: P) -> None:
        """Place the single orders if that is still to come, and go on; they keep their own pace."""
        self.start(world, parent)
        current = world.table(self.cycle.kind)[self.cycle.kind.identify(parent)]
        if self.cycle.state_of(current) == self.new:
            self.cycle.move(world, current, self.under_way, "sent by command")

    def fill(self, world: World, parent: P) -> None:
        """Send and fill every open single order now, those that are added meanwhile too."""
        identity = self.cycle.kind.identify(parent)
        while open_ones := [row for row in children(world, identity) if not row.final]:
            for row in open_ones:
                if row.status == OrderStatus.NEW:
                    ORDER_LIFE.carry(world, row, "PROCESSING")
                current = world.table(ORDERS)[row.id]
                if current.status == OrderStatus.PROCESSING:
                    ORDER_LIFE.carry(world, current, "FILLED")

    def settle_all(self, world: World, parent: P) -> None:
        """Settle every execution now."""
        self.execute_all(world, parent)
        self.settle(world, self.cycle.kind.identify(parent))

    def execute_all(self, world: World, parent: P) -> None:
        """Settle every execution now; one that has no state between under way and settled is filled first."""
        identity = self.cycle.kind.identify(parent)
        if self.filled == self.under_way:
            self.fill(world, parent)
        for row in children(world, identity):
            for execution in world.table(EXECUTIONS).by("order", row.id):
                if execution.status == OrderExecutionStatus.FILLED:
                    EXECUTION_LIFE.carry(world, execution, "SETTLED")

    def ended(self, parent: P) -> bool:
        """Whether it has come to its end: what it kept is spent, or given back."""
        return self.cycle.state_of(parent) not in (self.new, self.under_way, self.filled)


def children(world: World, parent_id: str) -> list[Order]:
    """The single orders of a larger one, in order of creation."""
    return world.table(ORDERS).by("parent", parent_id)


def cancel_open(world: World, parent_id: str) -> None:
    """Cancel the single orders of a larger one that have not ended."""
    for order in children(world, parent_id):
        if not order.final:
            cancel(world, order)


def all_settled(world: World, parent_id: str) -> bool:
    """Whether every single order has ended, and no execution is still to settle; a mistrade never does."""
    orders = children(world, parent_id)
    return all(order.final for order in orders) and not any(True for _ in _unsettled(orders))


def kept(world: World, parent_id: str) -> Decimal:
    """What a larger order keeps of all that its sells brought; a mistrade brought nothing."""
    return total(
        execution.kept
        for row in children(world, parent_id)
        for execution in row.executions
        if isinstance(execution, Execution) and execution.status != OrderExecutionStatus.CANCELLED
    )


def to_keep(world: World, order: Order, proceeds: Decimal) -> Decimal:
    """How much of the next ``proceeds`` of a sell its larger order keeps (payments.md §10.1, inferred)."""
    for kind, parent in _parent(world, order):
        if kind.keeps is not None and not kind.ended(parent):
            return min(proceeds, max(kind.keeps(world, parent) or ZERO, ZERO))
    return ZERO


def to_give_back(world: World, execution: Execution) -> Decimal:
    """What of a mistrade's proceeds a larger order still keeps: nothing after its end (payments.md §10.1, inferred)."""
    if not execution.kept:
        return ZERO
    for kind, parent in _parent(world, world.table(ORDERS)[execution.order_id]):
        over = kind.keeps is None or kind.ended(parent) or kind.keeps(world, parent) is None
        return ZERO if over else execution.kept
    return ZERO


def _unsettled(orders: list[Order]) -> Iterator[Any]:
    return (each for row in orders for each in row.executions if each.status == OrderExecutionStatus.FILLED)


def _parent(world: World, order: Order) -> Iterator[tuple[Parent[Any], Any]]:
    """The larger order of a single one, with its kind, if it has one."""
    for kind in PARENTS.values() if order.parent else ():
        row = kind.get(world, order.parent)
        if row is not None:
            yield kind, row
            return


# --- Followers of the life cycles ---


def begin(world: World, order: Order, moved: Moved) -> None:
    """A single order goes to the venue; before it is PROCESSING."""
    for kind, parent in _parent(world, order):
        kind.begin(world, parent, order)


def follow(world: World, order: Order, moved: Moved) -> None:
    """A single order moved on."""
    for kind, parent in _parent(world, order):
        kind.follow(world, parent)


def filled(world: World, parent: Any, moved: Moved) -> None:
    """A larger order is filled; its executions may have settled before (the sandbox settles at once)."""
    PARENTS[moved.resource].look(world, parent, "all its executions are settled")


def follow_settlement(world: World, execution: Execution, moved: Moved) -> None:
    """An execution is settled; the larger order comes after what the execution itself books and tells."""
    for kind, parent in _parent(world, world.table(ORDERS)[execution.order_id]):
        kind.look(world, parent, "its last execution is settled")
