"""Values of a request as a message repeats them: bounded, and fit to be written as UTF-8."""

from __future__ import annotations

from typing import Final

LONGEST_DETAIL: Final = 2_000
"""Characters of a detail. A request may be megabytes of mistakes; the answer must not be."""
LONGEST_QUOTE: Final = 100
"""Characters of a value that a detail repeats from the request."""


def shortened(text: str, longest: int = LONGEST_QUOTE) -> str:
    """``text`` fit to stand in a detail: not longer than ``longest``, and free of halves of characters."""
    if len(text) > longest:
        text = f"{text[: longest - 1]}…"
    return text.encode("utf-8", "replace").decode()


def quoted(value: object) -> str:
    """A value of the request as a detail shows it."""
    return f"'{shortened(value)}'" if isinstance(value, str) else shortened(str(value))
