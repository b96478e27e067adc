"""The rate limit: so many requests a second for each client (concepts.md §9.1 [D]: 300 in the sandbox).

Unpublished are burst rules, what counts, and headers (concepts.md §11.5). Chosen, and inferred: in no span of a second
more than the limit pass; those that are refused do not count, nor do those to paths that do not exist; no header
``retry-after``. It is wall time, as the limit protects a machine.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Final

from mockserver.protocol.refusals import TOO_MANY_REQUESTS

SPAN: Final = timedelta(seconds=1)


class Throttle:
    """The requests of one client within the last second; never more than the limit are remembered."""

    def __init__(self) -> None:
        self._passed: deque[datetime] = deque()

    def check(self, client_id: str, limit: int, now: datetime) -> None:
        """Count a request at ``now``, or refuse it where ``limit`` have passed within the second before it."""
        passed = self._passed
        if passed and now < passed[-1]:  # the machine's time was set back: what was counted says nothing any more
            passed.clear()
        while passed and now - passed[0] >= SPAN:
            passed.popleft()
        if len(passed) >= limit:
            raise TOO_MANY_REQUESTS.refuse(client_id=client_id, limit=limit)
        passed.append(now)
