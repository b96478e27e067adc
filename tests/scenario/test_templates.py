"""Templates: what a text in a scenario may stand for."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.scenario.templates import UnknownNameError, expressions, filled, path_parts

NAMES: dict[str, Any] = {
    "savings": "51cdc0cc-9042-4bed-b017-2eabd0c03f8a",
    "order": {"status": 200, "body": {"id": "x", "orders": [{"id": "first"}, {"id": "last"}]}},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("/accounts/${savings}/orders", "/accounts/51cdc0cc-9042-4bed-b017-2eabd0c03f8a/orders"),
        ("${order.status}", 200),
        ("status ${order.status}", "status 200"),
        ("${order.body.orders[1].id}", "last"),
        ("${order.body.orders.0.id}", "first"),
        ("${order.body.orders[-1]}", {"id": "last"}),
        ("${any}", "${any}"),
        ("${regex:[0-9]{3}}", "${regex:[0-9]{3}}"),
        ("no template", "no template"),
    ],
)
def test_filling_in(text: str, value: object) -> None:
    assert filled(text, NAMES) == value


def test_templates_are_filled_in_at_any_depth() -> None:
    assert filled({"a": ["${savings}", 1]}, NAMES) == {"a": [NAMES["savings"], 1]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${saving}", "nothing is called 'saving' here (known: order, savings)"),
        ("${order.body.nope}", "order.body has no 'nope': it holds id, orders"),
        ("${order.body.orders[2]}", "order.body.orders has no '2': it is a list of 2"),
        ("${order.body.id.x}", "order.body.id has no 'x': it is 'x'"),
    ],
)
def test_a_template_that_names_nothing_says_what_there_is(text: str, message: str) -> None:
    with pytest.raises(UnknownNameError, match=message.replace("(", r"\(").replace(")", r"\)")):
        filled(text, NAMES)


def test_templates_are_found_with_their_places_and_matchers_are_left_out() -> None:
    assert list(expressions({"a": ["${x}/${y.body}", "${uuid}"]})) == [(("a", 0), "x"), (("a", 0), "y.body")]


def test_a_path_has_dots_and_brackets() -> None:
    assert path_parts("data[0].id") == path_parts("data.0.id") == ["data", "0", "id"]
