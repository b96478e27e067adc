"""Payments of a kind of the test's own: what closing does about payments under way holds for every family."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from mockserver.domain.payments.under_way import UNDER_WAY, UnderWay
from mockserver.kernel.record import Record
from mockserver.kernel.stages import stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from tests.domain.support.desk import Desk


@dataclass(frozen=True)
class Payment(Record):
    id: str
    account_group_id: str
    status: str = "OPEN"
    waits_for_cash: bool = False


KINDS: Final[dict[bool, Kind[Payment]]] = {
    forbids: Kind(f"made_up_{forbids}", indexes={"group": attrgetter("account_group_id")}) for forbids in (False, True)
}
"""By whether they forbid closing."""


class MadeUp:
    """Opens and ends payments; its rows in ``UNDER_WAY`` are taken out by the fixture."""

    def __init__(self) -> None:
        self.count = 0
        for forbids, kind in KINDS.items():
            UNDER_WAY.append(UnderWay("made-up payment", kind, frozenset({"OPEN"}), forbids, self._give_up))

    def open(self, desk: Desk, *, forbids: bool = False, waits_for_cash: bool = False) -> str:
        self.count += 1
        payment = Payment(str(self.count), desk.group_id, waits_for_cash=waits_for_cash)
        desk.world.table(KINDS[forbids]).put(payment)
        return payment.id

    def end(self, desk: Desk, identity: str) -> None:
        self._done(desk.world, self._find(desk.world, identity))

    def status(self, desk: Desk, identity: str) -> str:
        return self._find(desk.world, identity).status

    def _find(self, world: World, identity: str) -> Payment:
        return next(found for kind in KINDS.values() if (found := world.table(kind).get(identity)) is not None)

    def _give_up(self, world: World, payment: Any) -> bool:
        if payment.waits_for_cash:
            self._done(world, payment)
        return bool(payment.waits_for_cash)

    def _done(self, world: World, payment: Payment) -> None:
        kind = next(kind for kind in KINDS.values() if payment.id in world.table(kind))
        world.table(kind).put(payment.evolve(status="DONE"))
        stir(world, f"closing-group/{payment.account_group_id}")
