"""The periods of statements: days of UTC, both inclusive (payments.md §13.1, inferred)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from mockserver.domain.instruments.prices import midnight
from mockserver.domain.isa import tax_years

_DAY = timedelta(days=1)


class Period(NamedTuple):
    """From the first to the last day."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"

    @property
    def begins(self) -> datetime:
        return midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The instant after it."""
        return midnight(self.last + _DAY)


def quarter_of(day: date) -> date:
    """The first day of the quarter of a day."""
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def quarter_before(day: date) -> Period:
    """The last quarter that was over on a day."""
    last = quarter_of(day) - _DAY
    return Period(quarter_of(last), last)


def quarter_to_date(day: date) -> Period:
    return Period(quarter_of(day), day)


def month_before(day: date) -> Period:
    last = day.replace(day=1) - _DAY
    return Period(last.replace(day=1), last)


def year_before(day: date) -> Period:
    return Period(date(day.year - 1, 1, 1), date(day.year - 1, 12, 31))


def year_to_date(day: date) -> Period:
    return Period(date(day.year, 1, 1), day)


def british_tax_year_before(day: date) -> Period:
    """The last tax year of the United Kingdom that was over on a day: from 6 April to 5 April."""
    year = tax_years.year_of(midnight(day))
    return Period(tax_years.start(year - 1).date(), tax_years.start(year).date() - _DAY)


def next_quarter(day: date) -> date:
    """The first day of the quarter after that of a day."""
    return quarter_of(quarter_of(day) + timedelta(days=100))
