"""How changes of a profile are written: settings that hold from now on, from a date on, or between two dates.

``{settlement: {buy: 2}, changes: [{from: 2024-05-28, settlement: {buy: 1}}]}``: the same in the ``profile`` of a
scenario, in the step ``profile`` and in ``PATCH …/profile``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from mockserver.kernel.calendar import CalendarError, TradingCalendar, zone
from mockserver.kernel.clock import EARLIEST, LATEST
from mockserver.kernel.profile import CalendarSection, Profile
from mockserver.kernel.profile_changes import CHANGES, Change, courses, laid_over
from mockserver.kernel.violations import listed
from mockserver.kernel.world import calendar_settings
from mockserver.scenario.document import Document, Found, Path
from mockserver.scenario.errors import Mistake
from mockserver.scenario.laid_settings import laid_mistakes

MOST_CHANGES: Final = 100
"""Changes with dates in one list."""

DATES: Final = ("from", "until")

FIXED: Final[Mapping[tuple[str, ...], str]] = {
    ("base",): "a world keeps the profile it was made with: lay the settings over that differ",
    ("name",): "a world keeps the profile it was made with: lay the settings over that differ",
    ("description",): "it is the text of the profile that the world was made with",
    (
        "instruments",
    ): "it is read when a world is made: list instruments by 'PUT …/instruments' or the step instruments",
    ("limits", "kept"): "it is read when a world is made: set it in the profile of its scenario",
}
"""Settings that cannot change in a world's life, and why."""

_EXAMPLE: Final = "{from: 2024-05-28, settlement: {buy: 1}}"
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class Dated(NamedTuple):
    """Settings that hold from an instant on, or from now on; until another one, or for good."""

    begins: datetime | None
    ends: datetime | None
    settings: Mapping[str, Any]


class Laid(NamedTuple):
    """Settings that hold from now on, and those with dates."""

    settings: Mapping[str, Any]
    dated: tuple[Dated, ...]


def read(given: Mapping[str, Any], timezone: str) -> Laid:
    """What a mapping of settings says; one in which :func:`mistakes` finds nothing.

    A day begins at midnight of ``timezone``, that of the market.
    """
    dated = [
        Dated(
            None if entry.get("from") is None else instant(entry["from"], timezone),
            None if entry.get("until") is None else instant(entry["until"], timezone),
            {name: value for name, value in entry.items() if name not in DATES},
        )
        for entry in given.get(CHANGES) or ()
    ]
    return Laid({name: value for name, value in given.items() if name not in ("base", CHANGES)}, tuple(dated))


def instant(value: object, timezone: str) -> datetime:
    """An instant, or the beginning of a day in ``timezone``; ``ValueError`` says what would pass."""
    problem = f"{value!r} is no day and no instant: write for example 2024-05-28 or 2024-05-28T10:00:00Z"
    if not isinstance(value, str):
        raise ValueError(problem)
    try:
        if _DAY.fullmatch(value):
            found = datetime.combine(date.fromisoformat(value), time(), zone(timezone)).astimezone(UTC)
        else:
            found = datetime.fromisoformat(value)
    except (ValueError, OverflowError):
        raise ValueError(problem) from None
    if found.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone: write for example {value}Z")
    if not EARLIEST <= found <= LATEST:
        raise ValueError(f"{value!r} lies outside {EARLIEST.year} to {LATEST.year}")
    return found.astimezone(UTC)


def mistakes(
    document: Document,
    at: Path,
    given: Any,
    settings: dict[str, Any],
    *,
    in_force: Iterable[Change] = (),
    planned: Iterable[Change] = (),
    now: datetime | None = None,
) -> list[Mistake]:
    """What is wrong with changes that stand at a path of a document.

    ``settings`` are those that the world was made with, the changes those that it has already. ``now``: the world's
    time, after which a change must end.
    """
    if not isinstance(given, Mapping):
        text = f"must be a mapping of settings, not {given!r}: write for example {{settlement: {{buy: 1}}}}"
        return [document.mistake(at, text)]
    if not given:
        return [document.mistake(at, "changes nothing: write for example {settlement: {buy: 1}}")]
    held = laid_over(settings, in_force)
    over = {name: value for name, value in given.items() if name != CHANGES}
    found = [document.mistake((*at, *path), text) for path, text in _fixed(over)]
    if not found:
        found = laid_mistakes(document, at, over, held)
    if found:
        return found
    so_far = [*in_force, Change("now", over, "", EARLIEST)] if over else list(in_force)
    return dated_mistakes(document, at, given.get(CHANGES, ()), settings, in_force=so_far, planned=planned, now=now)


