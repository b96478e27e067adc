"""Files and names of this repository that pages mention are there, so that a move of a module corrects the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT

PAGES = [path for path in (*ROOT.glob("*.md"), *sorted(DOCS.rglob("*.md"))) if path.name != "CHANGELOG.md"]
"""But the changelog: it is about what was there once, too."""
PACKAGE = ROOT / "mockserver"
BASES = (ROOT, PACKAGE)
"""A page may write `kernel/undo.py` for `mockserver/kernel/undo.py`."""

FOLDERS = frozenset(
    path.name for base in BASES for path in base.iterdir() if path.is_dir() and not path.name.startswith(".")
)
MEMBER = re.compile(r"`(\w+)` (?:in|of) `([\w./]+\.py)`")


def paths(text: str) -> Iterator[str]:
    """What a page writes as code, outside of examples, and begins with a folder of the repository or the package."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for code in re.findall(r"`([^`\n]+)`", prose):
        for word in code.split():
            if "/" in word and word.partition("/")[0] in FOLDERS:
                yield word


def exists(path: str) -> bool:
    """`<family>` and `…` may be anything."""
    pattern = re.sub(r"<\w+>|…", "*", path).rstrip("/")
    return any(next(base.glob(pattern), None) is not None for base in BASES)


def missing_members(text: str) -> list[str]:
    """Names that a page says are in a module, and are not."""
    return [
        f"{name} in {path}"
        for name, path in MEMBER.findall(text)
        if not any(
            re.search(rf"\b{name}\b", (base / path).read_text(encoding="utf-8"))
            for base in BASES
            if (base / path).exists()
        )
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_mentions_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [path for path in paths(text) if not exists(path)] == []
    assert missing_members(text) == []


def test_pages_mention_some() -> None:
    assert sum(len(list(paths(page.read_text(encoding="utf-8")))) for page in PAGES) > 30


def test_a_path_that_does_not_exist_is_found() -> None:
    text = "run `python -m pytest tests/nowhere/test_it.py`, `kernel/undo.py`, `domain/<family>/`, `/orders/{id}`"
    assert [path for path in paths(text) if not exists(path)] == ["tests/nowhere/test_it.py"]


def test_a_name_that_is_not_there_is_found() -> None:
    text = "`FAMILIES` of `tests/test_families.py`, `FAMILIES` in `tests/lanes.py`"
    assert missing_members(text) == ["FAMILIES in tests/lanes.py"]
