"""An entry of a world's feed, as an object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from mockserver.client.answers import Attempt, Event, Failure, Move
from mockserver.client.reading import Answer
from mockserver.kernel.frozen import frozen

END: Final = "end"
"""The kind of the last entry: the world was removed, or the server stops."""

GAP: Final = "gap"
"""The kind of an entry that stands for those that are kept no more."""

SILENCE: Final = 60.0
"""Seconds without a line after which the server is taken for dead: it sends one every 15."""


@frozen(kw_only=True)
class FeedEntry(Answer):
    """Something that happened; the member of its kind has it, all others are ``None``."""

    kind: str
    """``request``, ``move``, ``event``, ``delivery``, ``attempt``, ``failure``, ``clock``, ``command``, ``reset``; or
    ``gap``: entries were missed."""
    number: int | None = None
    request: Mapping[str, Any] | None = None
    """As in a list of requests; without ``payload`` it has no headers and bodies."""
    move: Move | None = None
    event: Event | None = None
    delivery: Mapping[str, Any] | None = None
    """As in a list of deliveries, without its attempts."""
    attempt: Attempt | None = None
    failure: Failure | None = None
    clock: Mapping[str, Any] | None = None
    """``at``, ``mode``, whether a move is ``under_way``, and ``until`` when."""
    command: Mapping[str, Any] | None = None
    """``number``, ``at``, ``method``, ``path`` and the ``steps`` of a scenario in its place."""
    reset: Mapping[str, Any] | None = None
    """``at``, and the ``snapshot`` it was taken back to; ``None``: to its beginning."""
    missed: int | None = None
    """Of a gap: how many entries."""


class Lines:
    """Puts the lines of server-sent events together."""

    def __init__(self) -> None:
        self._data = b""

    def take(self, line: bytes) -> FeedEntry | None:
        """The entry that a line ends, if it ends one."""
        line = line.rstrip(b"\r\n")
        if line.startswith(b"data:"):
            self._data += line[5:].strip()
        elif not line and self._data:
            data, self._data = self._data, b""
            return FeedEntry.read(orjson.loads(data))
        return None
