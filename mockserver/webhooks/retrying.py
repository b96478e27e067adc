"""When a delivery that failed is sent again, and for how long its subscription may fail (concepts.md §7.3 [D])."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from mockserver.kernel.durations import written
from mockserver.kernel.events import stamp
from mockserver.kernel.undoable import Entries
from mockserver.webhooks.subscription import WEBHOOKS

if TYPE_CHECKING:
    from mockserver.kernel.clock import Task
    from mockserver.kernel.world import World

RETRY: Final = "webhook.retry"

_SECOND: Final = timedelta(seconds=1)


def retry_delay(failures: int, cap: timedelta) -> timedelta:
    """The pause after the ``failures``-th failure in a row: 1, 2, 3, 5, 8, … seconds, never more than ``cap``."""
    pause, following = _SECOND, 2 * _SECOND
    for _ in range(failures - 1):
        if pause >= cap:
            break
        pause, following = following, pause + following
    return min(pause, cap)


class Streak(NamedTuple):
    """A subscription that fails."""

    failures: int
    """Attempts that were made and failed, in a row."""
    pauses: int
    """Pauses of the schedule since the first of them: one for each failure, and for each attempt that was skipped."""
    first: datetime
    """The world's time of the first failure."""
    retry: Task


class Retries:
    """The subscriptions of one world that fail, and when each is tried again."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._streaks: Entries[Streak] = Entries(world.undo)  # by subscription

    def fail(self, webhook_id: str, delivery_id: str) -> datetime:
        """An attempt was made and failed; returns when the next one is due."""
        streak = self._streaks.get(webhook_id)
        failures, pauses, first = (0, 0, self._world.now) if streak is None else streak[:3]
        return self._schedule(webhook_id, delivery_id, failures + 1, pauses + 1, first)

    def skip(self, webhook_id: str, delivery_id: str) -> datetime:
        """An attempt that is due now is skipped: no failure, but the schedule goes on. Returns when the next is due."""
        failures, pauses, first, _ = self._streaks[webhook_id]
        return self._schedule(webhook_id, delivery_id, failures, pauses + 1, first)

    def following(self, webhook_id: str) -> datetime:
        """When the next attempt is due if the one that is due now fails, or is skipped."""
        return self._world.now + self._pause(self._streaks[webhook_id].pauses + 1)

    def too_long(self, webhook_id: str) -> str | None:
        """Why a failure now is one too many: the profile's time has passed since the first; ``None``: it is not."""
        streak, span, now = self._streaks.get(webhook_id), self._world.profile.webhooks.removed_after, self._world.now
        first = now if streak is None else streak.first
        if span is None or now - first < span:
            return None
        return f"every attempt failed, from {stamp(first)} on for {written(span)} and longer"

    def hasten(self, webhook_id: str) -> None:
        """The next attempt is not waited for: it is made now."""
        streak = self._streaks.get(webhook_id)
        if streak is not None:
            self._world.clock.drop(streak.retry)

    def end(self, webhook_id: str) -> None:
        """It fails no more, or is tried no more."""
        streak = self._streaks.pop(webhook_id)
        if streak is not None:
            self._world.clock.drop(streak.retry)

    def snapshot(self) -> dict[str, Streak]:
        return self._streaks.snapshot()

    def restore(self, state: dict[str, Streak]) -> None:
        self._streaks.restore(state)

    def _schedule(self, webhook_id: str, delivery_id: str, failures: int, pauses: int, first: datetime) -> datetime:
        webhook, span = self._world.table(WEBHOOKS)[webhook_id], self._world.profile.webhooks.removed_after
        reason = f"webhook '{webhook.title}': sent again after failure {failures}"
        if span is not None:
            reason += f", and deleted if it fails at {stamp(first + span)} or later"
        # In the background: a target that fails for ever must not keep its world from ever being idle.
        retry = self._world.clock.after(
            self._pause(pauses), RETRY, webhook_id, delivery_id, reason=reason, background=True
        )
        self._streaks.put(webhook_id, Streak(failures, pauses, first, retry))
        return retry.due

    def _pause(self, number: int) -> timedelta:
        return retry_delay(number, self._world.profile.webhooks.retry_cap)
