"""Durations as people write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kernel.durations import duration, written

spans = st.integers(0, timedelta(days=110_000) // timedelta(milliseconds=1)).map(
    lambda count: timedelta(milliseconds=count)
)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("250ms", timedelta(milliseconds=250)),
        ("5s", timedelta(seconds=5)),
        ("0s", timedelta()),
        ("1.5s", timedelta(milliseconds=1500)),
        ("90m", timedelta(minutes=90)),
        ("1h30m", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("1w", timedelta(days=7)),
        ("1w2d3h4m5s6ms", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5, milliseconds=6)),
        (" 5s ", timedelta(seconds=5)),
    ],
)
def test_a_duration_is_read(text: str, span: timedelta) -> None:
    assert duration(text) == span


@given(spans)
def test_what_is_written_is_read_again(span: timedelta) -> None:
    assert duration(written(span)) == span


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(), "0s"),
        (timedelta(days=9), "9d"),
        (timedelta(seconds=90), "1m30s"),
        (timedelta(milliseconds=1), "1ms"),
        (timedelta(microseconds=1), "0s"),
    ],
)
def test_a_duration_is_written_in_the_largest_units(span: timedelta, text: str) -> None:
    assert written(span) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "5",
        "s",
        "-5s",
        "+5s",
        "1h 30m",
        "5 s",
        "1e3s",
        ".5s",
        "5.s",
        "1.5.5s",
        "5S",
        "PT5S",
        "1y",
        "soon",
        "5s!",
        "٥s",
    ],
)
def test_a_bad_duration_says_what_would_pass(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration: write for example 250ms, 5s, 1h30m, 2d or 1w"):
        duration(text)


@pytest.mark.parametrize("text", ["999999999999d", "9" * 500 + "w"])
def test_a_duration_that_no_date_could_be_moved_by_is_too_long(text: str) -> None:
    with pytest.raises(ValueError, match="is too long a duration"):
        duration(text)


@given(st.text(alphabet="0123456789.smhdw -", max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ValueError):
        assert duration(text) >= timedelta()
