"""The check of topics (tests/domain/test_registered.py) finds what it is for."""

from __future__ import annotations

import inspect

import pytest

from mockserver.domain import topics
from tests.domain.support.topic_uses import NAMES, Uses

WAITS = "def f(): raise Hold('why', topic=topics.user(a), also=topics.role(b))"
STIRS = "def g(world): stir(world, topics.user(a))"


def test_sides_are_told_apart() -> None:
    assert Uses({"a": WAITS, "b": STIRS}).seen == {("user", "Hold"), ("role", "Hold"), ("user", "stir")}


def test_a_topic_made_before_the_call_counts() -> None:
    assert Uses({"a": "def f(world):\n  t = topics.user(a)\n  stir(world, t)"}).seen == {("user", "stir")}


def test_a_topic_that_a_property_has_counts_where_the_property_is_used() -> None:
    have = "class Cash:\n  def trading_topic(self): return topics.cash_for_trading(self.id)"
    assert Uses({"a": have}).seen == set()
    assert Uses({"a": have, "b": "def f(): raise Hold('', topic=cash.trading_topic)"}).seen == {
        ("cash_for_trading", "Hold")
    }


@pytest.mark.parametrize(
    "line", ["stir(world, f'user/{a}')", "stir(world, topics.user(a), 'user')", "Hold('why', topic='user')"]
)
def test_a_topic_spelled_out_is_found(line: str) -> None:
    assert Uses({"a": f"def f(world):\n  {line}"}).spelled == ["a:2"]


def test_topics_are_told_apart() -> None:
    made = [getattr(topics, name)(*["x"] * len(inspect.signature(getattr(topics, name)).parameters)) for name in NAMES]
    assert len(set(made)) == len(made) > 10
