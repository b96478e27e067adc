"""What one move of a clock skips, so that a receiver that does not answer costs a bounded time (the mock's own rule).

After so many time-outs in a row of one subscription (the profile's ``webhooks.skipped_after``) its further attempts of
the move are not made, but for the last one. All of it is counted in attempts and in the world's time, so a replay is
equal; only whether a receiver answers in time is the machine's.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from mockserver.webhooks.attempts import Outcome, Skipped

if TYPE_CHECKING:
    from mockserver.webhooks.delivery import Delivery


class _Silence(NamedTuple):
    """Time-outs in a row of one subscription."""

    url: str
    times: int
    error: str


class Skipping:
    """The time-outs and the skipped attempts of one move.

    ``after``: how many time-outs in a row there are before attempts are skipped; ``None``: none is ever skipped.
    """

    def __init__(self, after: int | None) -> None:
        self.until: datetime | None = None
        """The world's time at which the move ends; ``None``: not known beforehand."""
        self._after = after
        self._silent: dict[str, _Silence] = {}  # by subscription
        self._skipped: dict[tuple[str, int], Skipped] = {}  # by delivery and the number of its attempts
        self._waiting: dict[str, str] = {}  # subscription -> delivery, where the latest attempt was skipped

    @property
    def skipped(self) -> list[Skipped]:
        """What was skipped, in order."""
        return list(self._skipped.values())

    @property
    def waiting(self) -> dict[str, str]:
        """The deliveries whose latest attempt was skipped, by subscription."""
        return dict(self._waiting)

    def answered(self, webhook_id: str, outcome: Outcome) -> None:
        """An attempt was made. Any answer, or a connection that fails at once, ends the row of time-outs."""
        self._waiting.pop(webhook_id, None)
        if not outcome.hung:
            self._silent.pop(webhook_id, None)
            return
        before = self._silent.get(webhook_id)
        times = 1 if before is None or before.url != outcome.url else before.times + 1
        self._silent[webhook_id] = _Silence(outcome.url, times, outcome.problem or "")

    def skips(self, webhook_id: str, url: str, following: datetime) -> bool:
        """Whether an attempt at ``url`` that is due now is skipped; after it the next one is due at ``following``.

        The last one that is due in the move is made: it finds a receiver that has recovered.
        """
        silence = self._silent.get(webhook_id)
        if self._after is None or silence is None or silence.url != url or silence.times < self._after:
            return False
        return self.until is None or following <= self.until

    def skip(self, delivery: Delivery, now: datetime) -> Skipped:
        """Skip an attempt; returns it with those before it that were skipped in a row."""
        key = delivery.id, len(delivery.attempts)
        before = self._skipped.get(key)
        if before is None:
            silence = self._silent[delivery.webhook_id]
            reason = f"{silence.error}, {silence.times} times in a row in this move of the clock"
            skipped = Skipped(delivery.id, delivery.webhook_id, key[1], now, now, 1, reason)
        else:
            skipped = before.and_at(now)
        self._skipped[key] = skipped
        self._waiting[delivery.webhook_id] = delivery.id
        return skipped
