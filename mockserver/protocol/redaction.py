"""Secrets whose value is known are hidden wherever they stand, under any name: tokens, client secrets.

:mod:`~mockserver.protocol.masking` hides what a *name* gives away (``client_secret``, ``authorization``). Here the
value itself is looked for: a token in a path, a secret in a member called otherwise. Nothing of this is done while a
request is answered, only when somebody looks at a record of it or a line of the log is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import orjson
from yarl import URL

MASK: Final = "***"

TOKEN_PREFIX: Final = "ory_at_"
"""concepts.md §1.1 [E]: a real token began like this."""

SHOWN: Final = 8
"""Characters of a token after its prefix: two tokens can be told apart, neither can be used."""

SHORTEST: Final = 8
"""Characters of a secret that is looked for by its value: ``test`` would be found in half of all texts."""

_TOKEN_BEGINS: Final = TOKEN_PREFIX.encode()
_CUT: Final = re.compile(r"(?i)(?:_|%5f)at(?:_|%5f)[^\s/&]+\.\.\.")
_ESCAPES: Final = re.compile(rb'(?:\\(?:u[0-9a-fA-F]{4}|["\\/]))+')


def masked_tokens(text: str) -> str:
    """``text`` with every access token in it cut to its beginning; in ASCII, so that a path stays one."""
    return _token().sub(r"\1...", text)


def is_masked(text: str) -> bool:
    """Whether something was hidden in a text; also where somebody sent three stars."""
    return MASK in text or _CUT.search(text) is not None


def _read(content: bytes) -> bytes:
    """``content`` with the characters that URLs, forms and JSON have spelled in it: where a secret would be seen."""
    if b"%" in content:
        content = unquote_to_bytes(content)
    return _ESCAPES.sub(_unescaped, content) if b"\\" in content else content


def _unescaped(escapes: re.Match[bytes]) -> bytes:
    try:
        text: str = orjson.loads(b'"%s"' % escapes[0])
    except ValueError:  # half of a character
        return escapes[0]
    return text.encode()


def masked_url(url: str) -> str:
    """A URL for a line of the log: without user info, query and fragment, where receivers have their secrets."""
    try:
        found = URL(url, encoded=True)
        return str(found.origin()) + masked_tokens(found.raw_path)
    except ValueError:
        return MASK


class Secrets:
    """Values to hide. Those that are too short to be secrets, or are public (``but``), are left as they are."""

    __slots__ = ("_values",)

    def __init__(self, values: Iterable[str | None] = (), *, but: str = "") -> None:
        self._values = tuple(value for value in values if value and len(value) >= SHORTEST and value != but)

    def hide(self, text: str) -> str:
        """``text`` with :data:`MASK` in the place of each value, however encoded, and without the ends of tokens."""
        return self._hidden(text) if self._found(text.encode("utf-8", "surrogatepass")) else text

    def hide_in(self, content: bytes) -> bytes:
        """The same for bytes, which need be no text."""
        if not self._found(content):
            return content
        return self._hidden(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def hide_deep(self, value: Any) -> Any:
        """The same for JSON: every text in it, names of members too."""
        if isinstance(value, str):
            return self.hide(value)
        if isinstance(value, dict):
            return {self.hide_deep(name): self.hide_deep(entry) for name, entry in value.items()}
        return [self.hide_deep(entry) for entry in value] if isinstance(value, list) else value

    def _found(self, content: bytes) -> bool:
        """Whether there is something to hide. Most texts are passed over at the speed of a memory search."""
        read = _read(content)
        if _TOKEN_BEGINS in content or _TOKEN_BEGINS in read:
            return True
        for value in self._values:
            sought = value.encode("utf-8", "surrogatepass")
            if sought in content or sought in read:
                return True
            if b" " in sought and b"+" in content and sought in _read(content.replace(b"+", b" ")):
                return True
        return False

    def _hidden(self, text: str) -> str:
        for value in self._values:
            text = _spelled(value).sub(MASK, text)
        return masked_tokens(text)


@lru_cache(maxsize=1)
def _token() -> re.Pattern[str]:
    """A token, its beginning as a group; of its characters too, each may be spelled as it likes."""
    hexadecimal = "(?:2[dDeE]|3[0-9]|[46][1-9a-fA-F]|[57][0-9aA]|5[fF]|7[eE])"
    character = rf"(?:[\w~.-]|(?:%|\\u00){hexadecimal})"
    last = rf"(?:[\w~-]|(?:%|\\u00){hexadecimal})"  # no full stop: that ends a sentence
    prefix = "".join(map(_character, TOKEN_PREFIX))
    return re.compile(f"({prefix}{character}{{{SHOWN}}}){character}*{last}", re.ASCII)


@lru_cache(maxsize=1_000)
def _spelled(value: str) -> re.Pattern[str]:
    """``value`` in every way that URLs, forms and JSON spell its characters."""
    return re.compile("".join(map(_character, value)))


def _character(character: str) -> str:
    percent = "".join(f"%{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))
    units = character.encode("utf-16-be", "surrogatepass")
    escaped = "".join(rf"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
    ways = [re.escape(character), f"(?i:{percent})", f"(?i:{escaped})"]
    ways += ["\\\\" + re.escape(character)] if character in '"\\/' else []
    ways += [r"\+"] if character == " " else []
    return f"(?:{'|'.join(ways)})"
