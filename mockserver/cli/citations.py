"""Citations of the fact pages (``trading.md §10.3``): finding them in a text, and linking them.

The pages are ``docs/facts/*.md`` of the repository; each of their sections has an anchor of its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    r"(?P<page>[a-z][a-z0-9-]*)\.md\b"
    r"|(?P<elsewhere>RFC \d+|[Dd]raft \d+)"
    r"|§(?P<section>\d+(?:\.\d+)*)"
    r"|(?P<end>\n\s*\n|\n[^\S\n]*(?:def|class) )"
)


class Citation(NamedTuple):
    """A section of a page that a text cites."""

    page: str
    """``""`` where the text names no page."""
    section: str
    start: int
    """The position of the first character: of the page's name where it is right before the section, else of ``§``."""
    end: int


def citations(text: str) -> Iterator[Citation]:
    """Yield the citations of a text; a bare ``§4`` belongs to the last page named before it, else to the first one."""
    page = next((match["page"] for match in _TOKEN.finditer(text) if match["page"]), "")
    elsewhere, named = False, (-1, -1)
    for match in _TOKEN.finditer(text):
        if match["page"]:
            page, elsewhere, named = match["page"], False, match.span()
        elif match["elsewhere"]:
            elsewhere = True
        elif match["end"]:
            elsewhere = False
        elif not elsewhere:
            directly = text[named[1] : match.start()] == " "
            yield Citation(page, match["section"], named[0] if directly else match.start(), match.end())


def linked(text: str, folder: str = "facts") -> str:
    """The text with every citation as a Markdown link to its section."""
    parts, done = [], 0
    for page, section, start, end in citations(text):
        if page:
            parts += [text[done:start], f"[{text[start:end]}]({folder}/{page}.md#{section})"]
            done = end
    return "".join([*parts, text[done:]])
