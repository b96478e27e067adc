"""Expectations: what counts, what does not, and how a difference reads."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.scenario.matching import differences, matches


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({}, {"a": 1}),
        ({"a": None}, {"a": None}),
        ([{"a": 1}, {}], [{"a": 1, "b": 2}, {"c": 3}]),
        ("${any}", None),
        ({"a": "${absent}"}, {"b": 1}),
        ("${uuid}", "43801b85-bbcf-41c7-8389-b018082a5ec5"),
        ("${time}", "2023-01-10T08:00:00Z"),
        ("${time}", "2023-01-10T08:00:00.100000Z"),
        ("${date}", "2023-01-10"),
        ("${number}", "-0.65"),
        ("${text}", ""),
        ("${regex:[A-Z]{2}[0-9]+}", "DE0007664005"),
        ({"$contains": [3, 1]}, [1, 2, 3]),
        ({"$any_order": [3, 1, 2]}, [1, 2, 3]),
        ({"$length": 0}, []),
        ({"$exact": {"a": 1}}, {"a": 1}),
    ],
)
def test_matches(expected: Any, actual: Any) -> None:
    assert matches(expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual", "message"),
    [
        ({"a": 1}, {"a": 2}, "(root).a: expected 1, got 2"),
        ({"a": 1}, {}, "(root).a: expected 1, got nothing"),
        ({"a": {"b": "x"}}, {"a": {"b": None}}, '(root).a.b: expected "x", got null'),
        ("142.29", "142.290", '(root): expected "142.29", got "142.290"'),
        (142.29, "142.29", "(a number; the API sends text: put it in quotes)"),
        (1, True, "(root): expected 1, got true"),
        ([1], [1, 2], "(root): expected a list of 1, got 2: [1, 2]"),
        ([1, 2], [1, 3], "(root)[1]: expected 2, got 3"),
        ({"a": "${any}"}, {}, "(root).a: expected ${any}, got nothing"),
        ({"a": "${absent}"}, {"a": 0}, "(root).a: expected ${absent}, got 0"),
        ("${uuid}", "x", '(root): expected ${uuid}, got "x"'),
        ("${number}", 5, "(root): expected ${number}, got 5"),
        ({"$contains": [1, 1]}, [1, 2], "(root): expected an item like 1, got none in [1, 2]"),
        ({"$any_order": [1]}, [1, 2], "(root): expected a list of 1, got 2: [1, 2]"),
        ({"$length": 1}, [], "(root): expected a list of 1, got 0: []"),
        ({"$exact": {"a": 1}}, {"a": 1, "b": 2}, "(root).b: expected nothing, got 2"),
        ({"a": 1}, "x", '(root): expected an object with a, got "x"'),
    ],
)
def test_differences(expected: Any, actual: Any, message: str) -> None:
    assert message in "\n".join(map(str, differences(expected, actual)))


def test_every_difference_is_told() -> None:
    assert [each.place for each in differences({"a": 1, "b": [1, 2]}, {"a": 2, "b": [3, 4]})] == [
        "(root).a",
        "(root).b[0]",
        "(root).b[1]",
    ]
