"""A YAML document as plain data, with the line each value stands on.

Read from the parser's events, so that nothing is built that a scenario may not hold: no tags (no code), no keys twice,
bounded size, depth and alias expansion. Scalars follow the core schema of YAML 1.2: ``no`` is text, ``12:30`` is text,
and so is a date.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from mockserver.kernel.frozen import frozen
from mockserver.scenario.errors import Mistake, ScenarioError

Path = tuple[str | int, ...]
Found = Iterator[tuple[Path, str]]
"""Mistakes: each with its place, and a text that follows it."""

MAX_BYTES = 5_000_000
MAX_DEPTH = 60
MAX_VALUES = 500_000

_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_LONGEST_INTEGER = 18  # longer ones are account numbers and the like, and stay text
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@frozen
class Document:
    """The data of a scenario and where it stands."""

    file: str
    data: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of the value at ``path``, or of the innermost value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)

    def mistake(self, path: Path, text: str, kind: str = "a value is not valid") -> Mistake:
        where = written(path)
        return Mistake(self.file, self.line(path), f"{where}: {text}" if where else text, kind)


def written(path: Path) -> str:
    """A path as people read it: ``steps[2].request.method``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def parse(text: str | bytes, file: str) -> Document:
    """Read YAML (or JSON, which is YAML); raises :class:`ScenarioError` with the line of what it cannot read."""
    if len(text) > MAX_BYTES:
        raise ScenarioError([too_large(file)])
    return _Reader(file).read(text)


def too_large(file: str) -> Mistake:
    """The mistake of a document of more than :data:`MAX_BYTES`."""
    text = f"is larger than the {MAX_BYTES // 1_000_000} MB a scenario may have"
    return Mistake(file, 0, text, kind=text)


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been read."""

    data: Any
    path: Path
    anchor: str | None
    before: int
    key: str | None = None


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path, int] = {}
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.values = 0
        self.open: list[_Open] = []
        self.root: Any = None

    def read(self, text: str | bytes) -> Document:
        documents = 0
        try:
            for event in yaml.parse(text, Loader=_LOADER):
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        raise self.stop(event, "a file holds one scenario: take the second '---' document out")
                elif isinstance(event, yaml.NodeEvent):
                    self.node(event)
                elif isinstance(event, yaml.CollectionEndEvent):
                    self.close()
        except yaml.YAMLError as error:
            raise ScenarioError([self._unreadable(error, text)]) from None
        return Document(self.file, self.root, self.lines)

    def node(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise self.stop(event, f"*{event.anchor} names no complete value before it")
            named, size = self.anchors[event.anchor]
            self.count(event, size)
            self.place(event, named)
            return
        if event.tag is not None and (event.tag != "!" or not isinstance(event, yaml.ScalarEvent)):
            raise self.stop(event, f"a scenario has no tags: take {event.tag} out")
        if isinstance(event, yaml.ScalarEvent):
            self.count(event, 1)
            awaits_key = bool(self.open) and isinstance(self.open[-1].data, dict) and self.open[-1].key is None
            value = event.value if awaits_key or event.style else _scalar(event.value)
            self.place(event, value)
            if event.anchor:
                self.anchors[event.anchor] = (value, 1)
            return
        self.count(event, 1)
        if len(self.open) >= MAX_DEPTH:
            raise self.stop(event, f"is nested deeper than {MAX_DEPTH} levels")
        data: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        path = self.place(event, data)
        self.open.append(_Open(data, path, event.anchor, self.values))

    def place(self, event: Any, value: Any) -> Path:
        """Put a value where it belongs (or take it as the next key) and note its line; gives its path."""
        line = event.start_mark.line + 1
        if not self.open:
            self.root = value
            self.lines[()] = line
            return ()
        parent = self.open[-1]
        if isinstance(parent.data, list):
            path = (*parent.path, len(parent.data))
            parent.data.append(value)
            self.lines[path] = line
            return path
        if parent.key is None:
            self.take_key(event, parent, value)
            return parent.path
        path = (*parent.path, parent.key)
        parent.data[parent.key] = value
        parent.key = None
        return path

    def take_key(self, event: Any, parent: _Open, key: Any) -> None:
        if not isinstance(key, str):
            raise self.stop(event, "the name of a member must be text")
        if key == "<<":
            raise self.stop(event, "merging with << is not read: repeat the members, or alias a whole value")
        if key in parent.data:
            first = self.lines[(*parent.path, key)]
            raise self.stop(event, f"{key!r} stands here twice: first on line {first}, put both into one")
        parent.key = key
        self.lines[(*parent.path, key)] = event.start_mark.line + 1

    def close(self) -> None:
        done = self.open.pop()
        if done.anchor:
            self.anchors[done.anchor] = (done.data, self.values - done.before + 1)

    def count(self, event: Any, size: int) -> None:
        self.values += size
        if self.values > MAX_VALUES:
            raise self.stop(event, f"holds more than {MAX_VALUES} values, aliases written out")

    def stop(self, event: Any, text: str) -> ScenarioError:
        return ScenarioError([Mistake(self.file, event.start_mark.line + 1, text)])

    def _unreadable(self, error: yaml.YAMLError, source: str | bytes) -> Mistake:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        context = getattr(error, "context", None)
        text = f"is not YAML: {problem}" + (f" ({context})" if context else "")
        lines = (source if isinstance(source, str) else source.decode(errors="replace")).splitlines()
        if mark is not None:
            text += _advice(lines, mark.line)
        return Mistake(self.file, mark.line + 1 if mark is not None else 0, text, kind="is not YAML")


def _advice(lines: list[str], number: int) -> str:
    """What is probably wrong with a line that the parser stopped at."""
    line = "".join(lines[number : number + 1])
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        return "; the line is indented with a tab: YAML takes spaces only"
    wanted = _column(lines[:number])
    if line.strip() and not line.lstrip().startswith("- ") and wanted not in (None, len(indent)):
        return (
            f"; the line begins in column {len(indent) + 1}, and the entry above it in column {(wanted or 0) + 1}: "
            "members of one entry begin in the same column"
        )
    if "${" in line:
        return "; inside { } and [ ] a ${...} stands in quotes"
    return ""


def _column(before: list[str]) -> int | None:
    """Where the members of the entry begin that the last of these lines belong to; ``None``: in no list."""
    for line in reversed(before):
        entry = re.match(r" *- +(?=\S)", line)
        if entry is not None:
            return entry.end()
        if line[:1].strip():
            return None
    return None


def plain(text: str) -> bool:
    """Whether a text is read as that text where it stands without quotes."""
    return _scalar(text) == text and text != "<<"


def _scalar(text: str) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) <= _LONGEST_INTEGER else text
    if _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text
