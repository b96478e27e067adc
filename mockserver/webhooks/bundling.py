"""Events collected into bundles: closed when their delay has passed or their size is reached (concepts.md §7.2 [D])."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from mockserver.kernel.durations import written
from mockserver.kernel.undoable import Entries
from mockserver.webhooks.delivery import EMPTY_BUNDLE, SEPARATOR
from mockserver.webhooks.subscription import delay_of, largest_bundle

if TYPE_CHECKING:
    from mockserver.kernel.clock import Task
    from mockserver.kernel.events import Event
    from mockserver.kernel.world import World
    from mockserver.models.webhooks import Webhook


class Bundle(NamedTuple):
    """A bundle that still collects."""

    events: tuple[Event, ...]
    size: int
    """The bytes of the body that they make."""
    flush: Task


Bundles = dict[str, Bundle]


class Bundling:
    """The open bundle of each subscription; a closed one is passed to ``closed(webhook_id, events)``."""

    def __init__(self, world: World, closed: Callable[[str, tuple[Event, ...]], None]) -> None:
        self._world = world
        self._closed = closed
        self._open: Entries[Bundle] = Entries(world.undo)

    def collect(self, webhook: Webhook, event: Event) -> None:
        """Add an event to the subscription's bundle. One that would make it too large begins the next bundle."""
        size, limit = len(event.body(webhook.id)), largest_bundle(self._world, webhook)
        bundle = self._open.get(webhook.id)
        if bundle is not None and bundle.size + SEPARATOR + size > limit:
            self.close(webhook.id)
            bundle = None
        if bundle is not None:
            grown = bundle.size + SEPARATOR + size
            self._open.put(webhook.id, Bundle((*bundle.events, event), grown, bundle.flush))
            if grown == limit:
                self.close(webhook.id)
        elif EMPTY_BUNDLE + size >= limit:  # too large by itself: sent all the same
            self._closed(webhook.id, (event,))
        else:
            self._begin(webhook, event, EMPTY_BUNDLE + size)

    def close(self, webhook_id: str) -> None:
        """Close the bundle of a subscription, if it has one open."""
        bundle = self._open.pop(webhook_id)
        if bundle is not None:
            self._world.clock.drop(bundle.flush)
            # They are in order of time, as they must be: events are told as they happen, and no clock goes back.
            self._closed(webhook_id, bundle.events)

    def snapshot(self) -> Bundles:
        return self._open.snapshot()

    def restore(self, state: Bundles) -> None:
        self._open.restore(state)

    def _begin(self, webhook: Webhook, event: Event, size: int) -> None:
        delay = delay_of(self._world, webhook)
        reason = f"webhook '{webhook.title}': its bundle goes out {written(delay)} after the first event"
        flush = self._world.clock.after(delay, "webhook.flush", webhook.id, reason=reason)
        self._open.put(webhook.id, Bundle((event,), size, flush))
