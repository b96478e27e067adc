"""A request as it may be sent again: by curl, and as the step of a scenario."""

from __future__ import annotations

from shlex import quote
from typing import Any, Final

from mockserver.protocol.journal import Entry
from mockserver.recording.names import Names
from mockserver.recording.requests import left_out, request_step

BY_THE_CONNECTION: Final = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding"})
"""Headers that curl writes by itself."""


def as_curl(entry: Entry) -> str:
    """The command that sends the request again; secrets are masked in it, as they are in the journal."""
    host = entry.headers.get("host", "127.0.0.1:8080")
    query = f"?{entry.query}" if entry.query else ""
    words = ["curl", "-X", entry.method, f"http://{host}{entry.path}{query}"]
    for name, value in entry.headers.items():
        if name.lower() not in BY_THE_CONNECTION:
            words += ["-H", f"{name.lower()}: {value}"]
    if entry.body:
        words += ["--data-binary", entry.body.decode("utf-8", "replace")]
    return " ".join(map(quote, words))


def as_step(entry: Entry) -> dict[str, Any]:
    """The step that sends it and expects its answer, with the ids as they were; or why no scenario can have it."""
    why = left_out(entry)
    if why is not None:
        return {"step": None, "no_step": why.removeprefix("!")}
    return {"step": request_step(entry, Names({}, {}), repeated=False), "no_step": None}
