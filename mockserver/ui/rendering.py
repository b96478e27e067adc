"""Templates: everything that is put into them is escaped, and a name that does not exist is an error."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined

from mockserver.ui.static_files import address
from mockserver.ui.words import answer_look, look, words

BERLIN: Final = ZoneInfo("Europe/Berlin")

SHORT: Final = 8
"""Characters of an id that are shown; the whole one is in the title and what is copied."""


@cache
def environment() -> Environment:
    """The templates of the package with their filters; made once."""
    found = Environment(
        loader=PackageLoader("mockserver.ui"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters.update(
        short=short,
        time=time_of,
        day=day_of,
        pretty=pretty,
        look=look,
        words=words,
        segment=segment,
        until=until,
        berlin=berlin,
        one_line=one_line,
        count=count,
    )
    found.globals.update(static=address, answer_look=answer_look)
    return found


def rendered(template: str, context: Mapping[str, Any]) -> str:
    return environment().get_template(template).render(context)


def short(identity: Any) -> str:
    """The beginning of a UUID; other ids, as ISINs and names, whole."""
    text = str(identity)
    return text[:SHORT] if len(text) == 36 and text.count("-") == 4 else text


def moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def time_of(stamp: str | None) -> str:
    """The time of day in UTC."""
    return "" if not stamp else moment(stamp).strftime("%H:%M:%S")


def day_of(stamp: str | None) -> str:
    """The day, as ``Thu 6 Apr 2023``."""
    return "" if not stamp else f"{moment(stamp):%a} {moment(stamp).day} {moment(stamp):%b %Y}"


def berlin(stamp: str) -> str:
    """The time of day where the market is."""
    return moment(stamp).astimezone(BERLIN).strftime("%H:%M")


def until(stamp: str, now: str) -> str:
    """How far away an instant is: ``2 h 57 min``."""
    return span(moment(stamp) - moment(now))


def span(between: timedelta) -> str:
    """A span of time in its two largest units."""
    seconds = int(abs(between.total_seconds()))
    if not seconds:
        return "0 s"
    parts = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2])


def pretty(value: Any) -> str:
    """JSON on several lines; text as it is."""
    if isinstance(value, str):
        return value
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS, default=str).decode()


def one_line(value: Any) -> str:
    """JSON on one line; text as it is."""
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


def count(number: int, one: str, several: str = "") -> str:
    """``1 move``, ``4 moves``, ``1,204 moves``."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def segment(text: Any) -> str:
    """A segment of a path."""
    return quote(str(text), safe="")
