"""Payments under way: what forbids closing an account or its group, and what keeps it CLOSING (payments.md §2.5).

A family states in one row which of its states count; closing asks this table and knows none of the families.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any, Final, NamedTuple

from mockserver.kernel.frozen import frozen
from mockserver.kernel.lifecycle import CYCLES, IllegalMoveError
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World


@frozen
class UnderWay:
    """The payments of one kind that are not through yet."""

    what: str
    """Its name in messages: ``withdrawal``."""
    kind: Kind[Any]
    """With an index ``group``."""
    states: frozenset[str]
    forbids: bool = False
    """Whether closing cannot even be requested meanwhile."""
    give_up: Callable[[World, Any], bool] | None = None
    """Cancels a payment that only waits for cash; False where it waits for something else."""
    ended_with: Mapping[str, Any] = field(default_factory=dict)
    """Options of the move to CANCELLED where Upvest closes the group by hand: the reason."""
    of_account: bool = False
    """Whether it belongs to one account, whose closing waits for it, too: with an index ``account``."""


class Open(NamedTuple):
    """One payment under way."""

    row: UnderWay
    payment: Any

    def __str__(self) -> str:
        return f"its {self.row.what} {self.payment.id} is {self.payment.status}"

    def give_up(self, world: World) -> bool:
        """Cancel it if all it waits for is cash, which does not come any more."""
        return self.row.give_up is not None and self.row.give_up(world, self.payment)

    def end(self, world: World) -> None:
        """Cancel it, whatever it waits for: its account group was closed by hand.

        Raises :class:`IllegalMoveError` for what is never cancelled, so that its group is not closed over it.
        """
        cycle = CYCLES[self.row.kind.name]
        if (cycle.state_of(self.payment), "CANCELLED") not in cycle.rows:
            raise IllegalMoveError(f"{self}, and none of its kind is cancelled: the account group is CLOSED after it")
        cycle.carry(world, self.payment, "CANCELLED", **self.row.ended_with)


UNDER_WAY: Final[list[UnderWay]] = []
"""A row per kind; each family appends its own."""


def of_group(world: World, group_id: str) -> Iterator[Open]:
    """The payments of the group that are under way."""
    for row in UNDER_WAY:
        for payment in world.table(row.kind).by("group", group_id):
            if payment.status in row.states:
                yield Open(row, payment)


def of_account(world: World, account_id: str) -> Iterator[Open]:
    """What is under way in one account alone."""
    for row in UNDER_WAY:
        for payment in world.table(row.kind).by("account", account_id) if row.of_account else ():
            if payment.status in row.states:
                yield Open(row, payment)
