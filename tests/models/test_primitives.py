"""Moments, days and identifiers in strict JSON."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeAlias

import pytest
from pydantic import TypeAdapter, ValidationError

from mockserver.models.base import Uuid
from mockserver.models.primitives import Date, DateTime, Email, Maybe, Unique, Uri

MaybeText: TypeAlias = Maybe[str]
UniqueNumbers: TypeAlias = Unique[tuple[int, ...]]

MOMENT = dt.datetime(2023, 1, 10, 14, 15, 22, tzinfo=dt.UTC)


def _read(kind: Any, json: str) -> Any:
    return TypeAdapter(kind).validate_json(json, strict=True)


@pytest.mark.parametrize(
    "text", ["2023-01-10T14:15:22Z", "2023-01-10t14:15:22z", "2023-01-10T16:15:22+02:00", "2023-01-10T14:15:22.000Z"]
)
def test_a_moment_may_be_written_in_several_ways(text: str) -> None:
    assert _read(DateTime, f'"{text}"') == MOMENT


def test_a_fraction_is_cut_to_microseconds() -> None:
    assert _read(DateTime, '"2023-01-10T14:15:22.980159529Z"') == MOMENT.replace(microsecond=980159)


@pytest.mark.parametrize(
    "json",
    [
        "1673360122",
        '"1673360122"',
        '"2023-01-10T14:15:22"',
        '"2023-01-10"',
        '"2023-02-30T00:00:00Z"',
        '"20230110T141522Z"',
    ],
)
def test_what_is_no_moment_with_an_offset_is_refused(json: str) -> None:
    with pytest.raises(ValidationError):
        _read(DateTime, json)


def test_a_naive_moment_is_refused_from_code_too() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(DateTime).validate_python(MOMENT.replace(tzinfo=None))


def test_a_day_is_read() -> None:
    assert _read(Date, '"2023-01-10"') == dt.date(2023, 1, 10)


@pytest.mark.parametrize("json", ["19367", '"20230110"', '"2023-02-30"', '"2023-01-10T00:00:00Z"', '"2023-W02-2"'])
def test_what_is_no_day_is_refused(json: str) -> None:
    with pytest.raises(ValidationError):
        _read(Date, json)


@pytest.mark.parametrize("text", ["1EA60F56-B67B-61FC-829A-0242AC130003", "1ea60f56b67b61fc829a0242ac130003"])
def test_a_uuid_is_kept_lower_case_and_dashed(text: str) -> None:
    assert _read(Uuid, f'"{text}"') == "1ea60f56-b67b-61fc-829a-0242ac130003"


@pytest.mark.parametrize(
    ("kind", "text"),
    [(Email, "jane"), (Email, "jane@-x.org"), (Uri, "example.com/a"), (Uri, "https://example.com/a b")],
)
def test_a_wrong_address_is_refused(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError):
        _read(kind, f'"{text}"')


def test_a_member_that_may_be_absent_is_never_null() -> None:
    assert _read(MaybeText, '"x"') == "x"
    with pytest.raises(ValidationError, match="leave the member out"):
        _read(MaybeText, "null")


def test_unique_items_are_compared_by_value() -> None:
    assert _read(UniqueNumbers, "[1, 2]") == (1, 2)
    with pytest.raises(ValidationError, match="unique"):
        _read(UniqueNumbers, "[1, 1]")
