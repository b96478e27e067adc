"""Order and filters that lists share: by time (portfolios.md §10, trading.md §17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Protocol, TypeVar

from mockserver.domain.refusals import DATES_REVERSED
from mockserver.kernel.operations import Call, Listing


class Created(Protocol):
    @property
    def created_at(self) -> datetime: ...


C = TypeVar("C", bound=Created)


def created_between(rows: Sequence[C], start: date | datetime | None, end: date | datetime | None) -> Sequence[C]:
    """The rows created from ``start`` to ``end``, both inclusive; a plain end date is its whole day (inferred)."""
    if start is None and end is None:
        return rows
    if start is not None and end is not None and _first(start) > _last(end):
        raise DATES_REVERSED.refuse(start=start, end=end)
    return [row for row in rows if _not_before(row.created_at, start) and _not_after(row.created_at, end)]


def by_time(sorted_by: Any, call: Call[Any]) -> Listing:
    """A whole table by ``created_at`` or ``updated_at``, ties by id (trading.md §17)."""
    sort = call.query["sort"]
    return Listing(sorted_by(sort, "id"), sort)


def _first(start: date | datetime) -> datetime:
    """The first instant that a list from ``start`` on holds; bounds may be in any offset."""
    return start if isinstance(start, datetime) else datetime.combine(start, time(), UTC)


def _last(end: date | datetime) -> datetime:
    return end if isinstance(end, datetime) else datetime.combine(end, time.max, UTC)


def _not_before(at: datetime, start: Any) -> bool:
    return start is None or (at >= start if isinstance(start, datetime) else at.date() >= start)


def _not_after(at: datetime, end: Any) -> bool:
    return end is None or (at <= end if isinstance(end, datetime) else at.date() <= end)
