"""The sources that rules cite are in the repository, and every cited section exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mockserver.cli.citations import Citation, citations, linked
from tests.docs.pages import DOCS, ROOT

FACTS = DOCS / "facts"
ANCHOR = re.compile(r'<a id="([\d.]+)"></a>')

CITING = sorted(
    path
    for folder in ("mockserver", "tests", "docs", "scenarios", "examples", "benchmarks")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".yaml", ".md"} and "§" in path.read_text(encoding="utf-8")
)
THIS = Path(__file__).parent


def sections(page: Path) -> list[str]:
    """The numbers of a page's sections, in order; a numbered point of a list of questions is one."""
    return ANCHOR.findall(page.read_text(encoding="utf-8"))


PAGES = {path.stem: frozenset(sections(path)) for path in FACTS.glob("*.md")}


@pytest.mark.parametrize(
    "path", [path for path in CITING if THIS not in path.parents], ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_cited_section_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.parent == FACTS:
        text = f"{path.name} {text}"  # a bare section is the page's own
    found = list(citations(text))
    wrong = [
        f"line {text.count(chr(10), 0, each.start) + 1}: {each.page}.md §{each.section}"
        for each in found
        if not exists(each)
    ]
    assert not wrong


def exists(citation: Citation) -> bool:
    return citation.section in PAGES.get(citation.page, ())


def test_the_rules_cite_the_pages_all_over() -> None:
    assert sum(len(list(citations(path.read_text(encoding="utf-8")))) for path in CITING) > 1_000


@pytest.mark.parametrize("page", sorted(FACTS.glob("*.md")), ids=lambda page: page.name)
def test_a_page_has_each_section_once(page: Path) -> None:
    found = sections(page)
    assert len(found) == len(set(found))
    numbered = re.findall(r"^#{2,3} (\d+(?:\.\d+)?)\.? ", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert [section for section in found if section in numbered] == numbered


def test_a_bare_section_belongs_to_the_page_named_last() -> None:
    text = '"""Rules (a.md §1, §2.3)."""\n(§4) b.md §5 and §6; RFC 9110 §7\n\n§8'
    assert [(each.page, each.section) for each in citations(text)] == [
        ("a", "1"),
        ("a", "2.3"),
        ("a", "4"),
        ("b", "5"),
        ("b", "6"),
        ("b", "8"),
    ]


def test_a_citation_that_leads_nowhere_is_found() -> None:
    (citation,) = citations("see trading.md §99")
    assert not exists(citation)
    (citation,) = citations("only §1 is said")
    assert citation.page == ""
    assert not exists(citation)


def test_citations_become_links() -> None:
    assert linked("a.md §1, §2 [D]; RFC 9110 §5.2") == "[a.md §1](facts/a.md#1), [§2](facts/a.md#2) [D]; RFC 9110 §5.2"
