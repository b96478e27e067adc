"""The files that pages load: under an address with the hash of their bytes, so that browsers keep them for ever."""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final, NamedTuple

FOLDER: Final = files("mockserver.ui") / "static"

TYPES: Final = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
"""The media type by the end of the name; other files are not served."""

PACKED: Final = frozenset({"js", "css", "svg"})
"""What gets smaller by compressing it."""

FILES: Final = (
    "style.css",
    "icon.svg",
    "htmx.js",
    "hx-sse.js",
    "hotkey.js",
    "clipboard-copy.js",
    "keys.js",
    "inter.woff2",
    "jetbrains-mono.woff2",
)

HASH: Final = 12
"""Characters of the hash that an address has."""


class StaticFile(NamedTuple):
    """One file as it is sent."""

    name: str
    hash: str
    media_type: str
    body: bytes
    packed: bytes | None
    """The same, compressed; ``None`` where that would not make it smaller."""


@cache
def static_file(name: str) -> StaticFile:
    """A file by its name; the fonts that the style sheet names get the addresses with their hashes."""
    ending = name.rpartition(".")[2]
    body = (FOLDER / name).read_bytes()
    if ending == "css":
        for font in FILES:
            if font.endswith(".woff2"):
                body = body.replace(f"url({font})".encode(), f"url(../{static_file(font).hash}/{font})".encode())
    if name == "keys.js":
        body = body.replace(b"./hotkey.js", f"../{static_file('hotkey.js').hash}/hotkey.js".encode())
    packed = gzip.compress(body, mtime=0) if ending in PACKED else None
    return StaticFile(name, sha256(body).hexdigest()[:HASH], TYPES[ending], body, packed)


def address(name: str) -> str:
    """Where a page finds a file."""
    return f"/_mock/ui/static/{static_file(name).hash}/{name}"
