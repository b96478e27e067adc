"""What was expected beside what came, line by line, as people compare them.

Only what the expectation names is shown, since nothing else counts. Lines that begin with ``-`` were expected, with
``+`` came; what agrees is shown once, shortened.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Any

from mockserver.scenario.matching import ABSENT, matches, shown
from mockserver.scenario.templates import is_matcher

LONGEST = 120
"""Characters of a value in a line."""
MOST_LINES = 200
STEP = "  "


def diff(expected: Any, actual: Any) -> tuple[str, ...]:
    """The lines; none when what came is as expected."""
    if matches(expected, actual):
        return ()
    lines: list[str] = []
    for line in _lines(expected, actual, "", ""):
        if len(lines) == MOST_LINES:
            lines.append("  …")
            break
        lines.append(line)
    return tuple(lines)


def _lines(expected: Any, actual: Any, label: str, indent: str) -> Iterator[str]:
    if matches(expected, actual):
        if actual is not ABSENT:
            yield f"  {indent}{label}{shown(actual, LONGEST)}"
    elif isinstance(expected, Mapping) and isinstance(actual, Mapping) and not _marked(expected):
        inner = yield from _heading(label, indent)
        for name, entry in expected.items():
            yield from _lines(entry, actual.get(name, ABSENT), f"{name}: ", inner)
    elif isinstance(expected, list) and isinstance(actual, list):
        inner = yield from _heading(label, indent)
        for index in range(max(len(expected), len(actual))):
            wanted = expected[index] if index < len(expected) else ABSENT
            came = actual[index] if index < len(actual) else ABSENT
            yield from _lines(wanted, came, f"[{index}] ", inner)
    else:
        if expected is not ABSENT:
            yield f"- {indent}{label}{_wanted(expected)}"
        if actual is not ABSENT:
            yield f"+ {indent}{label}{shown(actual, LONGEST)}"


def _heading(label: str, indent: str) -> Generator[str, None, str]:
    """The line of what holds the next ones; returns their indent."""
    if not label:
        return indent
    yield f"  {indent}{label.rstrip()}"
    return indent + STEP


def _marked(expected: Mapping[str, Any]) -> bool:
    """``{$contains: […]}`` and its like stand for a value as a whole."""
    return len(expected) == 1 and next(iter(expected)).startswith("$")


def _wanted(expected: Any) -> str:
    return expected if isinstance(expected, str) and is_matcher(expected) else shown(expected, LONGEST)
