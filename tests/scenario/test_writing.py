"""Scenarios as YAML: what is written reads back as the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.scenario.document import parse
from mockserver.scenario.writing import as_yaml

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17) + 1, 10**17 - 1) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXT.filter(lambda key: key != "<<"), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(value=JSON)
def test_any_value_reads_back(value: Any) -> None:
    assert parse(as_yaml({"name": "x", "steps": [value]}), "x.yaml").data == {"name": "x", "steps": [value]}


@pytest.mark.parametrize(
    "text",
    [
        "1e5",
        "08",
        "0812345678",
        "1.00",
        ".5",
        "no",
        "null",
        "~",
        "",
        "12:30",
        "2023-01-10",
        "- x",
        "a: b",
        "#",
        "'",
        "${x}",
    ],
)
def test_a_text_stays_a_text(text: str) -> None:
    assert parse(as_yaml({"note": text}), "x.yaml").data == {"note": text}


def test_values_that_stand_twice_are_written_twice() -> None:
    value = {"a": [1]}
    assert "&" not in as_yaml({"one": value, "two": value})
