"""The lines that a failed expectation shows."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.replay.diff import MOST_LINES, diff


def test_what_is_as_expected_has_no_lines() -> None:
    assert diff({"a": "${any}", "b": [1]}, {"a": 7, "b": [1], "c": "not named"}) == ()


def test_only_the_members_that_the_expectation_names_are_shown() -> None:
    assert diff({"status": "FILLED", "id": "x"}, {"status": "NEW", "id": "x", "other": 1}) == (
        '- status: "FILLED"',
        '+ status: "NEW"',
        '  id: "x"',
    )


def test_what_lies_deeper_is_indented_below_its_names() -> None:
    expected: dict[str, Any] = {"meta": {"count": 1}, "data": [{"quantity": "2"}, {"quantity": "3"}]}
    actual = {"meta": {"count": 1}, "data": [{"quantity": "2"}, {"quantity": "4"}]}
    assert diff(expected, actual) == (
        '  meta: {"count": 1}',
        "  data:",
        '    [0] {"quantity": "2"}',
        "    [1]",
        '-     quantity: "3"',
        '+     quantity: "4"',
    )


@pytest.mark.parametrize(
    ("expected", "actual", "lines"),
    [
        ({"a": 1}, {}, ("- a: 1",)),
        ({"a": "${absent}"}, {"a": 1}, ("- a: ${absent}", "+ a: 1")),
        ([1], [1, 2], ("  [0] 1", "+ [1] 2")),
        ([1, 2], [1], ("  [0] 1", "- [1] 2")),
        ({"a": {"b": 1}}, {"a": "text"}, ('- a: {"b": 1}', '+ a: "text"')),
        ({"$length": 2}, [1], ('- {"$length": 2}', "+ [1]")),
        ({"a": 1}, None, ('- {"a": 1}', "+ null")),
        ("${uuid}", "x", ("- ${uuid}", '+ "x"')),
    ],
)
def test_both_sides_of_a_difference_are_shown(expected: Any, actual: Any, lines: tuple[str, ...]) -> None:
    assert diff(expected, actual) == lines


def test_a_long_list_is_cut() -> None:
    assert len(diff(list(range(1000)), list(range(1, 1001)))) == MOST_LINES + 1
