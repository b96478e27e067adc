"""``created`` and ``expires``: integers, seconds since 1970, compared with wall time (concepts.md §2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from mockserver.kernel.quoting import quoted
from mockserver.protocol.signing.explanation import Cause
from mockserver.protocol.signing.refusals import (
    BACKWARDS,
    BAD_PARAMETER,
    EARLY,
    EXPIRED,
    NO_PARAMETER,
    TOO_OLD,
    Check,
    Failed,
)

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LAST: Final = 253_402_300_799
"""The end of the year 9999."""


def check_times(parameters: Mapping[str, Any], now: datetime, tolerance: timedelta, longest_age: timedelta) -> None:
    """Refuse a signature of the future, an expired one, and one without ``expires`` that is older than ``longest_age``.

    The limits are not published; the vendor's clients set ``expires`` to 5 to 60 s after ``created``.
    """
    created, expires = _seconds(parameters, "created", now), _seconds(parameters, "expires", now)
    if created is None:
        raise Failed(NO_PARAMETER, name="created", example=_example("created", now))
    wall, tolerated = now.timestamp(), tolerance.total_seconds()
    if created - wall > tolerated:
        raise _off(EARLY, created, wall, tolerated, created=created)
    if expires is None:
        longest = longest_age.total_seconds()
        if wall - created > longest + tolerated:
            raise _off(TOO_OLD, created, wall, tolerated, created=created, longest=f"{longest:g}")
    elif expires < created:
        raise Failed(BACKWARDS, expires=expires, created=created)
    elif wall - expires > tolerated:
        raise _off(EXPIRED, expires, wall, tolerated, expires=expires)


def _off(check: Check, at: int, wall: float, tolerated: float, **values: object) -> Failed:
    seconds = round(abs(wall - at))
    return Failed(check, at=_written(at), now=_written(wall), seconds=seconds, tolerance=f"{tolerated:g}", **values)


def _example(name: str, now: datetime) -> str:
    seconds = int(now.timestamp()) + (10 if name == "expires" else 0)
    return f"{name}={seconds}, seconds since 1970 in UTC, without quotes"


def time_causes(failure: Failed, parameters: Mapping[str, Any]) -> tuple[Cause, ...]:
    """Why the times of a signature may be wrong."""
    if failure.check is EARLY:
        if parameters["created"] > 10**11:
            return (Cause("milliseconds", "created is in milliseconds: it has to be in seconds.", True),)
        return (Cause("clock", "The clock of your machine is ahead of the server's, or not in UTC.", False),)
    if failure.check in (EXPIRED, TOO_OLD):
        text = (
            "The clock of your machine is behind the server's, or the request was signed long before it was sent "
            "(a retry sends the old signature: sign each attempt)."
        )
        return (Cause("clock", text, False),)
    return ()


def _seconds(parameters: Mapping[str, Any], name: str, now: datetime) -> int | None:
    value = parameters.get(name)
    if value is None:
        return None
    if type(value) is not int:
        wanted = "a whole number without quotes"
        raise Failed(BAD_PARAMETER, name=name, wanted=wanted, value=quoted(str(value)), example=_example(name, now))
    return value


def _written(seconds: float) -> str:
    """A time for people; far ones as they are."""
    return f"{EPOCH + timedelta(seconds=int(seconds)):%Y-%m-%dT%H:%M:%SZ}" if 0 <= seconds <= LAST else f"{seconds} s"
