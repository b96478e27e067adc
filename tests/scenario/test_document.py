"""Reading YAML: plain data with lines, and nothing that a scenario may not hold."""

from __future__ import annotations

import re

import pytest

from mockserver.scenario.document import MAX_DEPTH, MAX_VALUES, Document, parse
from mockserver.scenario.errors import ScenarioError


def read(text: str) -> Document:
    return parse(text, "a.yaml")


def refusal(text: str) -> str:
    with pytest.raises(ScenarioError) as raised:
        read(text)
    return str(raised.value)


def test_every_value_knows_its_line() -> None:
    document = read("name: a\nsteps:\n  - note: one\n  -\n    note: two\n")
    assert document.line(("name",)) == 1
    assert document.line(("steps", 0, "note")) == 3
    assert document.line(("steps", 1, "note")) == 5


def test_a_place_that_is_not_there_has_the_line_of_what_is_around_it() -> None:
    document = read("name: a\nclock:\n  now: x\n")
    assert document.line(("clock", "mode", "deeper")) == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("12:30", "12:30"),
        ("2023-01-10", "2023-01-10"),
        ("2023-01-10T08:00:00Z", "2023-01-10T08:00:00Z"),
        ("true", True),
        ("~", None),
        ("", None),
        ("42", 42),
        ("-1.5", -1.5),
        ('"42"', "42"),
        ("1e999", "1e999"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: object) -> None:
    data = read(f"a: {text}").data["a"]
    assert data == value
    assert type(data) is type(value)


def test_json_is_read_as_well() -> None:
    assert read('{"name": "a", "seed": 1}').data == {"name": "a", "seed": 1}


def test_keys_are_text_even_where_they_look_like_numbers() -> None:
    assert read("1: a\ntrue: b").data == {"1": "a", "true": "b"}


def test_an_alias_stands_for_what_it_names() -> None:
    document = read("a: &x {b: 1}\nc: *x")
    assert document.data == {"a": {"b": 1}, "c": {"b": 1}}
    assert document.line(("c", "b")) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2", "a.yaml:2: 'a' stands here twice"),
        ("a: !!python/name:os.system x", "a.yaml:1: a scenario has no tags"),
        ("a: !!set {b}", "a.yaml:1: a scenario has no tags"),
        ("b: 1\n<<: 2", "a.yaml:2: merging with <<"),
        ("a: 1\n---\nb: 2", "a.yaml:2: a file holds one scenario"),
        ("a: [1, 2\nb: 3", "a.yaml:2: is not YAML"),
        ("a:\n\t- b", "a.yaml:2: is not YAML"),
        ("a: *x", "*x names no complete value before it"),
        ("a: &x [*x]", "*x names no complete value before it"),
        ("? [a]\n: b", "the name of a member must be text"),
        ("\0", "is not YAML"),
        ("[" * (MAX_DEPTH + 1), f"deeper than {MAX_DEPTH} levels"),
    ],
)
def test_what_a_scenario_may_not_hold(text: str, message: str) -> None:
    assert message in refusal(text)


def test_deep_nesting_stops_at_the_bound_and_not_at_the_end_of_the_stack() -> None:
    # By our bound, or by the parser's own, which from PyYAML 6.0.4 on comes first where the text is all in one line.
    assert re.search("nested deeper|maximum nesting depth", refusal("[" * 100_000))


def test_aliases_cannot_blow_a_file_up() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert f"more than {MAX_VALUES} values" in refusal("\n".join(lines))


def test_a_file_has_a_largest_size() -> None:
    assert "larger than" in refusal("a: " + "x" * 6_000_000)
