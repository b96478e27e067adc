"""What holds for all pages: whole blocks, links that lead somewhere, an index that leaves nothing out."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, anchors

PAGES = [str(path.relative_to(ROOT)) for path in (*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")))]

pages = pytest.mark.parametrize("page", PAGES)


def links(page: str) -> list[str]:
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", text)


@pages
def test_every_block_is_closed(page: str) -> None:
    fences = re.findall(r"^```\w*$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert fences[1::2] == ["```"] * (len(fences) // 2)
    assert len(fences) % 2 == 0


@pages
def test_every_link_leads_somewhere(page: str) -> None:
    for link in links(page):
        if link.startswith("https://"):
            continue
        target, _, anchor = link.partition("#")
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), link
        if anchor:
            assert anchor in anchors(str(path.resolve().relative_to(ROOT))), link


def test_the_index_has_every_page_and_example() -> None:
    shown = chain(DOCS.glob("*.md"), DOCS.glob("ci/*"), DOCS.glob("facts/README.md"))
    there = {path.relative_to(DOCS).as_posix() for path in shown}
    assert there - {"README.md"} == set(links("docs/README.md"))


@pages
def test_no_page_names_a_place_of_one_machine(page: str) -> None:
    assert not re.search(r"/(home|root|work|Users)/\w", (ROOT / page).read_text(encoding="utf-8"))
    assert not Path(page).is_absolute()
