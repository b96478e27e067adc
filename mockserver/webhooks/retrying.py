"""When a delivery that failed is sent again (concepts.md §7.3 [D])."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

_SECOND: Final = timedelta(seconds=1)


def retry_delay(failures: int, cap: timedelta) -> timedelta:
    """The pause after the ``failures``-th failure in a row: 1, 2, 3, 5, 8, … seconds, never more than ``cap``."""
    pause, following = _SECOND, 2 * _SECOND
    for _ in range(failures - 1):
        if pause >= cap:
            break
        pause, following = following, pause + following
    return min(pause, cap)
