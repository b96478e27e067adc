"""The types that stand in many models: moments, days, addresses, and members that may be absent but never null.

They parse in strict JSON mode too, where pydantic on its own also takes Unix times and moments without an offset.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

T = TypeVar("T")

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"


def _moment(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if _MOMENT.fullmatch(value):
        try:
            return dt.datetime.fromisoformat(value.upper())
        except ValueError:
            pass
    raise PydanticCustomError("date_time", "Input should be an RFC 3339 date-time, such as 2023-01-10T14:15:22Z")


def _day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if _DAY.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("date", "Input should be a date, such as 2023-01-10")


def _given(value: T | None) -> T:
    if value is None:
        raise PydanticCustomError("null", "Input must not be null; leave the member out instead")
    return value


def _unique(values: T) -> T:
    items = list(values)  # type: ignore[call-overload]
    if len(set(items)) != len(items):
        raise PydanticCustomError("unique_items", "Items must be unique")
    return values


DateTime: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_moment)]
"""A moment with an offset (RFC 3339); fractions beyond microseconds are cut."""

Date: TypeAlias = Annotated[dt.date, BeforeValidator(_day)]
"""A calendar day, `YYYY-MM-DD`."""

Email: TypeAlias = Annotated[
    str, StringConstraints(pattern=rf"^[A-Za-z0-9_.!#$%&'*+/=?^`{{|}}~-]+@{_LABEL}(\.{_LABEL})*$")
]
"""An address as HTML's e-mail field takes it; no source says how closely the API looks."""

Uri: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:([A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$")
]
"""An absolute URI, made of the characters of RFC 3986."""

Maybe: TypeAlias = Annotated[T | None, AfterValidator(_given)]
"""A member that may be left out. Left out it reads as `None`; an explicit `null` is refused."""

Unique: TypeAlias = Annotated[T, AfterValidator(_unique)]
"""An array without equal items."""
