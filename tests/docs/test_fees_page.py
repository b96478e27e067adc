"""docs/fees.md: what it says of delays and refusals is what the code does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mockserver.domain.fees import refusals
from mockserver.kernel.profile import profile
from mockserver.kernel.rules import Rule
from tests.docs.pages import text_of

PAGE = text_of("docs/fees.md")
COLLECTIONS = PAGE.partition("\n## Fee collections\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize(
    ("name", "delay", "says"),
    [
        ("sandbox", timedelta(milliseconds=100), "taken 100 ms later"),
        ("live", timedelta(seconds=1), "(`live`: 1 s)"),
    ],
)
def test_a_collection_without_sells_takes_as_long_as_the_page_says(name: str, delay: timedelta, says: str) -> None:
    assert profile(name).stages["fee_collection.collect"].delay == delay
    assert says in COLLECTIONS


def test_every_refusal_of_a_collection_is_on_the_page() -> None:
    """By the number of them: 404 of an unknown account, and the 400s of the family."""
    rules = [rule for name, rule in vars(refusals).items() if name.startswith("COLLECTION_") and isinstance(rule, Rule)]
    assert {rule.status for rule in rules} == {400}
    says = COLLECTIONS.partition("Refused: ")[2].partition(" 400.")[0]
    assert says.partition(" 404; ")[2].count(", ") + 1 == len(rules)
