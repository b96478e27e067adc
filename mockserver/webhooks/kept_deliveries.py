"""The deliveries of a world that are kept: all that are open, and the last that ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.kernel.frozen import frozen
from mockserver.kernel.log import Log, LogState
from mockserver.kernel.undoable import Entries
from mockserver.webhooks.delivery import Delivery

if TYPE_CHECKING:
    from mockserver.kernel.world import World


@frozen
class KeptState:
    """The deliveries at a moment."""

    open: dict[str, Delivery]
    finished: LogState[Delivery]
    number: int


class KeptDeliveries:
    """The latest version of each delivery. What is changed a failing rule takes back."""

    def __init__(self, world: World) -> None:
        self.finished: Log[Delivery] = Log(world.undo, world.profile.limits.kept)
        """Deliveries that were delivered or discarded, in that order; bounded."""
        self._undo = world.undo
        self._open: Entries[Delivery] = Entries(world.undo)
        self._number = 0

    def __getitem__(self, delivery_id: str) -> Delivery:
        """One that is open."""
        return self._open[delivery_id]

    def __contains__(self, delivery_id: object) -> bool:
        """Whether it is open."""
        return delivery_id in self._open

    def get(self, delivery_id: str) -> Delivery | None:
        """One that is open, if it is."""
        return self._open.get(delivery_id)

    @property
    def still_open(self) -> list[Delivery]:
        """Those that are not delivered and not discarded."""
        return [self._open[delivery_id] for delivery_id in self._open]

    def next_number(self) -> int:
        """The place of the next delivery in the order of bundling."""
        self._undo.note(setattr, self, "_number", self._number)
        self._number += 1
        return self._number

    def keep(self, delivery: Delivery) -> Delivery:
        """Keep a version of a delivery that is open."""
        return self._open.put(delivery.id, delivery)

    def finish(self, delivery: Delivery) -> Delivery:
        """Keep the last version of a delivery."""
        self._open.pop(delivery.id)
        self.finished.append(delivery)
        return delivery

    def find(self, delivery_id: str) -> Delivery | None:
        """One delivery, open or not, if it is kept."""
        return self._open.get(delivery_id) or next((done for done in self.finished if done.id == delivery_id), None)

    def of(self, webhook_id: str | None = None) -> list[Delivery]:
        """All that are kept, in the order of bundling; of one subscription, or of all."""
        everything = [*self.finished, *self.still_open]
        chosen = (delivery for delivery in everything if webhook_id in (None, delivery.webhook_id))
        return sorted(chosen, key=lambda delivery: delivery.number)

    def snapshot(self) -> KeptState:
        return KeptState(self._open.snapshot(), self.finished.snapshot(), self._number)

    def restore(self, state: KeptState) -> None:
        self._open.restore(state.open)
        self.finished.restore(state.finished)
        self._number = state.number
