"""The log of a server, on standard error: lines of text for people, of JSON for those who collect them.

Whatever is logged, by whatever package, tracebacks included, goes through one place that hides secrets.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import orjson

STYLES: Final = ("text", "json")
LEVELS: Final = ("debug", "info", "warning", "error")


Hide = Callable[[str], str]
"""Gives a text without the secrets in it."""


class JsonLines(logging.Formatter):
    """One object in a line: time, level, logger, message, and what the line is about (``extra={"fields": …}``)."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


class Discreet(logging.Formatter):
    """Another formatter's lines without secrets."""

    def __init__(self, lines: logging.Formatter, hide: Hide) -> None:
        super().__init__()
        self._lines = lines
        self.hide = hide
        """May be replaced: the worlds' secrets are known only once the worlds are."""

    def format(self, record: logging.LogRecord) -> str:
        return self.hide(self._lines.format(record))


def configure(style: str, level: str, hide: Hide) -> Discreet:
    """Log what the package tells from ``level`` on, other packages' lines from ``warning`` on, through ``hide``."""
    handler = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", datefmt="%H:%M:%S")
    discreet = Discreet(JsonLines() if style == "json" else plain, hide)
    handler.setFormatter(discreet)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("mockserver").setLevel(level.upper())
    return discreet
