"""The second, the first three, every tenth: which occurrences are meant, and which cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from mockserver.kernel.ids import Ids
from mockserver.kernel.undo import Undo
from mockserver.protocol.matching_counts import UNMET, Occurrence
from tests.conftest import NOW


def occurrence(**members: Any) -> Occurrence:
    return Occurrence.model_validate(members)


def acted(rule: Occurrence, count: int, seed: int = 1) -> list[int]:
    """The numbers, from 1, of those among ``count`` that it happens to."""
    ids, tally, found = Ids(seed, Undo()), UNMET, []
    for number in range(1, count + 1):
        before, tally = tally, tally.met(rule, ids, "fault r1", NOW)
        if tally.acted > before.acted:
            found.append(number)
    assert (tally.seen, tally.acted) == (count, len(found))
    return found


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"nth": 2}, [2]),
        ({"nth": [2, 4]}, [2, 4]),
        ({"nth": {"from": 3}}, [3, 4, 5]),
        ({"nth": {"until": 2}}, [1, 2]),
        ({"nth": {"from": 2, "until": 4}}, [2, 3, 4]),
        ({"times": 2}, [1, 2]),
        ({"nth": {"from": 3}, "times": 1}, [3]),
        ({"probability": 1}, [1, 2, 3, 4, 5]),
    ],
)
def test_which_are_meant(members: Any, expected: list[int]) -> None:
    assert acted(occurrence(**members), 5) == expected


def test_chance_is_of_the_seed() -> None:
    rule = occurrence(probability=0.3)
    once = acted(rule, 1000)
    assert 200 < len(once) < 400
    assert acted(rule, 1000) == once
    assert acted(rule, 1000, seed=2) != once


def test_chance_and_times_go_together() -> None:
    assert acted(occurrence(probability=0.3, times=2), 1000) == acted(occurrence(probability=0.3), 1000)[:2]


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"nth": 0}, "must be at least 1 and at most 1000000, not 0"),
        ({"nth": -1}, "must be at least 1 and at most 1000000, not -1"),
        ({"nth": 10**9}, "must be at least 1 and at most 1000000, not 1000000000"),
        ({"nth": []}, "an empty list"),
        ({"nth": [1, 1]}, "stands in the list twice"),
        ({"nth": list(range(1, 1002))}, "more than 1000"),
        ({"nth": [{"from": 1}]}, "a list holds numbers"),
        ({"nth": True}, "'True' is no number"),
        ({"nth": "second"}, "'second' is no number"),
        ({"nth": {"from": 4, "until": 2}}, "not from 4 to 2"),
        ({"nth": 2, "times": 3}, "times 3 cannot be reached: nth names 1"),
        ({"nth": [1, 2], "times": 3}, "nth names 2"),
        ({"nth": {"until": 2}, "times": 3}, "nth names 2"),
        ({"times": 0}, "greater than or equal to 1"),
        ({"probability": 0}, "greater than 0"),
        ({"probability": 1.1}, "less than or equal to 1"),
        ({"nht": 1}, "Extra inputs"),
    ],
)
def test_what_cannot_be_meant(members: Any, text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        occurrence(**members)


@pytest.mark.parametrize(
    ("inner", "outer", "within"),
    [
        ({"nth": 2}, {}, True),
        ({}, {"nth": {"from": 1}}, True),
        ({"nth": 2}, {"nth": [1, 2]}, True),
        ({"nth": [1, 3]}, {"nth": {"until": 2}}, False),
        ({"nth": {"from": 2, "until": 3}}, {"nth": {"from": 2}}, True),
        ({"nth": {"from": 3}}, {"nth": {"from": 2}}, True),
        ({"nth": {"from": 1}}, {"nth": {"from": 2}}, False),
        ({}, {"nth": 2}, False),
    ],
)
def test_one_names_no_more_than_another(inner: Any, outer: Any, within: bool) -> None:
    assert occurrence(**inner).within(occurrence(**outer)) is within
