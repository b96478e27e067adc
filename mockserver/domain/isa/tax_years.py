"""The tax year of the United Kingdom: 6 April 00:00:00Z to 5 April 23:59:59Z (payments.md §12.2 [E])."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def year_of(moment: datetime) -> int:
    """The calendar year in which the tax year of an instant begins."""
    utc = moment.astimezone(UTC)
    return utc.year if utc >= start(utc.year) else utc.year - 1


def start(year: int) -> datetime:
    """The first instant of the tax year that begins in ``year``."""
    return datetime(year, 4, 6, tzinfo=UTC)


def last_second(year: int) -> datetime:
    """The last second of the tax year that begins in ``year``, as allowances show it."""
    return start(year + 1) - timedelta(seconds=1)


def next_start(moment: datetime) -> datetime:
    """The first instant of the tax year after that of ``moment``."""
    return start(year_of(moment) + 1)


def name(year: int) -> str:
    """``2025/2026`` for the tax year that begins in 2025."""
    return f"{year:04}/{year + 1:04}"
