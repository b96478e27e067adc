"""Pages of the documentation, taken apart into the examples that tests run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"

_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ID: Final = re.compile(r'<a id="([^"]+)"></a>')
_FILE: Final = re.compile(r"# (\S+\.(?:py|yaml))\n")


class Block(NamedTuple):
    """One fenced block."""

    heading: str
    """Of the section that it stands in."""
    language: str
    text: str

    @property
    def file(self) -> str | None:
        """Its first line may say under which name it is kept."""
        found = _FILE.match(self.text)
        return None if found is None else found[1]


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, *languages: str) -> list[Block]:
    """The fenced blocks of a page in their order; of these languages, where some are named."""
    return [block for block in _blocks(text_of(page)) if not languages or block.language in languages]


def section(page: str, heading: str) -> list[Block]:
    return [block for block in blocks(page) if block.heading == heading]


def headings(page: str) -> list[str]:
    return _HEADING.findall(_FENCE.sub("", text_of(page)))


def anchors(page: str) -> frozenset[str]:
    """The places of a page that a link can lead to: its headings, and what has an id."""
    return frozenset({*map(slug, headings(page)), *_ID.findall(text_of(page))})


def slug(heading: str) -> str:
    """What a heading is called in a link, and in the name of a test."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _blocks(text: str) -> Iterator[Block]:
    inside = [match.span() for match in _FENCE.finditer(text)]
    named = [
        (match.start(), match[1])
        for match in _HEADING.finditer(text)
        if not any(start <= match.start() < end for start, end in inside)
    ]
    for match in _FENCE.finditer(text):
        above = [name for start, name in named if start < match.start()]
        yield Block(above[-1] if above else "", match[1], match[2])
