"""docs/guides.md: each of the vendor's guides, the shipped scenario or test that walks it, and what differs."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final, NamedTuple

import pytest

from mockserver.scenario import shipped
from tests.docs.pages import ROOT, text_of

PAGE: Final = "docs/guides.md"
ADDRESS: Final = re.compile(r"https://docs\.upvest\.co/[\w./-]*\w")
NEW: Final = {"child-account", "block-orders", "late-cancellation", "instruments-and-prices"}
"""Scenarios that were written for a guide."""


class Guide(NamedTuple):
    """A row of the page."""

    address: str
    scenarios: tuple[str, ...]
    tests: tuple[str, ...]
    differs: str


def guides() -> list[Guide]:
    rows = [line.strip("| ").split(" | ") for line in text_of(PAGE).splitlines() if line.startswith("| [")]
    return [
        Guide(
            ADDRESS.findall(row[0])[0],
            tuple(re.findall(r"\(\.\./scenarios/([\w-]+)\.yaml\)", row[1])),
            tuple(re.findall(r"\(\.\./(tests/[\w/]+\.py)\)", row[1])),
            row[2].strip() if len(row) > 2 else "",
        )
        for row in rows
    ]


GUIDES: Final = guides()


def named_by(scenario: str) -> set[str]:
    """The guides that a scenario names in its first lines."""
    head, _, _ = shipped.files()[scenario].read_text(encoding="utf-8").partition("\nname:")
    return set(ADDRESS.findall(head))


def test_each_guide_has_one_row() -> None:
    assert [address for address, count in Counter(guide.address for guide in GUIDES).items() if count > 1] == []


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.address.rpartition("/")[2])
def test_a_guide_is_walked_by_what_names_it_or_out_of_reach(guide: Guide) -> None:
    if not guide.scenarios and not guide.tests:
        assert guide.differs.startswith("out of reach: ")
    for scenario in guide.scenarios:
        assert guide.address in named_by(scenario)
    for path in guide.tests:
        assert guide.address in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("scenario", sorted(shipped.files()))
def test_a_scenario_names_no_guide_that_the_page_does_not_say_it_walks(scenario: str) -> None:
    assert named_by(scenario) == {guide.address for guide in GUIDES if scenario in guide.scenarios}


def test_the_scenarios_of_guides_are_shipped_and_walk_them() -> None:
    assert all(named_by(scenario) for scenario in NEW)


def test_guides_that_facts_cite_are_walked_or_not_of_the_kind() -> None:
    """Every guide by which a rule is documented stands on the page; concepts and pages of the API are no guides."""
    facts = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs/facts").glob("*.md")))
    cited = set(re.findall(r"docs\.upvest\.co/[\w./-]*/guides/[\w./-]*\w", facts))
    known = {guide.address.removeprefix("https://") for guide in GUIDES}
    pages = {address.partition("/guides/")[2] for address in known}
    assert {address for address in cited if address.partition("/guides/")[2] not in pages} == set()