def dated_mistakes(
    document: Document,
    at: Path,
    entries: Any,
    settings: dict[str, Any],
    *,
    in_force: Iterable[Change] = (),
    planned: Iterable[Change] = (),
    now: datetime | None = None,
) -> list[Mistake]:
    """What is wrong with a list of changes, each alone and all together."""
    at = (*at, CHANGES)
    if not isinstance(entries, list | tuple) or len(entries) > MOST_CHANGES:
        return [document.mistake(at, f"must be a list of at most {MOST_CHANGES} changes, each like {_EXAMPLE}")]
    held = laid_over(settings, in_force)
    timezone = str((held.get("calendar") or {}).get("timezone", CalendarSection().timezone))
    found: list[Mistake] = []
    for index, entry in enumerate(entries):
        path = (*at, index)
        wrong = [document.mistake((*path, *place), text) for place, text in _one(entry, timezone, now)]
        if not wrong:
            over = {name: value for name, value in entry.items() if name not in DATES}
            wrong = laid_mistakes(document, path, over, held)
        found += wrong
    if found:
        return found
    known = list(planned)
    new = [
        Change(str(index), each.settings, "", each.begins or EARLIEST, each.ends)
        for index, each in enumerate(read({CHANGES: entries}, timezone).dated)
    ]
    return _together(document, at, settings, list(in_force), [*known, *new], len(new))


def _one(entry: Any, timezone: str, now: datetime | None) -> Found:
    """Whether a change has dates that can be, and settings that may change."""
    if not isinstance(entry, Mapping):
        yield (), f"must be a mapping like {_EXAMPLE}, not {entry!r}"
        return
    if not any(entry.get(name) is not None for name in DATES):
        yield (), f"has neither from nor until, the days or instants between which it holds: write {_EXAMPLE}"
        return
    dates = {}
    for name in DATES:
        if entry.get(name) is not None:
            try:
                dates[name] = instant(entry[name], timezone)
            except ValueError as error:
                yield (name,), str(error)
    if len(dates) == 2 and dates["until"] <= dates["from"]:
        yield ("until",), f"{entry['until']} is not after from, {entry['from']}: it would never hold"
    elif now is not None and "until" in dates and dates["until"] <= now:
        yield ("until",), f"{entry['until']} is past, the world's time is {now.isoformat()}: it would never hold"
    over = {name: value for name, value in entry.items() if name not in DATES}
    if not over:
        yield (), f"changes nothing: write for example {_EXAMPLE}"
    if CHANGES in over:
        yield (CHANGES,), "a change holds no others: make them entries of the same list"
    yield from _fixed(over)


def _fixed(over: Mapping[str, Any]) -> Found:
    for path, why in FIXED.items():
        value: Any = over
        for name in path:
            value = value.get(name, _fixed) if isinstance(value, Mapping) else _fixed
        if value is not _fixed:
            yield path, f"cannot change in a world's life: {why}"


def _together(
    document: Document,
    at: Path,
    settings: dict[str, Any],
    in_force: list[Change],
    planned: list[Change],
    new: int,
) -> list[Mistake]:
    """Whether the settings make sense at each instant, with all that holds then."""
    for moment, layers in courses(in_force, planned):
        problem = _nonsense(laid_over(settings, layers))
        if problem is not None:
            path = (*at, new - 1) if new else at[:-1]
            text = f"from {moment.isoformat()} on, together with what holds then: {problem}"
            return [document.mistake(path, text)]
    return []


def _nonsense(settings: dict[str, Any]) -> str | None:
    try:
        TradingCalendar(calendar_settings(Profile.model_validate(settings).calendar))
    except ValidationError as error:
        return listed(error)
    except CalendarError as error:
        return str(error)
    return None
